"""A status moves by a step of its table, once, and leaves a line of history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections

from committees.models import Meeting
from kernel.lifecycle import StatusChange, TransitionError
from tests.factories import MeetingFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

Status = Meeting.Status


@pytest.fixture
def planned():
    return MeetingFactory(status=Status.PLANNED)


def test_a_step_is_recorded_with_who_when_and_why(planned):
    person = UserFactory()

    planned.take("convene", by=person, why="Après l’ouragan.", on=date(2020, 8, 20))

    planned.refresh_from_db()
    change = planned.status_changes.get()
    assert planned.status == Status.CONVENED
    assert (change.verb, change.from_status, change.to_status) == (
        "convene",
        Status.PLANNED,
        Status.CONVENED,
    )
    assert (change.by, change.why, change.happened_on) == (
        person,
        "Après l’ouragan.",
        date(2020, 8, 20),
    )


def test_fields_that_go_with_a_step_are_written_with_it(planned):
    planned.take("convene", by=None, convened_on=date(2020, 8, 20))

    assert Meeting.objects.get(pk=planned.pk).convened_on == date(2020, 8, 20)


def test_a_step_from_elsewhere_is_refused_and_changes_nothing(planned):
    with pytest.raises(TransitionError, match=r"Planifiée|Planned"):
        planned.take("close", by=None)

    planned.refresh_from_db()
    assert planned.status == Status.PLANNED
    assert not StatusChange.objects.exists()


def test_who_comes_second_is_told_and_overwrites_nothing(planned):
    seen_by_the_other = Meeting.objects.get(pk=planned.pk)

    planned.take("convene", by=None)

    with pytest.raises(TransitionError):
        seen_by_the_other.take("cancel", by=None)
    assert Meeting.objects.get(pk=planned.pk).status == Status.CONVENED
    assert StatusChange.objects.count() == 1


def test_the_history_keeps_what_the_database_holds(planned):
    planned.place = "not saved"

    planned.take("convene", by=None)

    newest = Meeting.history.filter(id=planned.pk).latest()
    assert (newest.status, newest.place) == (Status.CONVENED, "")


def test_only_steps_from_here_are_offered(planned):
    assert planned.open_steps == ["convene", "record_afterwards", "cancel"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_at_the_same_moment_one_wins(planned):
    barrier = Barrier(2)

    def press(verb):
        meeting = Meeting.objects.get(pk=planned.pk)
        barrier.wait()
        try:
            meeting.take(verb, by=None)
        except TransitionError:
            return "told"
        finally:
            connections.close_all()
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(press, ["convene", "cancel"]))

    assert outcomes == ["told", "won"]
    assert StatusChange.objects.count() == 1
