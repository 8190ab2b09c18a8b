"""What the committee's page shows in figures: attendance, follow-up, and what a meeting keeps."""

from datetime import date

import pytest
from django.urls import reverse

from committees.meetings.services.attendance import SeatRow, record_attendance
from committees.models import Committee, Meeting, Resolution
from committees.resolutions.services import NoQuorum, Vote, adopt_resolution
from committees.seats.services.reading import (
    ResolutionCount,
    attendance_chart,
    counts_of,
    follow_up_of,
)
from kernel.lifecycle import TransitionError
from partners.reading import named_institutions
from tests.factories import (
    AttendanceFactory,
    InstitutionFactory,
    MeetingFactory,
    RecommendationFactory,
    ResolutionFactory,
    SeatFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

Status = Resolution.Status


# Attendance over time


@pytest.fixture
def committee():
    return Committee.objects.get(pk=SeatFactory().committee_id)


def held(committee, number, present, **facts):
    """A meeting at which so many of the committee's seats were present."""
    day = date(2019 + number, 9, 3)
    meeting = MeetingFactory(
        committee=committee,
        number=number,
        starts_at=f"{day}T15:00Z",
        ends_at=f"{day}T17:00Z",
        **facts,
    )
    for seat in committee.seats.all()[:present]:
        AttendanceFactory(meeting=meeting, seat=seat)
    return Meeting.objects.get(pk=meeting.pk)


def test_the_chart_tells_of_each_meeting_what_was_there(committee):
    SeatFactory(committee=committee)
    held(committee, 1, present=1)
    held(committee, 2, present=2)

    chart = attendance_chart(committee)

    assert list(chart.headers) == ["Meeting", "Present", "Required", "In all"]
    assert [list(row) for row in chart.rows] == [
        ["1 · Sep 3, 2020", "1", "2", "2"],
        ["2 · Sep 3, 2021", "2", "2", "2"],
    ]


def test_before_the_first_meeting_there_is_no_chart(committee):
    held(committee, 1, present=0, status=Meeting.Status.PLANNED)

    assert attendance_chart(committee) is None


def test_a_meeting_that_states_no_quorum_is_a_gap(committee):
    held(committee, 1, present=1, quorum_is_stated=False)

    assert list(attendance_chart(committee).rows[0][1:]) == ["no data"] * 3


def test_only_the_last_meetings_are_drawn(committee):
    for number in range(1, 12):
        held(committee, number, present=1)

    assert [row[0][:2].strip() for row in attendance_chart(committee).rows] == [
        str(number) for number in range(4, 12)
    ]


# What a meeting keeps


@pytest.fixture
def over(committee):
    """A meeting of three seats that was closed with two of them present."""
    SeatFactory.create_batch(2, committee=committee)
    meeting = held(committee, 1, present=2, status=Meeting.Status.IN_SESSION)
    meeting.take("close", by=None)
    return meeting


def counted(meeting):
    quorum = Meeting.objects.get(pk=meeting.pk).recorded_quorum()
    return quorum.present, quorum.required, quorum.total


def test_new_rules_and_seats_do_not_rewrite_an_old_meeting(over, committee):
    Committee.objects.update(quorum_rule="share", quorum_share=1)
    committee.quorum_minima.create(kind="donor", seats=1)
    SeatFactory.create_batch(5, committee=committee)

    assert counted(over) == (2, 2, 3)
    assert Meeting.objects.get(pk=over.pk).recorded_quorum().is_reached


def test_attendance_mended_afterwards_is_counted_by_the_rules_of_then(over, committee):
    Committee.objects.update(quorum_rule="share", quorum_share=1)
    seats = list(committee.seats.all())

    record_attendance(over, [SeatRow(seat=seats[2], presence="online")], headcount=None)

    assert counted(over) == (3, 2, 3)


def test_what_is_recorded_afterwards_is_kept_too(committee):
    meeting = held(committee, 1, present=1, status=Meeting.Status.PLANNED)

    meeting.take("record_afterwards", by=None)

    assert meeting.quorum_kept["facts"]["present"] == 1


def test_while_it_sits_a_meeting_follows_the_rules_of_its_committee(committee):
    meeting = held(committee, 1, present=1, status=Meeting.Status.IN_SESSION)
    SeatFactory(committee=committee)

    assert counted(meeting) == (1, 2, 2)


# A minimum by kind


@pytest.fixture
def draft(over, committee):
    """A decision to be taken where one kind misses its minimum."""
    Meeting.objects.filter(pk=over.pk).update(status="in_session", quorum_kept=None)
    committee.quorum_minima.create(kind="donor", seats=1)
    item = RecommendationFactory(agenda_item__meeting=over).agenda_item
    return ResolutionFactory(
        agenda_item=item, status=Status.DRAFTED, seats_present=None, seats_required=None
    )


def test_a_decision_is_refused_where_a_kind_misses_its_minimum(draft):
    draft.meeting.refresh_from_db()

    with pytest.raises(NoQuorum) as refusal:
        adopt_resolution(draft, by=None, vote=Vote())

    assert "Donor: 0 of the 1 voting seats that the quorum needs." in str(refusal.value)


def test_the_model_refuses_it_as_well(draft):
    draft = Resolution.objects.get(pk=draft.pk)

    with pytest.raises(TransitionError, match="Donor: 0 of the 1"):
        draft.take("adopt", by=None, seats_present=2, seats_required=2, seats_total=3)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFTED


# Follow-up


def follow_up():
    counts = [ResolutionCount(*row) for row in counts_of(Resolution.objects.all())]
    return follow_up_of(counts, named_institutions(one.addressee for one in counts))


def test_the_rate_is_implemented_out_of_those_not_declined(world):
    one, two = InstitutionFactory(), InstitutionFactory()
    for institution, status, year in (
        (one, Status.IMPLEMENTED, 2019),
        (one, Status.ISSUED, 2020),
        (one, Status.DECLINED, 2020),
        (two, Status.DECLINED, 2020),
        (None, Status.IMPLEMENTED, 2020),
    ):
        RecommendationFactory(
            agenda_item=world.item,
            addressee=institution,
            status=status,
            resolved_on=date(year, 9, 3),
        )

    tables = follow_up()

    def told(rows):
        return [(row.label, row.issued, row.declined, row.implemented, row.rate) for row in rows]

    assert told([tables.whole]) == [("Total", 5, 2, 2, 2 / 3)]
    assert sorted(told(tables.by_institution)) == sorted(
        [
            (one.short_name, 3, 1, 1, 0.5),
            (two.short_name, 1, 1, 0, None),
            ("No institution named", 1, 0, 1, 1.0),
        ]
    )
    assert told(tables.by_year) == [("2020", 4, 2, 1, 0.5), ("2019", 1, 0, 1, 1.0)]


def test_without_recommendations_there_is_no_table(world):
    assert follow_up() is None


def test_what_is_reserved_is_not_counted_for_others(world, sign_in):
    world.item.audience = "coordination"
    world.item.save()
    RecommendationFactory(agenda_item=world.item)
    url = reverse("committees:terms", args=[world.committee.pk])

    assert sign_in("coordinator").get(url).context["follow_up"].whole.issued == 1
    assert sign_in("member").get(url).context["follow_up"] is None
