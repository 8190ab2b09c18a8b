"""All of a project in one archive: what is in it, who gets it, and what becomes of its file."""

import csv
import hashlib
import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent, OutgoingMail
from kernel.jobs import Job
from partners.models import Contact
from projects.models import IatiPublication, Participation
from reports.models import Archive, DocumentKind
from reports.services.archiving import request_archive, retry_archive, write_archive
from reports.tasks import make_archive, sweep_renditions
from tests.reports.conftest import stored_files
from tests.reports.shelves import final_document, ready_file, standing_report

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def told(world):
    """A published report for two audiences, a plan and a record of decisions that stand."""
    report = standing_report(world)
    for language in ("fr", "es"):
        for audience in ("donor", "partners"):
            ready_file(report.snapshot, language, audience)
    type(world.plan).objects.filter(pk=world.plan.pk).update(
        status="in_execution", validated_by=world.decision
    )
    final_document(world.plan)
    final_document(world.meeting, DocumentKind.RECORD)
    final_document(world.meeting, DocumentKind.RECORD, audience="coordination")
    publication = IatiPublication(project=world.project, size=9, sha256="0" * 64)
    publication.file.save("a.xml", ContentFile(b"<public/>"), save=False)
    publication.save()
    return report


def archived(world, role, language="en") -> Archive:
    archive = request_archive(world.project, by=world.people[role], language=language)
    make_archive(archive.pk)
    archive.refresh_from_db()
    return archive


def opened(archive) -> dict[str, bytes]:
    with archive.file.open() as file, zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def index_of(files) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))


def test_the_donor_gets_what_it_may_see_under_neutral_names(world, told):
    archive = archived(world, "donor")

    assert sorted(opened(archive)) == [
        "SHA256SUMS",
        "action-plan/plan-1-v1-fr.pdf",
        "data/data.xlsx",
        "data/iati.xml",
        "index-es.html",
        "index-fr.html",
        "index.csv",
        "index.html",
        "record-of-decisions/record-of-decisions-1-fr.pdf",
        "reports/report-1-v1-es.pdf",
        "reports/report-1-v1-fr.pdf",
    ]
    assert archive.files == 11


def test_the_index_equals_the_content(world, told):
    files = opened(archived(world, "donor"))
    rows = index_of(files)

    assert {row["File"]: (row["Size in bytes"], row["SHA-256"]) for row in rows} == {
        name: (str(len(content)), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
        if not name.startswith(("index", "SHA256SUMS"))
    }
    report = next(row for row in rows if row["File"] == "reports/report-1-v1-es.pdf")
    assert (report["Version"], report["Language"], report["Pages"]) == ("1", "es", "14")
    assert report["Verification code"] == told.snapshot.code


def test_a_partner_gets_no_file_that_is_for_others(world, told):
    files = opened(archived(world, "partner"))

    assert sorted(files) == [
        "SHA256SUMS",
        "data/data.xlsx",
        "data/iati.xml",
        "index-es.html",
        "index-fr.html",
        "index.csv",
        "index.html",
        "reports/report-1-v1-es.pdf",
        "reports/report-1-v1-fr.pdf",
    ]
    assert files["reports/report-1-v1-fr.pdf"].endswith(b"fr partners")
    assert not [name for name, content in files.items() if b" donor" in content]


def test_a_report_that_was_only_submitted_is_the_donors(world):
    report = standing_report(world, status="submitted")
    ready_file(report.snapshot)

    assert "reports/report-1-v1-fr.pdf" in opened(archived(world, "donor"))
    assert "reports/report-1-v1-fr.pdf" not in opened(archived(world, "partner"))


def test_the_same_content_is_the_same_bytes(world, told):
    first = archived(world, "donor")
    Archive.objects.filter(pk=first.pk).update(state="cancelled", attempt=0)
    retry_archive(Archive.objects.get(pk=first.pk))
    make_archive(first.pk)

    second = Archive.objects.get(pk=first.pk)
    assert second.file.name != first.file.name
    assert second.sha256 == first.sha256
    assert second.size == default_storage.size(second.file.name)


def test_the_same_request_joins_the_one_under_way(world, told, django_capture_on_commit_callbacks):
    donor = world.people["donor"]
    with django_capture_on_commit_callbacks() as queued:
        first = request_archive(world.project, by=donor, language="fr")
        second = request_archive(world.project, by=donor, language="fr")

    assert first == second
    assert len(queued) == 2
    other = request_archive(world.project, by=world.people["embassy"], language="fr")
    assert other != first


def test_who_asks_again_gets_what_is_new(world, told):
    first = archived(world, "donor")
    ready_file(told.snapshot, "en")

    second = archived(world, "donor")

    assert second.files == first.files + 1
    assert Archive.objects.count() == 1


# Who gets it


def download(client, world, archive, role):
    client.force_login(world.people[role])
    return client.get(reverse("reports:archive-download", args=[archive.pk]))


def test_its_owner_downloads_it_and_that_is_logged(client, world, told):
    archive = archived(world, "donor")

    answer = download(client, world, archive, "donor")

    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == archive.sha256
    assert answer["Content-Type"] == "application/zip"
    assert 'filename="HN-1 Reports en.zip"' in answer["Content-Disposition"]
    event = AccessEvent.objects.about(world.project).get(kind="download")
    assert event.details == {"document": "archive", "language": "en", "files": archive.files}


@pytest.mark.parametrize("role", ["administrator", "coordinator", "embassy", "partner", "outsider"])
def test_nobody_else_gets_it(client, world, told, role):
    archive = archived(world, "donor")

    assert download(client, world, archive, role).status_code == 404
    for name in ("status", "download"):
        assert client.get(reverse(f"reports:archive-{name}", args=[archive.pk])).status_code == 404
    for name in ("cancel", "retry"):
        assert client.post(reverse(f"reports:archive-{name}", args=[archive.pk])).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, world, told):
    archive = archived(world, "donor")

    answer = client.get(reverse("reports:archive-download", args=[archive.pk]))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url


def test_who_left_the_donor_gets_it_no_more(client, world, told):
    archive = archived(world, "donor")
    Contact.objects.filter(user=world.people["donor"]).update(ended_on=timezone.localdate())

    assert download(client, world, archive, "donor").status_code == 404


def test_who_is_a_mere_partner_now_does_not_get_the_donors_archive(client, world, told):
    archive = archived(world, "donor")
    world.project.participations.filter(role=Participation.Role.FUNDING).update(role="partner")

    assert download(client, world, archive, "donor").status_code == 404
    page = client.get(reverse("projects:reports", args=[world.project.code]))
    assert page.context["edition"]["archive"] is None


def test_one_whose_report_is_seen_no_more_is_withheld(client, world, told):
    archive = archived(world, "donor")
    type(told).objects.filter(pk=told.pk).update(status="signed_off")

    assert download(client, world, archive, "donor").status_code == 404


def test_an_archive_of_who_sees_the_project_no_more_is_not_made(world, told, settings):
    archive = request_archive(world.project, by=world.people["donor"], language="en")
    Contact.objects.filter(user=world.people["donor"]).update(ended_on=timezone.localdate())

    make_archive(archive.pk)

    archive.refresh_from_db()
    assert archive.state == Job.State.CANCELLED
    assert not [name for name in stored_files(settings) if name.endswith(".zip")]


# The work


def test_a_file_that_the_storage_lost_stops_nothing(world, told):
    lost = told.snapshot.renditions.get(language="es", audience="donor")
    default_storage.delete(lost.file.name)

    files = opened(archived(world, "donor"))

    assert "reports/report-1-v1-es.pdf" not in files
    row = next(row for row in index_of(files) if row["File"] == "reports/report-1-v1-es.pdf")
    assert (row["Size in bytes"], row["SHA-256"]) == (
        "",
        "This file is missing; tell the coordination.",
    )


def test_what_is_cancelled_is_not_published(world, told, settings):
    archive = request_archive(world.project, by=world.people["donor"], language="en")
    claimed = Archive.objects.claim(archive.pk, lease=LEASE)
    archive.cancel()

    write_archive(claimed)

    archive.refresh_from_db()
    assert archive.state == Job.State.CANCELLED
    assert not [name for name in stored_files(settings) if name.endswith(".zip")]


def test_what_a_dead_worker_left_is_rung_for_and_done_once(
    world, told, django_capture_on_commit_callbacks
):
    archive = request_archive(world.project, by=world.people["donor"], language="en")
    dead = Archive.objects.claim(archive.pk, lease=timedelta(seconds=-1))
    with django_capture_on_commit_callbacks() as queued:
        sweep_renditions()
    assert len(queued) == 1

    make_archive(archive.pk)
    write_archive(dead)  # it was only slow

    archive.refresh_from_db()
    assert (archive.state, archive.attempt) == ("ready", 2)


def test_who_waited_long_has_a_message(world, told, django_capture_on_commit_callbacks):
    archive = request_archive(world.project, by=world.people["donor"], language="en")
    Archive.objects.update(requested_at=timezone.now() - timedelta(seconds=11))
    with django_capture_on_commit_callbacks(execute=True):
        make_archive(archive.pk)

    [message] = mail.outbox
    assert message.to == [world.people["donor"].email]
    assert reverse("projects:reports", args=[world.project.code]) in message.body
    assert world.project.code not in message.subject


def test_who_did_not_wait_has_none(world, told):
    archived(world, "donor")

    assert not OutgoingMail.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)  # files go once the database has forgotten their rows
def test_archives_pass_after_some_days_and_their_files_with_them(world, told, settings):
    archive = archived(world, "donor")
    young = archived(world, "embassy")
    Archive.objects.filter(pk=archive.pk).update(
        requested_at=timezone.now() - timedelta(days=Archive.DAYS_KEPT, minutes=1)
    )
    _make_files_old(settings)
    cache.clear()

    sweep_renditions()

    assert list(Archive.objects.all()) == [young]
    left = [name for name in stored_files(settings) if name.endswith(".zip")]
    assert left == [young.file.name.rpartition("/")[2]]


def _make_files_old(settings):
    then = (timezone.now() - timedelta(hours=2)).timestamp()
    for path in Path(settings.MEDIA_ROOT).rglob("*.zip"):
        os.utime(path, (then, then))
