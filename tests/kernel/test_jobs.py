"""A job is claimed by one worker, held by a lease, published under a token, and done once.

`Job` is abstract: the documents of reports are the jobs there are.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connections, transaction
from django.utils import timezone

from ibcr_portal.celery import app
from kernel.jobs import LostLease, enqueue
from reports.models import Rendition
from tests.factories import RenditionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

LEASE = timedelta(seconds=60)
MOMENT = datetime(2040, 1, 2, 15, tzinfo=UTC)
State, Failure = Rendition.State, Rendition.Failure
RESULT = {"file": "reports/renditions/one.pdf", "pages": 3, "size": 9, "sha256": "0" * 64}


@pytest.fixture
def queued():
    return RenditionFactory()


def claim(job, lease=LEASE):
    return Rendition.objects.claim(job.pk, lease=lease)


def at(moment):
    return time_machine.travel(moment, tick=False)


def lapse(job):
    """The worker that holds it has been silent for longer than its lease."""
    past = timezone.now() - timedelta(seconds=1)
    Rendition.objects.filter(pk=job.pk).update(lease_until=past)


# --- Claim and lease ------------------------------------------------------------------------


def test_a_claimed_job_has_a_token_a_lease_and_a_count(queued):
    job = claim(queued)

    assert (job.state, job.attempt, job.progress) == (State.WORKING, 1, 0)
    assert job.token is not None
    assert timezone.now() < job.lease_until <= timezone.now() + LEASE


def test_a_job_in_work_is_not_given_to_a_second_worker(queued):
    claim(queued)

    assert claim(queued) is None
    assert not Rendition.objects.due().exists()


def test_a_message_for_a_job_that_is_gone_does_nothing():
    assert Rendition.objects.claim(987_654_321, lease=LEASE) is None


@pytest.mark.parametrize("state", [State.READY, State.FAILED, State.CANCELLED])
def test_a_job_that_is_over_is_not_claimed(state):
    job = RenditionFactory(state=state, file="one.pdf", pages=1)

    assert claim(job) is None
    job.refresh_from_db()
    assert (job.state, job.attempt) == (state, 0)


@pytest.mark.django_db(transaction=True)
def test_of_four_workers_at_once_one_gets_the_job(queued):
    ready = Barrier(4)

    def work(_worker):
        ready.wait()
        try:
            return claim(queued)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        claimed = [job for job in workers.map(work, range(4)) if job]

    assert len(claimed) == 1
    queued.refresh_from_db()
    assert (queued.attempt, queued.token) == (1, claimed[0].token)


def test_a_job_whose_lease_ran_out_is_due_and_goes_to_another_worker(queued):
    dead = claim(queued)
    lapse(queued)

    assert list(Rendition.objects.due()) == [queued]
    second = claim(queued)
    assert second.attempt == 2
    assert second.token != dead.token


def test_a_lease_holds_until_its_last_moment(queued):
    with at(MOMENT):
        claim(queued)

    with at(MOMENT + LEASE):
        assert claim(queued) is None
    with at(MOMENT + LEASE + timedelta(seconds=1)):
        assert claim(queued).attempt == 2


def test_telling_progress_holds_the_lease(queued):
    job = claim(queued, lease=timedelta(seconds=1))
    job.report_progress("layout", lease=LEASE, progress=7, of=12)

    queued.refresh_from_db()
    assert (queued.stage, queued.progress, queued.progress_of) == ("layout", 7, 12)
    assert queued.lease_until > timezone.now() + timedelta(seconds=50)


def test_a_second_attempt_starts_its_progress_anew(queued):
    claim(queued).report_progress("layout", lease=LEASE, progress=7, of=12)
    lapse(queued)

    second = claim(queued)
    assert (second.stage, second.progress, second.progress_of) == ("", 0, 0)


# --- Publishing under the token -------------------------------------------------------------


def test_the_result_is_published_with_the_state(queued):
    claim(queued).finish(**RESULT)

    queued.refresh_from_db()
    assert (queued.state, queued.file.name, queued.pages) == (State.READY, RESULT["file"], 3)
    assert queued.token is None
    assert queued.finished_at is not None


@pytest.mark.parametrize(
    "late",
    [
        lambda job: job.report_progress("layout", lease=LEASE),
        lambda job: job.finish(**RESULT),
        lambda job: job.fail(Failure.BROKEN),
        lambda job: job.try_later(timedelta(seconds=5)),
    ],
    ids=["tell", "finish", "fail", "try_later"],
)
def test_a_worker_that_comes_back_late_changes_nothing(queued, late):
    slow = claim(queued)
    lapse(queued)
    second = claim(queued)

    with pytest.raises(LostLease):
        late(slow)

    queued.refresh_from_db()
    assert (queued.state, queued.token, queued.stage) == (State.WORKING, second.token, "")
    second.finish(**RESULT)


def test_a_lapsed_lease_that_nobody_took_may_still_publish(queued):
    slow = claim(queued)
    lapse(queued)
    slow.finish(**RESULT)

    queued.refresh_from_db()
    assert queued.is_ready


def test_a_result_is_published_once(queued):
    job = claim(queued)
    job.finish(**RESULT)

    with pytest.raises(LostLease):
        job.finish(**RESULT | {"file": "reports/renditions/two.pdf"})
    queued.refresh_from_db()
    assert queued.file.name == RESULT["file"]


def test_a_job_nobody_claimed_cannot_be_finished(queued):
    with pytest.raises(LostLease):
        queued.finish(**RESULT)


# --- Later, again, never ---------------------------------------------------------------------


def test_a_job_put_off_is_due_only_when_its_row_says(queued):
    claim(queued).try_later(timedelta(hours=1))

    assert claim(queued) is None
    assert not Rendition.objects.due().exists()
    Rendition.objects.update(next_attempt_at=timezone.now())
    assert claim(queued).attempt == 2


def test_a_job_put_off_is_due_at_the_moment_of_its_row(queued):
    with at(MOMENT):
        claim(queued).try_later(timedelta(hours=1))

    with at(MOMENT + timedelta(minutes=59, seconds=59)):
        assert claim(queued) is None
    with at(MOMENT + timedelta(hours=1)):
        assert claim(queued).attempt == 2


def test_a_job_that_kills_its_workers_is_given_up(queued):
    for attempt in range(1, Rendition.MAX_ATTEMPTS + 1):
        assert claim(queued).attempt == attempt
        lapse(queued)

    assert claim(queued) is None
    queued.refresh_from_db()
    assert (queued.state, queued.failure) == (State.FAILED, Failure.WORKER_DIED)
    assert not Rendition.objects.due().exists()


def test_a_job_given_up_may_be_tried_again_from_the_start(queued):
    Rendition.objects.update(state=State.FAILED, failure=Failure.WORKER_DIED, attempt=7)
    queued.refresh_from_db()

    assert queued.may_retry
    assert queued.retry()
    assert (queued.state, queued.failure, queued.finished_at) == (State.QUEUED, "", None)
    assert claim(queued).attempt == 1


def test_a_failed_job_says_why_in_words(queued):
    claim(queued).fail(Failure.DISK_FULL)

    queued.refresh_from_db()
    assert queued.state == State.FAILED
    assert queued.get_failure_display() == str(Failure.DISK_FULL.label)


def test_a_cancelled_job_is_taken_from_its_worker(queued):
    job = claim(queued)

    assert queued.cancel()
    with pytest.raises(LostLease):
        job.finish(**RESULT)
    queued.refresh_from_db()
    assert (queued.state, queued.file.name) == (State.CANCELLED, "")
    assert not Rendition.objects.due().exists()


def test_a_job_that_is_ready_is_neither_cancelled_nor_retried(queued):
    claim(queued).finish(**RESULT)
    queued.refresh_from_db()

    assert not queued.cancel()
    assert not queued.retry()
    queued.refresh_from_db()
    assert queued.is_ready


def test_a_job_cancelled_and_asked_for_again_is_out_of_its_first_workers_hands(queued):
    first = claim(queued)
    queued.cancel()
    queued.retry()
    second = claim(queued)

    with pytest.raises(LostLease):
        first.finish(**RESULT)
    second.finish(**RESULT)


# --- Enqueueing ------------------------------------------------------------------------------


@pytest.fixture
def sent(monkeypatch):
    """What Celery was asked to send, instead of sending it."""
    messages = []
    task = app.tasks["reports.tasks.render_rendition"]
    monkeypatch.setattr(task, "apply_async", lambda args, queue: messages.append(args))
    return messages


def test_a_task_is_enqueued_when_the_transaction_is_committed(
    sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("reports.tasks.render_rendition", 1)
        assert sent == []
    assert sent == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_enqueued_that_was_rolled_back(sent):
    with transaction.atomic():
        enqueue("reports.tasks.render_rendition", 1)
        transaction.set_rollback(True)
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_undoes_nothing(monkeypatch, caplog):
    def refuse(_args, queue):
        raise ConnectionError("The broker is down.")

    monkeypatch.setattr(app.tasks["reports.tasks.render_rendition"], "apply_async", refuse)
    with transaction.atomic():
        job = RenditionFactory()
        enqueue("reports.tasks.render_rendition", job.pk)

    assert Rendition.objects.due().get() == job
    assert "The broker is down." in caplog.text
