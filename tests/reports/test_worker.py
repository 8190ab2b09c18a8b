"""The whole way with a real worker on a real broker."""

import json
import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.services import send_invitation
from kernel.events import counted
from kernel.jobs import enqueue
from reports.models import About, Rendition, RenditionRequest
from reports.services.requesting import RENDER, request_rendition, request_renditions
from reports.tasks import sweep_renditions
from tests.factories import UserFactory
from tests.reports.conftest import wait_for

pytestmark = pytest.mark.sqlite


@pytest.fixture
def report_of_the_worker(transactional_db, request):
    return request.getfixturevalue("signed")


def test_a_request_becomes_a_document(celery_worker, report_of_the_worker):
    rendition = request_rendition(
        About(report_of_the_worker), language="es", audience="donor", by=None
    )

    done = wait_for(rendition)

    assert done.is_ready
    assert default_storage.exists(done.file.name)
    assert default_storage.size(done.file.name) == done.size


@pytest.mark.deep(part="workers")
def test_what_a_killed_worker_left_is_done_once_by_the_next(
    celery_worker, report_of_the_worker, settings
):
    renditions = request_renditions(
        About(report_of_the_worker), ["fr", "es", "en"], audience="donor", by=None
    )
    _wait_until_one_is_working()
    celery_worker.kill()
    # Its lease would run out in a minute; what is tested is that the row is taken up again.
    Rendition.objects.filter(state="working").update(lease_until="2020-01-01T00:00Z")
    celery_worker.start()
    sweep_renditions()

    done = [wait_for(rendition) for rendition in renditions]

    assert [one.state for one in done] == ["ready"] * 3
    assert len({one.file.name for one in done}) == 3


@pytest.mark.deep(part="workers")
def test_who_waited_is_told_once_though_the_worker_was_killed(celery_worker, report_of_the_worker):
    renditions = request_renditions(
        About(report_of_the_worker),
        ["fr", "es"],
        audience="donor",
        by=report_of_the_worker.written_by,
    )
    before = timezone.now() - timedelta(seconds=11)
    RenditionRequest.objects.update(requested_at=before)
    _wait_until_one_is_working()
    celery_worker.kill()
    Rendition.objects.filter(state="working").update(lease_until="2020-01-01T00:00Z")
    celery_worker.start()
    for _ in range(3):
        sweep_renditions()

    for rendition in renditions:
        wait_for(rendition)
    sweep_renditions()

    assert RenditionRequest.objects.filter(told_at=None).count() == 0
    mail = OutgoingMail.objects.get(key__startswith="documents:")
    assert mail.person == report_of_the_worker.written_by


def _wait_until_one_is_working():
    for _ in range(300):
        if Rendition.objects.filter(state="working").exists():
            return
        time.sleep(0.05)
    raise AssertionError("The worker took nothing up.")


@pytest.mark.deep(part="workers")
def test_mail_goes_out_within_a_minute_though_fifty_documents_wait(
    celery_worker, mailer, report_of_the_worker, settings
):
    settings.MAIL_BY_WORKER = True
    about = About(report_of_the_worker)
    first = request_rendition(about, language="es", audience="donor", by=None)
    for number in range(49):
        other = Rendition.objects.create(
            snapshot=first.snapshot,
            language="es",
            audience="donor",
            is_draft=first.is_draft,
            renderer=f"copy {number}",
        )
        enqueue(RENDER, other.pk)
    _wait_until_one_is_working()

    began = time.monotonic()
    send_invitation(UserFactory(email="member@example.org"))

    mail = OutgoingMail.objects.get(address="member@example.org")
    while not mail.sent_at and time.monotonic() < began + 60:
        time.sleep(0.1)
        mail.refresh_from_db()
    assert mail.sent_at
    assert Rendition.objects.in_hand().count() > 25


@pytest.mark.deep(part="workers")
def test_the_id_of_a_request_reaches_the_worker(report_of_the_worker, monkeypatch, request):
    monkeypatch.setenv("LOG_FORMAT", "json")
    celery_worker = request.getfixturevalue("celery_worker")
    with counted("from-the-proxy-1"):
        rendition = request_rendition(
            About(report_of_the_worker), language="fr", audience="donor", by=None
        )
    assert wait_for(rendition).is_ready
    celery_worker.stop()

    found = [
        json.loads(line)
        for line in celery_worker.log.read_text().splitlines()
        if line.startswith("{")
    ]
    (line,) = [one for one in found if one["request_id"] == "from-the-proxy-1"]
    assert (line["task"], line["state"]) == ("reports.tasks.render_rendition", "SUCCESS")
    assert line["statements"] > 5
    assert line["ms"] > 1
