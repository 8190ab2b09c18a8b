"""Faults that concern one subject: uploads, messages, the disk of one machine, restoring, updating."""

import hashlib
import io
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.cache import cache
from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import OutgoingMail
from bench.cluster import MailServer, wait_for
from bench.fault_names import AWAY, NAMES
from bench.faults import Row, Trial
from bench.trial import PATIENCE, invited, made, patiently, unfinished
from bench.visitor import HOST
from kernel.jobs import Job
from kernel.storage import DiskStorage
from projects.models import Evidence
from reports.models import FOLDER, Rendition
from reports.services import sweeping
from tests.factories import ActivityFactory

UPLOADED = {"title": "Day", "language": "en", "consent": "none", "audience": "team"}


# Uploads


def web_killed(trial: Trial) -> Row:
    """A photograph is half sent when the web server dies; it is sent again."""
    host = trial.cluster.hosts[0]
    activity = made(ActivityFactory, project=trial.ground.papers.project)
    path = f"/projects/{activity.project.code}/activities/{activity.pk}/evidence/new/"
    before = Evidence.objects.count()
    connection = half_sent(trial, path)
    time.sleep(1)  # it waits for the rest
    host.kill("web")
    began = time.monotonic()
    answer = b""
    with suppress(OSError):
        answer = connection.recv(100)
    seen = (
        "the connection breaks off; the browser says so"
        if not answer
        else answer.split(b"\r\n")[0].decode()
    )
    again = trial.visitor.upload(
        path, {"upload": ("day.jpg", photograph())}, **UPLOADED | {"no_victim_data": "on"}
    )
    took = time.monotonic() - began
    kept = list(Evidence.objects.filter(activity=activity))
    with kept[0].file.open() as file:
        is_whole = hashlib.sha256(file.read()).hexdigest() == kept[0].sha256
    host.start("web")
    host.wait(["web"])
    sound = (
        again.status == 302
        and len(kept) == 1
        and is_whole
        and before + 1 == Evidence.objects.count()
    )
    return Row(
        NAMES["upload"],
        seen,
        f"sent again after {took:.0f} s, answered by {again.web} ({again.status})",
        f"{len(kept)} file, {'whole' if is_whole else 'damaged'}; nothing of the half one",
        sound,
    )


def half_sent(trial: Trial, path: str) -> socket.socket:
    """Begin to send a photograph straight to the first host."""
    host = trial.cluster.hosts[0]
    connection = socket.create_connection((host.cable.address, host.port), timeout=30)
    cookies = "; ".join(f"{name}={text}" for name, text in trial.visitor.cookies.items())
    connection.sendall(
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookies}\r\nX-Forwarded-Proto: https\r\n"
        f"X-Forwarded-For: 10.77.0.9\r\nReferer: https://{HOST}/\r\n"
        f"X-CSRFToken: {trial.visitor.token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: 9000000\r\n\r\n".encode()
        + b'--x\r\nContent-Disposition: form-data; name="upload"; filename="day.jpg"\r\n\r\n'
        + b"0" * 4_000_000
    )
    return connection


def photograph() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(drawn, "JPEG")
    return drawn.getvalue()


# Messages


def mail_away(trial: Trial) -> Row:
    cluster = trial.cluster
    before = len(cluster.mail.messages)
    cluster.mail.shutdown()
    cluster.mail.server_close()
    people = invited(3)
    page = trial.visitor.get("/projects/")
    time.sleep(AWAY)
    messages = cluster.mail.messages
    cluster.mail = MailServer(cluster.network.hub, cluster.mail_port)
    cluster.mail.messages = messages
    began = time.monotonic()
    waiting = OutgoingMail.objects.filter(person__in=people, sent_at=None)
    while waiting.exists() and time.monotonic() < began + PATIENCE:
        time.sleep(0.3)
    took = time.monotonic() - began
    time.sleep(2)
    arrived = [
        sum(f"To: {person.email}" in message for message in cluster.mail.messages[before:])
        for person in people
    ]
    return Row(
        NAMES["mail"],
        f"nothing (page {page.status}); messages wait",
        f"messages {took:.0f} s",
        f"{sum(map(bool, arrived))} of {len(people)} messages arrived, {sum(n > 1 for n in arrived)} twice",
        arrived == [1, 1, 1],
    )


# The disk of one machine


@contextmanager
def one_host_with_a_disk(trial: Trial, media: Path) -> Iterator[DiskStorage]:
    """The first host alone, with its files in a folder, as in an installation on one machine."""
    first = trial.cluster.hosts[0]
    for host in trial.cluster.hosts:
        host.kill()
    media.mkdir(exist_ok=True)
    patiently(trial.ground.forget)
    first.more = {"STORAGE_URL": "", "MEDIA_ROOT": str(media)}
    first.start("web", "worker", "mailer", "beat")
    first.wait()
    try:
        yield DiskStorage(location=media)
    finally:
        first.kill()
        first.more = {}
        patiently(trial.ground.forget)
        for host in trial.cluster.hosts:
            host.start("web", "worker", "mailer", "beat")
        for host in trial.cluster.hosts:
            host.wait()


def disk_rows(trial: Trial) -> list[Row]:
    media = trial.cluster.folder / "disk"
    media.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(media)]
    is_small = trial.cluster.network.has_namespaces and not subprocess.run(mounted).returncode
    try:
        with one_host_with_a_disk(trial, media) as storage:
            full = (
                disk_full(trial, media)
                if is_small
                else Row(NAMES["full"], "not played: no namespaces here", "–", "–", False)
            )
            return [full, half_written(trial, storage), wrong_order(trial, storage)]
    finally:
        if is_small:
            subprocess.run(["umount", "-l", str(media)])


def disk_full(trial: Trial, media: Path) -> Row:
    activity = made(ActivityFactory, project=trial.ground.papers.project)
    path = f"/projects/{activity.project.code}/activities/{activity.pk}/evidence/new/"
    # The portal makes these by itself; a person asks for the others, and may press “Try again”.
    final = Rendition.objects.filter(snapshot__is_final=True).exclude(pk=trial.kept)
    patiently(final.delete)
    filler = filled(media)
    for _ in range(3):
        trial.ground.ask(trial.visitor)
    wait_for(lambda: sweeping.failed().exists(), "final documents", PATIENCE)
    wait_for(lambda: not unfinished(), "failures", PATIENCE)
    upload = trial.visitor.upload(
        path, {"upload": ("day.jpg", photograph())}, **UPLOADED | {"no_victim_data": "on"}
    )
    refused = "kept" if "disk is full" in upload.text else f"not refused in words ({upload.status})"
    failed = Rendition.objects.filter(state=Job.State.FAILED)
    states = {row.failure: row for row in failed.all()}
    seen = f"documents: {'; '.join(f'“{row.get_failure_display()}”' for row in states.values())}"
    count = failed.count()
    filler.unlink()
    began = time.monotonic()
    wait_for(
        lambda: not sweeping.failed().exists() and not unfinished(), "final documents", PATIENCE
    )
    took = time.monotonic() - began
    for row in failed.all():
        trial.visitor.post(f"/documents/{row.pk}/retry/")
    wait_for(lambda: not unfinished(), "documents", PATIENCE)
    ready = Rendition.objects.ready().count()
    return Row(
        NAMES["full"],
        f"{seen}; upload: the form says that the disk is full, what was typed is {refused}",
        f"final documents {took:.0f} s; those that a person asked for by “Try again”",
        f"{ready} of {Rendition.objects.count()} documents ({count} had failed); no half file",
        not failed.exists() and set(states) == {"disk_full"} and refused == "kept",
    )


def filled(folder: Path) -> Path:
    """Return a file that takes all the room that the disk of this folder has."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(b"0" * 4096)
            file.flush()
    return filler


def one_on(storage: DiskStorage) -> tuple[Rendition, Path]:
    """Return a document whose file is in this folder: those from before are in the bucket."""
    for row in Rendition.objects.ready().order_by("-finished_at"):
        path = Path(storage.location) / str(row.file.name)
        if path.exists():
            return row, path
    raise SystemExit("No document is on the disk.")


def half_written(trial: Trial, storage: DiskStorage) -> Row:
    """A file of which the disk has lost the end; the portal writes none itself (kernel.storage)."""
    row, path = one_on(storage)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    answer = trial.visitor.get(f"/documents/{row.pk}/download/")
    path.write_bytes(whole)
    again = trial.visitor.get(f"/documents/{row.pk}/download/")
    return Row(
        NAMES["half"],
        f"download: {answer.sentence}",
        "not: the file comes back from the backup, and is then sent",
        "half a document is never sent; the rest of the portal goes on",
        (answer.status, again.status, again.content) == (404, 200, whole),
    )


def wrong_order(trial: Trial, storage: DiskStorage) -> Row:
    """Files that this database does not name yet, and rows whose files are not there yet."""
    old = time.time() - 2 * 3600
    contents = [f"%PDF signed {number}".encode() for number in range(5)]
    for number, content in enumerate(contents):
        name = storage.save(f"{FOLDER}/restored-{number}.pdf", ContentFile(content))
        os.utime(Path(storage.location) / name, (old, old))
    row, path = one_on(storage)
    aside = path.rename(path.with_name("not-restored-yet"))
    answer = trial.visitor.get(f"/documents/{row.pk}/download/")
    forget_last_sweep()
    began = time.monotonic()
    names = [f"{FOLDER}/restored-{number}.pdf" for number in range(5)]
    while all(map(storage.exists, names)) and time.monotonic() < began + 50:
        time.sleep(0.5)
    time.sleep(2)
    kept = {path.read_bytes() for path in Path(storage.location).rglob("*") if path.is_file()}
    left = sum(content in kept for content in contents)
    if aside.exists():
        aside.rename(path)
    again = trial.visitor.get(f"/documents/{row.pk}/download/")
    return Row(
        NAMES["restore"],
        f"download: {answer.sentence}",
        f"once the rest is restored (download {again.status})",
        f"{left} of {len(contents)} files without a row are still there after the sweep",
        left == len(contents) and again.status == 200,
    )


def forget_last_sweep() -> None:
    """Files are swept once an hour."""
    cache.delete("reports:files-swept")
