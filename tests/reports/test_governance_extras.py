"""Attendance by kind and sex, recommendations, partners and safeguarding, as parts of documents."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from committees.models import Meeting
from partners.models import Contact
from projects.models import Participation
from reports.compose.governance import governance
from reports.compose.governance_extras import (
    attendance_by_kind,
    attendance_by_sex,
    partners,
    policies_of_partners,
)
from reports.models import PresetSection
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    ContactFactory,
    InstitutionFactory,
    MeetingFactory,
    ParticipationFactory,
    RecommendationFactory,
    SeatFactory,
    SeatTermFactory,
    say,
)
from tests.reports.chapters import (
    captions,
    drawn,
    figure,
    reading_of,
    sentences,
    table,
    told,
    words,
)
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_annex(report):
    """With the annex of decisions, the chapter only counts them."""
    PresetSection.objects.filter(kind="annex_decisions").delete()


LATER = SIGNED_ON + timedelta(days=10)
BY_KIND = "Voting seats present, by meeting"
BY_SEX = "Persons at the meetings, by sex"


def meeting(world, number, month, **fields):
    """Held in the first year of the project."""
    starts = datetime(2019 if month > 3 else 2020, month, 3, 15, tzinfo=UTC)
    return MeetingFactory(
        committee=world.committee,
        number=number,
        status=Meeting.Status.HELD,
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        **fields,
    )


def seat(world, kind):
    institution = InstitutionFactory(kind=kind)
    made = SeatFactory(committee=world.committee, institution=institution, since=None)
    contact = ContactFactory(institution=institution)
    SeatTermFactory(seat=made, contact=contact, since=date(2019, 4, 1))
    return made, contact


def attends(one, place, *, presence="in_person"):
    made, contact = place
    return AttendanceFactory(meeting=one, seat=made, contact=contact, presence=presence)


def people(one, *sexes):
    """Guests with a contact of that sex."""
    for sex in sexes:
        contact = ContactFactory(institution=InstitutionFactory(), sex=sex)
        AttendanceFactory(
            meeting=one, seat=None, contact=contact, guest_name="Invité", presence="online"
        )


# By kind


def test_seats_by_kind_over_the_meetings_of_the_period(world, report):
    first, second = meeting(world, 11, 6), meeting(world, 12, 11)
    partner = seat(world, "civil_society")
    other = seat(world, "civil_society")
    attends(first, partner)
    attends(second, partner)
    attends(second, other, presence="excused")

    blocks = told(attendance_by_kind, report)

    assert table(blocks, BY_KIND) == [
        ["11th meeting | Jun 3, 2019", "0 of 1", "1 of 2"],
        ["12th meeting | Nov 3, 2019", "0 of 1", "1 of 2"],
        ["Total", "0 of 2", "2 of 4"],
    ]
    assert figure(blocks, "grouped")["data"] == {
        "labels": ["State institution", "Civil society"],
        "series": [
            {"name": "Total", "values": ["2", "4"]},
            {"name": "Present", "values": ["0", "2"]},
        ],
        "unit": "",
        "heading": "Kind of institution",
    }
    (picture,) = drawn(blocks)
    assert "Civil society – Total: 4 and Present: 2." in picture.svg


def test_a_meeting_of_another_period_or_day_is_left_out(world, report):
    meeting(world, 11, 6)
    meeting(world, 12, 11)
    late = datetime(2020, 5, 3, 15, tzinfo=UTC)
    MeetingFactory(
        committee=world.committee,
        number=13,
        status=Meeting.Status.HELD,
        starts_at=late,
        ends_at=late + timedelta(hours=1),
    )

    assert [row[0] for row in table(told(attendance_by_kind, report), BY_KIND)] == [
        "11th meeting | Jun 3, 2019",
        "12th meeting | Nov 3, 2019",
        "Total",
    ]
    early = told(attendance_by_kind, report, as_of=date(2019, 7, 1))
    assert [row[0] for row in table(early, BY_KIND)] == ["11th meeting | Jun 3, 2019"]


def test_an_old_meeting_that_states_no_quorum_tells_no_seats(world, report):
    meeting(world, 11, 6, quorum_is_stated=False)

    assert told(attendance_by_kind, report) == []


# By sex


def test_persons_by_sex_whole_or_not_at_all(world, report):
    people(meeting(world, 11, 6), *["woman"] * 6, *["man"] * 5)
    people(meeting(world, 12, 11), *["woman"] * 6, *["man"] * 2)

    inside = table(told(attendance_by_sex, report, audience="coordination"), BY_SEX)
    outside = table(told(attendance_by_sex, report), BY_SEX)

    first, second = "11th meeting | Jun 3, 2019", "12th meeting | Nov 3, 2019"
    assert inside == [[first, "11", "6", "5", "0", "0"], [second, "8", "6", "2", "0", "0"]]
    assert outside == [[first, "11", "6", "5", "0", "0"], [second, "8", "–", "–", "–", "–"]]


def test_those_counted_beyond_the_list_are_a_count_as_well(world, report):
    one = meeting(world, 11, 6, headcount=14)
    people(one, *["woman"] * 6, *["man"] * 5)

    assert table(told(attendance_by_sex, report), BY_SEX) == [
        ["11th meeting | Jun 3, 2019", "14", "–", "–", "–", "–"]
    ]
    Meeting.objects.filter(pk=one.pk).update(headcount=20)
    assert table(told(attendance_by_sex, report), BY_SEX) == [
        ["11th meeting | Jun 3, 2019", "20", "6", "5", "0", "9"]
    ]


def test_a_hidden_count_looks_like_another(world, report):
    one = meeting(world, 11, 6)
    people(one, *["woman"] * 6, *["man"] * 2, "unsaid")
    first = told(attendance_by_sex, report)
    Contact.objects.filter(sex="unsaid").update(sex="man")

    assert told(attendance_by_sex, report) == first


def test_nobody_is_named(world, report):
    one = meeting(world, 11, 6)
    people(one, *["woman"] * 6, *["man"] * 5)
    Contact.objects.update(full_name="SECRET-NOM", email="SECRET@example.org")
    one.attendances.update(guest_name="SECRET-INVITE")

    for chapter in (attendance_by_sex, attendance_by_kind):
        for audience in ("coordination", "donor", "committee", "partners"):
            assert "SECRET" not in words(told(chapter, report, audience=audience))


def test_the_absent_and_those_of_unknown_sex_tell_nothing(world, report):
    one = meeting(world, 11, 6)
    people(one, "unsaid")
    contact = ContactFactory(institution=InstitutionFactory(), sex="woman")
    AttendanceFactory(meeting=one, seat=None, contact=contact, guest_name="I", presence="absent")

    assert told(attendance_by_sex, report, audience="coordination") == []


# Recommendations


def recommendation(world, number, item=None, **fields):
    facts = {"resolved_on": date(2020, 9, 1), "text_fr": f"Conseil {number}"} | fields
    return RecommendationFactory(agenda_item=item or world.item, number=number, **facts)


def test_recommendations_with_response_and_status(world, report):
    world.meeting.resolutions.recommendations().delete()
    answered = recommendation(
        world,
        "2020-R2",
        addressee=world.institutions["member"],
        due_on=date(2020, 9, 15),
        answer="Nous le ferons.",
        answer_evidence="SECRET-APPEL",
    )
    type(answered).objects.filter(pk=answered.pk).update(
        status="in_progress", answered_on=date(2020, 9, 10)
    )
    recommendation(world, "2020-R3").take("accept", by=None, on=date(2020, 9, 20))
    name = world.institutions["member"].names.get()

    blocks = told(governance, report)

    first, second = recommended(blocks)
    assert first["title"]["text"] == "Recommendation 2020-R2 · In progress"
    assert lines_of(first)[1:] == [
        f"Responsible: {name.acronym or name.name_fr} · Due: September 15, 2020 (overdue)",
        "Response: Nous le ferons. (September 10, 2020)",
    ]
    assert second["title"]["text"] == "Recommendation 2020-R3 · Accepted"
    assert len(lines_of(second)) == 1
    assert figure(blocks, "states")["data"] == {
        "labels": ["Accepted", "In progress"],
        "values": [1, 1],
        "tones": ["sky", "info"],
    }
    assert "Accepted: 1 · In progress: 1" in sentences(blocks)
    assert "SECRET" not in words(blocks)


def recommended(blocks):
    return [block for block in blocks if block.get("kind") == "recommendation"]


def lines_of(box):
    return ["".join(piece["text"] for piece in line) for line in box["lines"]]


def test_one_state_alone_is_no_picture(world, report):
    blocks = told(governance, report)

    assert len(recommended(blocks)) == 1
    assert [block for block in blocks if block.get("chart") == "states"] == []


def test_what_was_recommended_or_answered_later_is_not_known(world, report):
    world.meeting.resolutions.recommendations().delete()
    first = recommendation(world, "2020-R2", answer="PLUS-TARD")
    before = told(governance, report)
    type(first).objects.filter(pk=first.pk).update(answered_on=LATER)
    first.take("accept", by=None, on=LATER)
    recommendation(world, "2020-R3", resolved_on=LATER)

    assert told(governance, report) == before
    later = recommended(told(governance, report, as_of=LATER))
    assert [one["title"]["text"].split(" · ")[1] for one in later] == ["Accepted", "Issued"]
    assert lines_of(later[0])[-1] == "Response: PLUS-TARD (October 10, 2020)"


def test_a_decision_that_was_withdrawn_later_holds_in_the_report(world, report):
    before = told(governance, report)
    world.decision.take("withdraw", by=None, on=LATER, withdrawn_on=LATER)

    assert told(governance, report) == before
    assert "Withdrawn on" in words(told(governance, report, as_of=LATER))


@pytest.mark.parametrize("audience", ["donor", "committee", "partners", "public"])
def test_a_reserved_recommendation_leaves_no_trace(world, report, audience):
    world.meeting.resolutions.recommendations().delete()
    for number, reserved in enumerate(("coordination", "voting"), start=2):
        item = AgendaItemFactory(meeting=world.meeting, audience=reserved)
        recommendation(world, f"2020-R{number}", item=item, text_fr="SECRET")

    assert recommended(told(governance, report, audience=audience)) == []
    assert len(recommended(told(governance, report, audience="coordination"))) == 2


def test_who_came_is_told_once(world, report):
    """With the meeting while there is one, and in a table of all where there are several."""
    first = meeting(world, 11, 6)
    attends(first, seat(world, "civil_society"))
    alone = told(governance, report)
    meeting(world, 12, 11)
    both = told(governance, report)

    assert BY_KIND not in captions(alone)
    assert "Voting seats present: State institution 0/1 · Civil society 1/1" in held(alone)
    assert captions(both).count(BY_KIND) == 1
    assert not any("Voting seats present" in line for line in held(both))


def held(blocks):
    inside = blocks[: next(n for n, one in enumerate(blocks) if one.get("anchor") == "decisions")]
    until = next(
        (n for n, one in enumerate(inside) if one.get("text", "").startswith("After")), None
    )
    meetings = [one for one in inside[:until] if one.get("kind") == "meeting"]
    return [line for one in meetings for line in lines_of(one)]


# Partners


def test_institutions_by_role(world, report):
    names = {key: str(one.names.get()) for key, one in world.institutions.items()}

    rows = table(told(partners, report), "Participating institutions")

    assert [[row[0].split(" | ")[0], *row[1:]] for row in rows] == [
        [names["donor"], "Donor", "Funding"],
        [names["embassy"], "Embassy", "Represents the donor"],
        [names["member"], "State institution", "Partner"],
        [names["partner"], "Civil society", "Partner"],
    ]


@pytest.mark.parametrize(
    ("audience", "is_named"),
    [
        ("coordination", True),
        ("donor", True),
        ("committee", True),
        ("voting", True),
        ("partners", False),
        ("public", False),
    ],
)
def test_who_hides_has_a_number_where_it_must_not_be_named(world, report, audience, is_named):
    at_risk = world.institutions["partner"]
    say(at_risk, "donor", "committee")
    number = world.project.neutral_numbers.get(institution=at_risk).number
    at_risk.names.update(name_fr="SECRET-COLLECTIF", acronym="SECRET")
    ParticipationFactory(project=world.project, institution=at_risk, role="beneficiary")

    recommendation(world, "2020-R9", addressee=at_risk)

    blocks = told(partners, report, audience=audience)

    assert ("SECRET" in words(blocks)) == is_named
    assert (f"Civil-society organisation {number}" in words(blocks)) == (not is_named)
    assert ("SECRET" in words(told(governance, report, audience=audience))) == is_named
    said = "Institutions with a number instead of a name are not named for their safety."
    assert (said in sentences(blocks)) == (not is_named)


def test_amounts_and_contacts_of_partners_are_not_told(world, report):
    Participation.objects.update(amount=987654)
    Contact.objects.update(full_name="SECRET-NOM")

    text = words(told(partners, report))

    assert not re.search(r"987.?654", text)
    assert "SECRET" not in text


# Safeguarding


def test_policies_in_force_run_out_or_missing(world, report, settings):
    settings.SAFEGUARDING_YEARS = 1
    member, partner = world.institutions["member"], world.institutions["partner"]
    third = ParticipationFactory(project=world.project, role="implementing").institution
    for institution, signed in ((member, date(2020, 1, 1)), (partner, date(2018, 1, 1))):
        institution.safeguarding_signed_on = signed
        institution.save()

    assert sentences(told(policies_of_partners, report)) == [
        "Partner institutions with a safeguarding policy in force on September 30, 2020: 1 of 3. "
        "To be signed again: 1. Not signed yet: 1."
    ]
    third.safeguarding_signed_on = date(2020, 9, 1)
    third.save()
    assert sentences(told(policies_of_partners, report))[0].startswith(
        "Partner institutions with a safeguarding policy in force on September 30, 2020: 2 of 3."
    )


def test_a_later_signature_does_not_hide_the_one_before(world, report, settings):
    settings.SAFEGUARDING_YEARS = 3
    member = world.institutions["member"]
    for signed in (date(2019, 5, 1), LATER):
        member.safeguarding_signed_on = signed
        member.save()

    assert sentences(told(policies_of_partners, report)) == [
        "Partner institutions with a safeguarding policy in force on September 30, 2020: 1 of 2. "
        "Not signed yet: 1."
    ]


@pytest.mark.parametrize("chapter", [partners, policies_of_partners])
def test_more_rows_are_not_more_queries(world, report, chapter, django_assert_max_num_queries):
    made = 10
    counts = []
    for count in (1, 30):
        for _each in range(count):
            made += 1
            institution = InstitutionFactory()
            ParticipationFactory(project=world.project, institution=institution)
        reading = reading_of(report)
        with django_assert_max_num_queries(5) as statements:
            assert chapter(reading)
        counts.append(len(statements))

    few, many = counts
    assert many <= few
