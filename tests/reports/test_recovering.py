"""What failed is made again without a person: killed renderers, a full disk, missing libraries."""

import os
import signal
import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import OutgoingMail
from kernel.jobs import Job
from reports.models import About, Archive, Rendition
from reports.services.archiving import request_archive
from reports.services.requesting import request_rendition
from reports.services.sweeping import needing_a_person, pause_of, recover
from reports.tasks import enqueue_documents, make_archive, render_rendition
from tests.factories import UserFactory
from tests.reports.conftest import wait_for
from tests.reports.killing import children, renderers_killed

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def rendition(signed_briefly):
    """A final document that the portal requests by itself."""
    return request_rendition(About(signed_briefly), language="fr", audience="donor", by=None)


def copies(rendition, number, **facts):
    return [
        Rendition.objects.create(
            snapshot=rendition.snapshot,
            language="fr",
            audience="donor",
            is_draft=rendition.is_draft,
            renderer=f"copy {one} {sorted(facts)}",
            **facts,
        )
        for one in range(number)
    ]


def state_of(rendition):
    rendition.refresh_from_db()
    return rendition.state, rendition.failure, rendition.attempt


def due_now():
    Rendition.objects.update(next_attempt_at=timezone.now())


# Workers that died


@pytest.mark.parametrize(("hours", "expected"), [(1, "queued"), (25, "failed")])
def test_what_a_person_asked_for_is_tried_again_after_its_workers_died(
    signed_briefly, hours, expected
):
    asked = request_rendition(
        About(signed_briefly), language="fr", audience="donor", by=UserFactory()
    )
    ago = timezone.now() - timedelta(hours=hours)
    died = {"state": "failed", "failure": "worker_died", "requested_at": ago}
    # A draft, which the portal would not make by itself.
    Rendition.objects.update(is_draft=True, finished_at=ago + timedelta(minutes=1), **died)

    recover()

    assert state_of(asked)[0] == expected


# Killed by the machine


@pytest.mark.parametrize("victim", ["renderer", "the process that it is forked from"])
def test_a_renderer_that_the_machine_ended_is_tried_again(rendition, victim):
    with renderers_killed(most=1, victim=victim) as killed:
        render_rendition(rendition.pk)

    assert len(killed) == 1
    assert state_of(rendition) == ("queued", "killed", 1)
    assert rendition.progress_label == Job.Failure.KILLED.label
    assert timedelta(seconds=50) < rendition.next_attempt_at - timezone.now() < LEASE

    due_now()
    render_rendition(rendition.pk)

    assert state_of(rendition) == ("ready", "", 2)


def test_only_after_the_second_time_it_is_too_large_for_the_machine(rendition):
    with renderers_killed() as killed:
        for _ in range(3):
            due_now()
            render_rendition(rendition.pk)

    assert len(killed) == 2
    assert state_of(rendition) == ("failed", "no_memory", 2)

    later(rendition, minutes=2)
    recover()
    render_rendition(rendition.pk)

    assert state_of(rendition) == ("ready", "", 1)


@pytest.mark.deep(part="workers")
def test_a_real_worker_makes_what_was_killed_in_its_hands(celery_worker, transactional_db, request):
    report = request.getfixturevalue("signed")
    first = request_rendition(About(report), language="fr", audience="donor", by=None)
    wait_for(first)  # the warm process is there
    warm = [pid for pid in all_children(celery_worker.child.process.pid) if children(pid) == []]
    second = request_rendition(About(report), language="es", audience="donor", by=None)
    assert kill_next(warm)
    end = time.monotonic() + 30
    while state_of(second)[:2] != ("queued", "killed"):
        assert time.monotonic() < end, state_of(second)
        time.sleep(0.1)

    due_now()
    enqueue_documents()

    assert wait_for(second).is_ready


def all_children(pid):
    found = children(pid)
    return found + [each for child in found for each in all_children(child)]


def kill_next(warm, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for parent in warm:
            for pid in children(parent):
                os.kill(pid, signal.SIGKILL)
                return True
        time.sleep(0.002)
    return False


# What must exist


def later(rendition, **time):
    """As if it had failed so long ago."""
    rendition.refresh_from_db()
    type(rendition).objects.filter(pk=rendition.pk).update(
        requested_at=rendition.requested_at - timedelta(**time),
        finished_at=rendition.finished_at - timedelta(**time),
    )


def test_what_failed_on_a_full_disk_is_made_once_there_is_room(rendition, settings):
    roomy = settings.STORAGES
    settings.STORAGES = roomy | {"default": {"BACKEND": "tests.reports.test_producing.FullStorage"}}
    render_rendition(rendition.pk)
    assert state_of(rendition) == ("failed", "disk_full", 1)
    recover()
    assert state_of(rendition)[0] == "failed"  # not at once

    later(rendition, minutes=2)
    recover()
    render_rendition(rendition.pk)
    assert state_of(rendition) == ("failed", "disk_full", 1)  # still full

    settings.STORAGES = roomy
    later(rendition, minutes=5)
    recover()
    render_rendition(rendition.pk)

    assert state_of(rendition) == ("ready", "", 1)
    assert default_storage.exists(rendition.file.name)


def test_an_archive_that_failed_on_a_full_disk_is_made_once_there_is_room(world, settings):
    archive = request_archive(
        world.project, by=world.people["coordinator"], language="fr", edition="full"
    )
    roomy = settings.STORAGES
    settings.STORAGES = roomy | {"default": {"BACKEND": "tests.reports.test_producing.FullStorage"}}
    make_archive(archive.pk)
    assert state_of(archive) == ("failed", "disk_full", 1)
    recover()
    assert state_of(archive)[0] == "failed"  # not at once

    settings.STORAGES = roomy
    later(archive, minutes=2)
    enqueue_documents()
    make_archive(archive.pk)

    assert state_of(archive) == ("ready", "", 1)
    assert default_storage.exists(archive.file.name)
    assert OutgoingMail.objects.filter(person=archive.user).exists()  # who does not look any more


@pytest.mark.parametrize(
    ("failure", "after", "pause"),
    [
        ("disk_full", {"seconds": 5}, {"minutes": 1}),
        ("disk_full", {"minutes": 20}, {"minutes": 20}),
        ("no_memory", {"days": 3}, {"hours": 1}),
        ("broken", {"days": 3}, {"hours": 6}),
        ("too_long", {"days": 3}, {"days": 1}),
    ],
)
def test_the_pauses_grow_up_to_a_limit(failure, after, pause):
    now = timezone.now()
    rendition = Rendition(failure=failure, requested_at=now - timedelta(**after), finished_at=now)

    assert pause_of(rendition) == timedelta(**pause)


@pytest.mark.parametrize(
    "facts", [{"state": "cancelled"}, {"state": "failed", "failure": "unknown_format"}]
)
def test_what_was_cancelled_or_cannot_be_made_here_is_left(rendition, facts):
    long_ago = timezone.now() - timedelta(days=2)
    Rendition.objects.update(requested_at=long_ago, finished_at=long_ago, **facts)

    recover()

    assert state_of(rendition)[0] == facts["state"]


def test_what_a_later_renderer_made_is_not_made_again(rendition):
    render_rendition(rendition.pk)
    long_ago = timezone.now() - timedelta(days=2)
    (failed,) = copies(
        rendition, 1, state="failed", failure="broken", requested_at=long_ago, finished_at=long_ago
    )

    recover()

    assert state_of(failed)[0] == "failed"
    assert not needing_a_person().exists()


def test_a_person_is_needed_only_after_some_tries(rendition):
    Rendition.objects.update(state="failed", failure="disk_full", finished_at=timezone.now())
    assert not needing_a_person().exists()

    Rendition.objects.update(requested_at=timezone.now() - timedelta(minutes=16))
    assert list(needing_a_person()) == [rendition]


# Which comes first


def test_what_people_asked_for_comes_before_what_the_portal_makes(rendition, world):
    person = world.people["coordinator"]
    (asked,) = copies(rendition, 1, requested_by=person)
    (left,) = copies(
        rendition, 1, state="working", attempt=1, lease_until=timezone.now() - LEASE, stage="x"
    )

    taken = [Rendition.objects.claim_next(rendition.pk, lease=LEASE) for _ in range(4)]

    assert [each and each.pk for each in taken] == [left.pk, asked.pk, rendition.pk, None]


def test_somebody_who_joins_what_the_portal_makes_moves_it_forward(rendition, world):
    (joined,) = copies(rendition, 1)
    joined.requests.create(user=world.people["coordinator"])

    assert Rendition.objects.claim_next(rendition.pk, lease=LEASE) == joined


def test_a_backlog_starves_no_row_whose_lease_ran_out(
    rendition, django_capture_on_commit_callbacks
):
    (left,) = copies(
        rendition, 1, state="working", attempt=1, lease_until=timezone.now() - LEASE, stage="x"
    )
    newer = copies(rendition, 300)

    with django_capture_on_commit_callbacks() as queued:
        enqueue_documents()

    assert len(queued) == 200  # no flood
    # Whichever message comes first.
    assert Rendition.objects.claim_next(newer[-1].pk, lease=LEASE) == left


def test_a_message_whose_document_was_made_is_for_another(rendition):
    (other,) = copies(rendition, 1)
    render_rendition(rendition.pk)

    render_rendition(rendition.pk)

    assert (state_of(rendition)[2], state_of(other)[0]) == (1, "ready")


def test_an_archive_that_somebody_waits_for_comes_before_what_nobody_asked_for(rendition, world):
    archive = Archive.objects.create(
        project=world.project, user=world.people["coordinator"], language="fr"
    )

    render_rendition(rendition.pk)

    archive.refresh_from_db()
    rendition.refresh_from_db()
    assert archive.started_at < rendition.started_at
    assert archive.is_ready
