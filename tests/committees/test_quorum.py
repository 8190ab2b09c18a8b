"""The quorum rule, over random seats, alternates, presences and moments."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings, strategies as st

from committees.models import Attendance, Committee, Meeting
from committees.models.attendance import Stay
from committees.models.quorum import Quorum, QuorumRules
from partners.models import Institution
from tests.factories import (
    AttendanceFactory,
    CommitteeFactory,
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

KINDS = [Institution.Kind.STATE, Institution.Kind.CIVIL_SOCIETY, Institution.Kind.ACADEMIC]

# Of each seat: its kind of institution, whether it votes, whether somebody holds it on the day,
# how it was present, whether its alternate or a delegate came, and when they came and left, perhaps
# twice.
seat_plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "is_voting": st.booleans(),
        "holder": st.sampled_from(["nobody", "now", "before", "later"]),
        "presence": st.sampled_from(["", *Presence.values]),
        "by_alternate": st.booleans(),
        "is_delegate": st.booleans(),
        "arrived": st.none() | st.integers(0, 60),
        "stayed": st.none() | st.integers(0, 60),
        "was_away": st.none() | st.integers(1, 30),
        "stayed_again": st.none() | st.integers(0, 30),
    }
)
rule_plans = st.fixed_dictionaries(
    {
        "quorum_rule": st.sampled_from(Rule.values),
        "quorum_share": shares,
        "second_call_share": st.none() | shares,
        "counts_vacant_seats": st.booleans(),
        "counts_admitted_delegates": st.booleans(),
    }
)
minima_plans = st.dictionaries(st.sampled_from(KINDS), st.integers(1, 3))


class Hall:
    """A committee and a meeting built from plans of seats."""

    def __init__(self, plans, minima, *, second_call, **rules):
        committee = CommitteeFactory(**rules)
        for kind, seats in minima.items():
            committee.quorum_minima.create(kind=kind, seats=seats)
        self.meeting = MeetingFactory(committee=committee, is_second_call=second_call)
        institutions = {kind: InstitutionFactory(kind=kind) for kind in KINDS}
        for plan in plans:
            institution = institutions[plan["kind"]]
            seat = SeatFactory(
                committee=committee, institution=institution, is_voting=plan["is_voting"]
            )
            self._hold(seat, plan["holder"])
            if plan["presence"]:
                self._attend(seat, plan)

    def _hold(self, seat, when):
        day, one = self.meeting.day, timedelta(days=1)
        terms = {"now": (day, None), "before": (day - one, day - one), "later": (day + one, None)}
        if when in terms:
            since, until = terms[when]
            SeatTermFactory(seat=seat, since=since, until=until)

    def _attend(self, seat, plan):
        start = self.meeting.starts_at
        arrived = None if plan["arrived"] is None else start + timedelta(minutes=plan["arrived"])
        left = None
        if plan["stayed"] is not None:
            left = (arrived or start) + timedelta(minutes=plan["stayed"])
        stays = [Stay(arrived, left)]
        if left and plan["was_away"] is not None:
            back = left + timedelta(minutes=plan["was_away"])
            again = plan["stayed_again"]
            stays.append(Stay(back, None if again is None else back + timedelta(minutes=again)))
        AttendanceFactory(
            meeting=self.meeting,
            seat=seat,
            presence=plan["presence"],
            by_alternate=plan["by_alternate"],
            accreditation_due=self.meeting.day if plan["is_delegate"] else None,
            stays=stays,
        )


class Oracle:
    """The rule once more, counted as the terms of reference are read aloud."""

    def __init__(self, plans, minima, rules, *, second_call, minute):
        counted = [plan for plan in plans if plan["is_voting"]]
        if not rules["counts_vacant_seats"]:
            counted = [plan for plan in counted if plan["holder"] == "now"]
        there = [plan for plan in counted if self.is_there(plan, minute)]
        if not rules["counts_admitted_delegates"]:
            there = [plan for plan in there if not plan["is_delegate"]]
        self.total, self.present = len(counted), len(there)
        self.by_alternate = len([plan for plan in there if plan["by_alternate"]])
        self.required = next(n for n in range(99) if self.is_enough(n, rules, second_call))
        kinds = [plan["kind"] for plan in there]
        self.missing = {kind for kind, seats in minima.items() if kinds.count(kind) < seats}
        self.is_reached = self.total > 0 and self.present >= self.required and self.missing == set()

    @staticmethod
    def is_there(plan, minute):
        if plan["presence"] not in {"in_person", "online"}:
            return False
        if minute is None:
            return True
        arrived = plan["arrived"]
        if arrived is not None and minute < arrived:
            return False
        if plan["stayed"] is None:
            return True
        left = (arrived or 0) + plan["stayed"]
        if minute < left:
            return True
        if plan["was_away"] is None or minute < (back := left + plan["was_away"]):
            return False
        return plan["stayed_again"] is None or minute < back + plan["stayed_again"]

    def is_enough(self, seats, rules, second_call):
        if second_call and rules["second_call_share"] is not None:
            return Fraction(seats) >= Fraction(rules["second_call_share"]) * self.total
        if rules["quorum_rule"] == "majority":
            return seats > Fraction(self.total, 2)
        return Fraction(seats) >= Fraction(rules["quorum_share"]) * self.total


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plans=st.lists(seat_plans, max_size=7),
    minima=minima_plans,
    rules=rule_plans,
    second_call=st.booleans(),
    minute=st.none() | st.integers(0, 90),
)
def test_the_quorum_is_that_of_the_voting_seats_present_at_that_moment(
    plans, minima, rules, second_call, minute
):
    meeting = Hall(plans, minima, second_call=second_call, **rules).meeting
    expected = Oracle(plans, minima, rules, second_call=second_call, minute=minute)
    moment = None if minute is None else meeting.starts_at + timedelta(minutes=minute)

    quorum = meeting.quorum_at(moment)

    assert (quorum.total, quorum.present) == (expected.total, expected.present)
    assert quorum.by_alternate == expected.by_alternate
    assert quorum.required == expected.required
    assert {row.kind for row in quorum.missing_kinds} == expected.missing
    assert quorum.is_reached == expected.is_reached
    assert sum(present for _kind, present, _total in quorum.by_kind) == quorum.present
    assert sum(total for _kind, _present, total in quorum.by_kind) == quorum.total
    assert Quorum.read(json.loads(json.dumps(quorum.written()))) == quorum


@given(rules=rule_plans, minima=minima_plans)
def test_rules_are_read_as_they_were_written(rules, minima):
    rules = Committee(**rules).quorum_rules()
    rules = replace(rules, minima=minima)

    assert QuorumRules.read(json.loads(json.dumps(rules.written()))) == rules


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


def test_a_kind_that_misses_its_minimum_is_named(meeting):
    state = seat_in(meeting, institution=InstitutionFactory(kind=Institution.Kind.STATE))
    seat_in(meeting, institution=InstitutionFactory(kind=Institution.Kind.CIVIL_SOCIETY))
    AttendanceFactory(meeting=meeting, seat=state)
    Committee.objects.update(quorum_rule=Rule.SHARE, quorum_share=Decimal("0.5"))
    meeting.committee.quorum_minima.create(kind=Institution.Kind.CIVIL_SOCIETY, seats=1)

    quorum = Meeting.objects.get().quorum_at()

    assert (quorum.present, quorum.required, quorum.is_reached) == (1, 1, False)
    with translation.override("en"):
        assert quorum.kinds_sentence == (
            "Civil society: 0 of the 1 voting seats that the quorum needs."
        )


def test_counting_takes_as_many_queries_for_one_seat_as_for_thirty(
    meeting, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _each in numbers:
            seat = seat_in(meeting)
            SeatTermFactory(seat=seat)
            AttendanceFactory(meeting=meeting, seat=seat)
        meeting = Meeting.objects.with_related().get(pk=meeting.pk)

        with django_assert_max_num_queries(5) as statements:  # minima, seats, attendances
            assert meeting.quorum_at().present == numbers.stop
        counts.append(len(statements))

    few, many = counts
    assert many <= few
