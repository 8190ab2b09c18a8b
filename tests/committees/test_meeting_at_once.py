"""Two people at the same moment: numbers, decisions against leaving members, notes, items."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections

from committees.agenda.services.agenda import add_item, order_items
from committees.agenda.services.carry_over import carry_over, offers_for
from committees.meetings.services.attendance import SeatRow, record_attendance
from committees.models import (
    AgendaItem,
    Attendance,
    Meeting,
    Resolution,
    Seat,
    SeatTerm,
    TemplateItem,
)
from committees.resolutions.services import NoQuorum, record_decision, record_recommendation
from committees.seats.services.seats import HolderChange, SeatsRefused, add_term, replace_holders
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from projects.amendments.services.amendments import take_effect
from projects.models import Amendment
from tests.factories import (
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
    ContactFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked there"),
]


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions at the same moment, each on a connection of its own."""
    barrier = Barrier(len(actions))

    def run(action):
        barrier.wait()
        try:
            return action()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.fixture
def item():
    """An item for decision of a meeting in session, its one seat present."""
    meeting = MeetingFactory(status=Meeting.Status.IN_SESSION)
    AttendanceFactory(meeting=meeting)
    return AgendaItemFactory(meeting=meeting, purpose=AgendaItem.Purpose.DECIDE)


def fresh(item):
    return AgendaItem.objects.select_related("meeting__committee__project").get(pk=item.pk)


def resolution_on(item, **facts):
    return Resolution(agenda_item=fresh(item), text_fr="Il est décidé.", **facts)


def test_numbers_are_given_once(item):
    results = at_once(
        *[lambda: record_decision(resolution_on(item), by=None) for _each in range(4)],
        *[lambda: record_recommendation(resolution_on(item), by=None) for _each in range(4)],
    )

    assert not [result for result in results if isinstance(result, Exception)]
    numbers = sorted(Resolution.objects.values_list("number", flat=True))
    assert numbers == [f"2020-0{n}" for n in range(1, 5)] + [f"2020-R{n}" for n in range(1, 5)]


def test_meetings_of_one_committee_have_their_own_numbers_too():
    committee = MeetingFactory().committee
    items = [
        AgendaItemFactory(meeting__committee=committee, meeting__status="held") for _each in "ab"
    ]

    at_once(*[lambda i=i: record_recommendation(resolution_on(i), by=None) for i in items])

    assert set(Resolution.objects.values_list("number", flat=True)) == {"2020-R1", "2020-R2"}


@pytest.mark.parametrize("_again", range(5))
def test_a_member_who_leaves_is_counted_for_a_decision_or_not_never_both(item, _again):
    """Either the decision came first, with its quorum, or it is refused."""
    row = item.meeting.attendances.get()

    def leave():
        gone = SeatRow(seat=row.seat, presence=Attendance.Presence.ABSENT)
        record_attendance(Meeting.objects.get(pk=item.meeting.pk), [gone], headcount=None)

    decided, _left = at_once(lambda: record_decision(resolution_on(item), by=None), leave)

    assert not item.meeting.quorum_at().is_reached
    if isinstance(decided, NoQuorum):
        assert not Resolution.objects.exists()
    else:
        decision = Resolution.objects.get()
        assert (decision.status, decision.seats_present) == (Resolution.Status.ADOPTED, 1)


def test_notes_written_at_once_are_kept_once_and_the_other_is_told(item):
    results = at_once(
        *[
            lambda text=text: fresh(item).save_notes(text, language="fr", version=0, by=None)
            for text in ("First.", "Second.")
        ]
    )

    item.refresh_from_db()
    assert sorted(results) == [False, True]
    assert item.notes_version == 1


def test_items_added_at_once_get_their_own_places(item):
    meeting = item.meeting

    at_once(
        *[
            lambda n=n: add_item(
                AgendaItem(meeting=Meeting.objects.get(pk=meeting.pk), title_fr=f"Point {n}")
            )
            for n in range(4)
        ]
    )

    positions = list(meeting.items.values_list("position", flat=True))
    assert len(positions) == len(set(positions)) == 5


@pytest.mark.parametrize("_again", range(3))
def test_items_ordered_and_added_at_once_are_all_kept_in_their_order(item, _again):
    meeting = item.meeting
    old = [item, *AgendaItemFactory.create_batch(3, meeting=meeting)]

    at_once(
        lambda: order_items(
            Meeting.objects.get(pk=meeting.pk), [each.pk for each in reversed(old)]
        ),
        *[
            lambda n=n: add_item(
                AgendaItem(meeting=Meeting.objects.get(pk=meeting.pk), title_fr=f"Neuf {n}")
            )
            for n in range(3)
        ],
    )

    kept = list(meeting.items.values_list("pk", flat=True))
    assert kept[:4] == [each.pk for each in reversed(old)]
    assert len(kept) == 7
    positions = list(meeting.items.values_list("position", flat=True))
    assert len(set(positions)) == 7


def test_what_is_carried_over_at_once_stands_on_the_agenda_once(item):
    meeting = MeetingFactory(
        committee=item.meeting.committee,
        number=90,
        status="planned",
        starts_at=item.meeting.starts_at + timedelta(days=365),
        ends_at=item.meeting.ends_at + timedelta(days=365),
    )
    TemplateItem.objects.create(committee=meeting.committee, title_fr="Ouverture")
    keys = [offer.key for offer in offers_for(meeting)]

    results = at_once(
        *[lambda: carry_over(Meeting.objects.get(pk=meeting.pk), keys) for _each in range(3)]
    )

    assert sorted(results) == [0, 0, 1]
    assert meeting.items.count() == 1


def test_two_holders_entered_at_once_are_one():
    seat = SeatFactory()
    people = ContactFactory.create_batch(2, institution=seat.institution)

    results = at_once(
        *[
            lambda person=person: add_term(
                SeatTerm(seat=Seat.objects.get(pk=seat.pk), contact=person, since="2020-01-01"),
                by=None,
            )
            for person in people
        ]
    )

    assert seat.terms.count() == 1
    assert sum(isinstance(result, Exception) for result in results) == 1


def test_an_amendment_takes_effect_once():
    amendment = AmendmentFactory(status=Amendment.Status.APPROVED, donor_decided_on="2020-10-01")

    results = at_once(
        *[lambda: take_effect(Amendment.objects.get(pk=amendment.pk), by=None) for _each in "ab"]
    )

    amendment.refresh_from_db()
    assert amendment.status == Amendment.Status.EFFECTIVE
    assert amendment.status_changes.count() == 1
    assert amendment.project.history.filter(current_end=amendment.end_after).count() == 1
    told = [result for result in results if result is not None]
    assert [isinstance(result, (TransitionError, Refusal)) for result in told] == [True]


def test_seats_recorded_at_once_are_all_kept():
    meeting = MeetingFactory(status=Meeting.Status.IN_SESSION)
    seats = SeatFactory.create_batch(4, committee=meeting.committee)

    at_once(
        *[
            lambda seat=seat: record_attendance(
                Meeting.objects.get(pk=meeting.pk),
                [SeatRow(seat=seat, presence="online", was="")],
                headcount=None,
            )
            for seat in seats
        ]
    )

    assert meeting.attendances.count() == 4


def test_of_two_changes_of_government_one_stands_and_the_other_is_told():
    seat = SeatFactory()
    SeatTermFactory(seat=seat)
    people = ContactFactory.create_batch(2, institution=seat.institution)
    by = UserFactory()

    def change(person):
        mine = Seat.objects.select_related("committee__project").get(pk=seat.pk)
        changes = [HolderChange(mine, person)]
        return replace_holders(mine.committee, changes, on=mine.committee.project.today, by=by)

    answers = at_once(*[lambda person=person: change(person) for person in people])

    assert [type(answer) for answer in answers].count(SeatsRefused) == 1
    assert seat.terms.filter(until=None).count() == 1
    assert seat.terms.count() == 2
