"""One run of `bench/chaos.py`, on the database and broker of the environment.

The last line on standard output is what happened, as JSON.
"""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlparse

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django comes first)
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from pypdf import PdfWriter  # noqa: E402

from accounts.models import OutgoingMail  # noqa: E402
from committees.models import Document  # noqa: E402
from ibcr_portal.celery import app  # noqa: E402
from ibcr_portal.management.commands.portal import BEAT, WORKER  # noqa: E402
from ibcr_portal.periodic_tasks import QUEUES  # noqa: E402
from ibcr_portal.processes import Child  # noqa: E402
from kernel.jobs import Job  # noqa: E402
from reports.kinds import kind_of  # noqa: E402
from reports.models import (  # noqa: E402
    About,
    Rendition,
    RenditionRequest,
    Report,
    ReportPreset,
    Section,
)
from reports.presets import DEFAULT  # noqa: E402
from reports.services.requesting import (  # noqa: E402
    RENDER,
    request_rendition,
    took_long,
)
from scripts.services import answers, dies_with_parent, redis_program  # noqa: E402
from tests.reports.papers import Papers  # noqa: E402

DOCUMENTS = int(os.environ.get("CHAOS_DOCUMENTS", "100"))
WORKERS, KILLS = 2, DOCUMENTS // 5
# After how many finished documents the messages are lost, and Redis is killed.
FLUSH_AT = [DOCUMENTS * 40 // 100, DOCUMENTS * 75 // 100]
BROKER_KILL_AT = [DOCUMENTS * 25 // 100, DOCUMENTS * 60 // 100]
KILL_AT = range(2, 2 + 4 * KILLS, 4)


class FolderBroker:
    """The broker of the embedded portal: a folder of messages, with no server to kill."""

    def flush(self) -> None:
        for message in (Path(settings.VAR) / "queue" / "messages").iterdir():
            message.unlink(missing_ok=True)


class RedisBroker:
    def __init__(self, url: str) -> None:
        port = urlparse(url).port
        assert port is not None  # `bench/chaos.py` writes the address with its port
        self.port = port
        self.start()

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [redis_program(), *options, "--dir", str(settings.VAR)],
            stdout=subprocess.DEVNULL,
            preexec_fn=dies_with_parent(),
        )
        while not answers(self.port):
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        time.sleep(2)
        self.start()

    def flush(self) -> None:
        with app.connection_for_write() as connection:
            connection.default_channel.client.flushall()


class Workers:
    """Some workers; the one that is at work is killed, and another takes its place."""

    def __init__(self) -> None:
        self.log = (Path(settings.VAR) / "workers.log").open("w")
        self.all = [self.new() for _ in range(WORKERS)]
        self.dead: list[tuple[Child, list[int]]] = []

    def new(self) -> Child:
        return Child(*WORKER, f"--queues={','.join(QUEUES)}", stdout=self.log, stderr=self.log)

    def kill_one(self) -> bool:
        """kill -9 of a worker in the middle of a document; False: none is."""
        busy = [worker for worker in self.all if children(worker.process.pid)]
        if not busy:
            return False
        worker = random.choice(busy)
        renderers = children(worker.process.pid)
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        self.dead.append((worker, renderers))
        self.all[self.all.index(worker)] = self.new()
        return True

    def left_behind(self) -> int:
        """Renderers that outlived their worker."""
        return sum(is_renderer(pid) for _worker, pids in self.dead for pid in pids)

    def stop(self) -> None:
        for worker in [*self.all, *(worker for worker, _pids in self.dead)]:
            worker.kill()
        self.log.close()


def children(parent: int) -> list[int]:
    with suppress(OSError):
        tasks = Path(f"/proc/{parent}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    return []


def is_renderer(pid: int) -> bool:
    """One that ended has no command line any more, also before it is forgotten."""
    with suppress(OSError):
        return b"reports.fork_server" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def request_documents() -> list[int]:
    """Real ones, each asked for by a person and its message sent three times."""
    papers = Papers()
    papers.seal()
    give_papers(papers)
    report = Report.objects.create(
        project=papers.year.project,
        period=papers.year,
        preset=ReportPreset.objects.get(key=DEFAULT),
        written_by=papers.coordinator,
    )
    for language, _name in settings.LANGUAGES:
        Section.objects.create(
            report=report,
            kind=Section.Kind.SUMMARY,
            language=language,
            text="Une année **utile**.\n\n" * 40,
            version=1,
            updated_by=papers.coordinator,
        )
    real = [*papers.abouts(), About(report)]
    wanted = [
        (about, audience, language)
        for about in real
        for audience in kind_of(about).audiences
        for language, _name in settings.LANGUAGES
    ]
    random.Random(1).shuffle(wanted)
    requested: list[int] = []
    for about, audience, language in wanted[:DOCUMENTS]:
        rendition = request_rendition(
            about, language=language, audience=str(audience), by=papers.coordinator
        )
        requested.append(rendition.pk)
    enqueue(requested * 2)
    return requested


def give_papers(papers: Papers) -> None:
    """Files of the next meeting, to be appended to its pack."""
    papers.next.documents.all().delete()
    writer, target = PdfWriter(), io.BytesIO()
    for _page in range(5):
        writer.add_blank_page(595, 842)
    writer.write(target)
    content = target.getvalue()
    for number in range(3):
        paper = Document(
            committee=papers.committee,
            meeting=papers.next,
            title=f"Note {number}",
            original_name="note.pdf",
            kind="pdf",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        paper.file.save("x", ContentFile(content), save=False)
        paper.save()


def enqueue(documents: list[int]) -> None:
    for pk in documents:
        app.tasks[RENDER].delay(pk)


def cause_chaos(
    broker: FolderBroker | RedisBroker, workers: Workers, seconds: float
) -> dict[str, int]:
    """Until all is done, or nothing is for that long: kill and lose at the moments above."""
    happened = {"kills": 0, "broker_kills": 0, "flushes": 0, "twice": 0}
    published: dict[int, str] = {}
    last_news = time.monotonic()
    while Rendition.objects.in_hand().exists() and time.monotonic() < last_news + seconds:
        before = len(published)
        happened["twice"] += look(published)
        done = len(published)
        if done > before:
            last_news = time.monotonic()
        if done // 10 > before // 10:
            print(f"  {done} documents, {happened}", file=sys.stderr, flush=True)
        if happened["kills"] < KILLS and done >= KILL_AT[happened["kills"]]:
            happened["kills"] += workers.kill_one()
        if happened["flushes"] < len(FLUSH_AT) and done >= FLUSH_AT[happened["flushes"]]:
            broker.flush()
            happened["flushes"] += 1
        due = BROKER_KILL_AT[happened["broker_kills"] :]
        if isinstance(broker, RedisBroker) and due and done >= due[0]:
            broker.kill()
            happened["broker_kills"] += 1
        time.sleep(0.1)

    look(published)
    enqueue(list(published))  # once more for all that is done
    time.sleep(3)
    happened["twice"] += look(published)
    return happened


def look(published: dict[int, str]) -> int:
    """Remember what is ready, and count what was ready and is another now."""
    changed = 0
    for pk, name, sha256 in Rendition.objects.ready().values_list("pk", "file", "sha256"):
        changed += published.setdefault(pk, f"{name} {sha256}") != f"{name} {sha256}"
    return changed


def is_whole(rendition: Rendition) -> bool:
    name = rendition.file.name
    if rendition.state != Job.State.READY or not name or not default_storage.exists(name):
        return False
    content = rendition.file.read()
    return hashlib.sha256(content).hexdigest() == rendition.sha256 and content.startswith(b"%PDF")


def main(seconds: float) -> dict[str, int]:
    broker = RedisBroker(settings.REDIS_URL) if settings.REDIS_URL else FolderBroker()
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    Path(settings.CELERY_BEAT_SCHEDULE_FILENAME).parent.mkdir(parents=True, exist_ok=True)
    requested = request_documents()
    started = time.monotonic()
    workers = Workers()
    beat = Child(*BEAT, stdout=workers.log, stderr=workers.log)
    try:
        happened = cause_chaos(broker, workers, seconds)
        left_behind = workers.left_behind()
    finally:
        beat.kill()
        workers.stop()
    documents = list(Rendition.objects.filter(pk__in=requested))
    once = sum(is_whole(rendition) for rendition in documents)
    requests = list(RenditionRequest.objects.select_related("rendition"))
    letters = OutgoingMail.objects.filter(key__startswith="documents:").count()
    stored = list((Path(settings.MEDIA_ROOT)).rglob("*.pdf"))
    return happened | {
        "documents": DOCUMENTS,
        "kills_meant": KILLS,
        "lease": settings.LEASE_SECONDS,
        "once": once,
        "lost": DOCUMENTS - once,
        "messages": 4 * DOCUMENTS,
        "letters": letters,
        "untold": sum(request.told_at is None for request in requests),
        "letters_meant": sum(took_long(request) for request in requests),
        "attempts": sum(rendition.attempt for rendition in documents),
        "left_behind": left_behind,
        "unowned": len(stored) - once,
        "seconds": round(time.monotonic() - started),
    }


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]))))
