"""The quorum rule, over random seats, alternates, presences and moments."""

import math
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from committees.models import Attendance, Committee, Meeting
from partners.models import Institution
from tests.factories import (
    AttendanceFactory,
    CommitteeFactory,
    ContactFactory,
    InstitutionFactory,
    MeetingFactory,
    SeatFactory,
    SeatTermFactory,
)

Presence = Attendance.Presence
Rule = Committee.QuorumRule

shares = st.decimals("0.001", 1, places=3)


# How many seats it takes


@given(seats=st.integers(1, 60))
def test_more_than_half_is_the_least_number_above_half(seats):
    required = Committee(quorum_rule=Rule.MAJORITY).quorum_rules().seats_required(seats)

    assert required > seats / 2 >= required - 1


@given(seats=st.integers(1, 60), share=shares)
@example(seats=10, share=Decimal("0.3"))  # 0.3 × 10 as a float is more than 3
def test_a_share_is_rounded_up_and_never_zero(seats, share):
    committee = Committee(quorum_rule=Rule.SHARE, quorum_share=share)

    required = committee.quorum_rules().seats_required(seats)

    assert 1 <= required <= seats
    assert required - 1 < share * seats <= required


@given(seats=st.integers(1, 60), share=shares, second=shares)
def test_the_second_call_has_its_own_share_where_one_is_set(seats, share, second):
    committee = Committee(quorum_rule=Rule.SHARE, quorum_share=share, second_call_share=second)

    assert committee.quorum_rules().seats_required(seats) == math.ceil(share * seats)
    assert committee.quorum_rules().seats_required(seats, second_call=True) == math.ceil(
        second * seats
    )
    committee.second_call_share = None
    assert committee.quorum_rules().seats_required(seats, second_call=True) == math.ceil(
        share * seats
    )


# Who counts, in random committees

# Of each seat: whether it votes, whether somebody holds it, how it was present, whether its
# alternate came, whether a delegate came instead, and when they arrived and left (in minutes).
seat_plans = st.fixed_dictionaries(
    {
        "is_voting": st.booleans(),
        "is_held": st.booleans(),
        "presence": st.sampled_from(["", *Presence.values]),
        "by_alternate": st.booleans(),
        "is_delegate": st.booleans(),
        "arrived": st.none() | st.integers(0, 60),
        "stayed": st.none() | st.integers(0, 60),
    }
)


class Hall:
    """A committee and a meeting built from plans of seats."""

    def __init__(self, plans, **rules):
        self.plans = plans
        committee = CommitteeFactory(**rules)
        self.meeting = MeetingFactory(committee=committee)
        institution = InstitutionFactory()
        for plan in plans:
            seat = SeatFactory(
                committee=committee, institution=institution, is_voting=plan["is_voting"]
            )
            if plan["is_held"]:
                SeatTermFactory(seat=seat, contact=ContactFactory(institution=institution))
            if plan["presence"]:
                self._attend(seat, plan)

    def _attend(self, seat, plan):
        start = self.meeting.starts_at
        arrived = None if plan["arrived"] is None else start + timedelta(minutes=plan["arrived"])
        left = None
        if plan["stayed"] is not None:
            left = (arrived or start) + timedelta(minutes=plan["stayed"])
        AttendanceFactory(
            meeting=self.meeting,
            seat=seat,
            presence=plan["presence"],
            by_alternate=plan["by_alternate"],
            accreditation_due=self.meeting.day if plan["is_delegate"] else None,
            arrived_at=arrived,
            left_at=left,
        )


def is_there(plan, minute):
    if plan["presence"] not in Attendance.THERE:
        return False
    if minute is None:
        return True
    arrived = plan["arrived"]
    left = None if plan["stayed"] is None else (arrived or 0) + plan["stayed"]
    return (arrived is None or arrived <= minute) and (left is None or left > minute)


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    plans=st.lists(seat_plans, max_size=7),
    counts_vacant=st.booleans(),
    counts_delegates=st.booleans(),
    minute=st.none() | st.integers(0, 90),
)
def test_the_quorum_is_that_of_the_voting_seats_present_at_that_moment(
    plans, counts_vacant, counts_delegates, minute
):
    hall = Hall(
        plans, counts_vacant_seats=counts_vacant, counts_admitted_delegates=counts_delegates
    )
    moment = None if minute is None else hall.meeting.starts_at + timedelta(minutes=minute)

    quorum = hall.meeting.quorum_at(moment)

    seats = [p for p in plans if p["is_voting"] and (counts_vacant or p["is_held"])]
    there = [p for p in seats if is_there(p, minute) and (counts_delegates or not p["is_delegate"])]
    assert quorum.total == len(seats)
    assert quorum.present == len(there)
    assert quorum.by_alternate == sum(p["by_alternate"] for p in there)
    assert quorum.required == len(seats) // 2 + 1
    assert quorum.is_reached == (len(there) > len(seats) / 2)
    assert sum(present for _kind, present, _total in quorum.by_kind) == quorum.present
    assert sum(total for _kind, _present, total in quorum.by_kind) == quorum.total


# Single cases


@pytest.fixture
def meeting(db):
    return MeetingFactory()


def seat_in(meeting, **facts):
    return SeatFactory(committee=meeting.committee, **facts)


def test_a_committee_without_seats_has_no_quorum(meeting):
    quorum = meeting.quorum_at()

    assert (quorum.present, quorum.total, quorum.is_reached) == (0, 0, False)


def test_a_seat_counts_on_the_days_on_which_it_exists(meeting):
    seat_in(meeting)
    seat_in(meeting, until=meeting.day - timedelta(days=1))
    seat_in(meeting, since=meeting.day + timedelta(days=1))

    assert meeting.quorum_at().total == 1


def test_observers_never_make_a_quorum(meeting):
    seat_in(meeting)
    observer = seat_in(meeting, is_voting=False)
    AttendanceFactory(meeting=meeting, seat=observer)

    quorum = meeting.quorum_at()

    assert (quorum.present, quorum.total) == (0, 1)


def test_guests_never_make_a_quorum(meeting):
    seat_in(meeting)
    AttendanceFactory(meeting=meeting, seat=None, guest_name="Invitée")

    assert meeting.quorum_at().present == 0


def test_whoever_left_no_longer_counts(meeting):
    seat = seat_in(meeting)
    leaves = meeting.starts_at + timedelta(minutes=30)
    AttendanceFactory(meeting=meeting, seat=seat, left_at=leaves)

    assert meeting.quorum_at(leaves - timedelta(minutes=1)).is_reached
    assert not meeting.quorum_at(leaves).is_reached
    assert meeting.quorum_at().is_reached


def test_kinds_of_institutions_are_counted_apart(meeting):
    state = seat_in(meeting, institution=InstitutionFactory(kind=Institution.Kind.STATE))
    seat_in(meeting, institution=InstitutionFactory(kind=Institution.Kind.CIVIL_SOCIETY))
    AttendanceFactory(meeting=meeting, seat=state)

    kinds = {kind: (present, total) for kind, present, total in meeting.quorum_at().by_kind}

    assert sorted(kinds.values()) == [(0, 1), (1, 1)]


@pytest.mark.parametrize("count", [1, 3, 30])
def test_counting_takes_as_many_queries_for_one_seat_as_for_thirty(
    meeting, django_assert_num_queries, count
):
    for _each in range(count):
        seat = seat_in(meeting)
        SeatTermFactory(seat=seat)
        AttendanceFactory(meeting=meeting, seat=seat)
    meeting = Meeting.objects.with_related().get(pk=meeting.pk)

    with django_assert_num_queries(6):  # minima, seats, names, terms, contacts, attendances
        assert meeting.quorum_at().present == count
