"""What a document says, and what it never says to whom."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from committees.models import Audience
from projects.models import Activity, ParticipantGroup
from reports.compose import AUDIENCES, compose, freeze
from reports.models.snapshot import canonical
from tests.factories import (
    ActionPlanFactory,
    ActivityFactory,
    AgendaItemFactory,
    AmendmentFactory,
    AttendanceFactory,
    DataPointFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeetingFactory,
    ParticipantGroupFactory,
    PeriodFactory,
    PositionFactory,
    RecommendationFactory,
    RemarkFactory,
    ReportFactory,
    ResolutionFactory,
    RiskFactory,
    RiskRatingFactory,
    SubjectFactory,
    say,
)
from tests.reports.conftest import SIGNED_ON
from tests.reports.rows import blocks_in, governance_in, results_in, table_in, texts_in

pytestmark = pytest.mark.django_db

GUESTS = ("donor", "committee", "partners")


def document(report, *, language="fr", audience="donor", as_of=SIGNED_ON):
    return compose(report, language=language, audience=audience, as_of=as_of)


def test_what_is_frozen_together_is_what_each_is_alone(world, report):
    """Rows that were read for another reader change nothing of what this one is told, nor what
    was taken back for that one: here what came after the day."""
    later = SIGNED_ON + timedelta(days=30)
    activity = ActivityFactory(
        project=world.project,
        title_fr="Plus tard",
        planned_start=world.year.start,
        planned_end=world.year.end,
        actual_start=world.year.end,
        actual_end=later,
        share_done=100,
    )
    DeliverableFactory(activity=activity, delivered_on=later)
    AmendmentFactory(project=world.project, number=90, status="effective", donor_decided_on=later)
    risk = RiskFactory(project=world.project, is_shared=True, identified_on=world.year.start)
    RiskRatingFactory(risk=risk, rated_on=world.year.start)
    RiskRatingFactory(risk=risk, rated_on=later)

    assert freeze(report, as_of=SIGNED_ON) == each_alone(report)


def test_what_some_readers_may_not_know_is_not_told_them_because_others_are(world, report):
    """A name, a small count of persons and a reserved decision, which nobody shares with all."""
    partner = world.institutions["partner"]
    say(partner, "donor")
    world.indicator.responsible = partner
    world.indicator.counts_persons = True
    world.indicator.save()
    world.indicator.data_points.filter(kind="actual").update(numerator=3)
    world.plan.terms.update(responsible=partner)
    activity = ActivityFactory(project=world.project, actual_start=world.year.start, participants=6)
    ParticipantGroupFactory(activity=activity, women=2)
    reserved = AgendaItemFactory(meeting=world.item.meeting, audience="donor")
    ResolutionFactory(agenda_item=reserved, number="2020-77", text_fr="Réservé au bailleur")

    together = freeze(report, as_of=SIGNED_ON)

    assert together == each_alone(report)
    told = {audience: canonical(together[audience]) for audience in AUDIENCES}
    reads = {one for one in AUDIENCES if "Réservé au bailleur" in told[one]}
    assert reads == {"donor", "coordination"}


def each_alone(report):
    return {
        audience: {
            language: document(report, language=language, audience=audience)
            for language in ("fr", "es", "en")
        }
        for audience in AUDIENCES
    }


def test_the_chapters_stand_in_order_and_are_numbered(report):
    chapters = document(report)["chapters"]

    assert [(one["number"], one["kind"]) for one in chapters] == [
        ("1", "summary"),
        ("2", "context"),
        ("3", "progress"),
        ("4", "activities"),
        ("5", "cross_cutting"),
        ("6", "changes"),
        ("7", "governance"),
        ("8", "plan"),
        ("A", "annex_logic"),
        ("B", "annex_framework"),
        ("C", "annex_schedule"),
        ("D", "annex_decisions"),
    ]


def test_it_can_be_frozen_and_is_the_same_each_time(report):
    first, second = freeze(report, as_of=SIGNED_ON), freeze(report, as_of=SIGNED_ON)

    assert canonical(first) == canonical(second)
    assert json.loads(canonical(first)) == first
    assert {type(value) for value in _leaves(first)} <= {str, int, bool, type(None)}


def test_narrative_comes_in_the_readers_language_or_says_which_it_is(report):
    texts = {one["kind"]: one["narrative"] for one in document(report, language="en")["chapters"]}

    assert texts["context"] == {"text": "The context changed.", "lang": ""}
    assert texts["summary"] == {"text": "Une première année **utile**.", "lang": "fr"}


def test_a_draft_shows_what_must_still_be_written_and_a_signed_report_does_not(report):
    report.sections.filter(kind="context").delete()
    draft = [one["kind"] for one in document(report)["chapters"] if one["is_missing"]]
    report.signed_off_on = SIGNED_ON
    signed = [one["kind"] for one in document(report)["chapters"]]

    assert draft == ["context"]
    assert "context" not in signed


def test_indicators_stand_with_variance_and_rating(report):
    (row,) = results_in(report)[0]["indicators"]

    assert (row["target"], row["actual"], row["variance"]) == ("120", "134", "+12\u00a0%")
    assert row["rating"] == "met"


def test_a_percentage_differs_by_points(world, report):
    indicator = IndicatorFactory(result=world.result, code="1100.2", measure="percentage")
    DataPointFactory(indicator=indicator, period=world.year, kind="target", numerator=40)
    DataPointFactory(indicator=indicator, period=world.year, numerator=31, denominator=100)

    row = results_in(report)[0]["indicators"][1]

    assert (row["target"], row["actual"]) == ("40\u00a0%", "31\u00a0%")
    assert row["variance"].startswith("−9")


def test_a_value_that_is_not_approved_is_missing_never_zero(world, report):
    world.indicator.data_points.filter(kind="actual").update(status="submitted", comment="Secret")

    (row,) = results_in(report)[0]["indicators"]

    assert (row["actual"], row["rating"]) == ("–", "not_measured")
    assert "Secret" not in canonical(document(report))


def test_later_values_do_not_count(world, report):
    later = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    DataPointFactory(indicator=world.indicator, period=later, numerator=500)

    (row,) = results_in(report)[0]["indicators"]

    assert row["actual"] == "134"


def test_meetings_after_the_period_stand_apart(world, report):
    MeetingFactory(
        committee=world.committee,
        number=2,
        starts_at=datetime(2019, 8, 23, 15, tzinfo=UTC),
        ends_at=datetime(2019, 8, 23, 17, tzinfo=UTC),
        quorum_is_stated=False,
    )

    found = governance_in(report)

    assert [meeting.day for meeting in found.meetings] == [date(2019, 8, 23)]
    assert [meeting.day for meeting in found.meetings_after] == [date(2020, 9, 3)]


def test_what_came_after_the_day_of_the_document_is_not_in_it(report):
    before = date(2020, 8, 1)

    found = governance_in(report, as_of=before)

    assert found.meetings_after == found.decisions == found.recommendations == []
    assert blocks_in(report, "plan", as_of=before) == []


def test_the_follow_up_rate_leaves_out_what_was_declined(world, report):
    for number, status in enumerate(["implemented", "declined", "accepted"], 2):
        RecommendationFactory(agenda_item=world.item, number=f"2020-R{number}", status=status)

    told = texts_in(report, "governance", language="en")

    assert "Issued: 4; implemented: 1; declined: 1. Follow-up rate: 33%." in told


def test_links_lead_only_to_what_stands_in_the_document(world, report):
    SubjectFactory(resolution=world.decision, result=world.result)
    SubjectFactory(resolution=world.decision, plan=ActionPlanFactory(period=world.year, version=9))

    chapters = {one["kind"]: one for one in document(report, audience="coordination")["chapters"]}
    blocks = chapters["annex_decisions"]["blocks"]
    box = next(one for one in blocks if one.get("kind") == "decision")
    see = box["lines"][-1]

    assert [piece["to"] for piece in see if piece["text"] != " · "] == [
        "",  # the word before
        f"amendment-{world.project.amendments.get().number}",
        "result-1100",
        "",
    ]


def test_committee_and_donor_are_two_facts(world, report):
    told = texts_in(report, "changes", language="en")

    assert "Committee: Decision 2020-01\n" in told
    assert "Donor: no answer yet" in told


def test_partners_read_only_of_amendments_in_effect(report):
    assert blocks_in(report, "changes", audience="partners") == []
    assert texts_in(report, "changes", audience="committee") != ""


@pytest.mark.parametrize("audience", ["donor", "public"])
@pytest.mark.parametrize(
    ("status", "is_shown"),
    [("draft", False), ("recommended", False), ("submitted", True), ("refused", True)],
)
def test_the_donor_reads_of_an_amendment_once_it_was_submitted(
    world, report, audience, status, is_shown
):
    world.project.amendments.update(status=status)

    assert bool(blocks_in(report, "changes", audience=audience)) == is_shown


@pytest.mark.parametrize("reserved", [Audience.COORDINATION, Audience.VOTING])
def test_what_was_resolved_on_a_reserved_item_stays_inside(world, report, reserved):
    item = AgendaItemFactory(meeting=world.meeting, audience=reserved, title_fr="SECRET titre")
    ResolutionFactory(agenda_item=item, number="2020-99", text_fr="SECRET décision")
    RecommendationFactory(agenda_item=item, number="2020-R99", text_fr="SECRET conseil")

    for audience in GUESTS:
        written = canonical(document(report, audience=audience))
        assert "SECRET" not in written, audience
        assert "2020-99" not in written, audience
    assert "SECRET décision" in canonical(document(report, audience="coordination"))


def test_an_item_for_one_audience_does_not_reach_another(world, report):
    item = AgendaItemFactory(meeting=world.meeting, audience=Audience.DONOR)
    ResolutionFactory(agenda_item=item, number="2020-98", text_fr="Pour le donateur")

    told = {
        audience: "Pour le donateur" in canonical(document(report, audience=audience))
        for audience in (*GUESTS, "coordination")
    }

    assert told == {"donor": True, "committee": False, "partners": False, "coordination": True}


def test_names_remarks_and_notes_never_enter_any_document(world, report):
    hidden = "NOMCACHÉ"
    for person in world.people.values():
        type(person).objects.filter(pk=person.pk).update(full_name=f"{hidden} {person.pk}")
    for contact in world.people["member"].contacts.all():
        contact.full_name, contact.title = hidden, hidden
        contact.may_be_named = True
        contact.save()
    world.item.notes = world.item.presenter = world.item.late_consent = hidden
    world.item.save()
    AttendanceFactory(meeting=world.meeting, seat=world.seat, contact=contact)
    AttendanceFactory(meeting=world.meeting, seat=None, guest_name=hidden)
    RemarkFactory(plan=world.plan, institution=world.institutions["partner"], text=hidden)
    PositionFactory(plan=world.plan, institution=world.institutions["partner"], text=hidden)
    type(world.meeting).objects.filter(pk=world.meeting.pk).update(
        place=hidden, call_link=f"https://example.org/{hidden}"
    )
    type(world.decision).objects.filter(pk=world.decision.pk).update(
        answer=hidden, answer_evidence=hidden
    )
    report.four_eyes_exception = hidden
    report.refresh_from_db()

    assert hidden not in canonical(freeze(report, as_of=SIGNED_ON))


@pytest.mark.parametrize(
    ("participants", "women", "told"),
    [
        (35, 20, ("35", "20 women")),
        (35, 32, ("35", "")),  # three men could be told from the total
        (35, 3, ("35", "")),
        (35, 35, ("35", "35 women")),
        (3, 3, ("< 5", "")),
        (None, None, ("–", "")),
    ],
)
def test_small_numbers_of_persons_are_not_told_outside(report, participants, women, told):
    Activity.objects.update(participants=participants)
    ParticipantGroup.objects.update(women=women or 1)

    (outside,) = table_in(report, "activities", "activities", language="en")
    (inside,) = table_in(report, "activities", "activities", language="en", audience="coordination")

    assert (outside["participants"], outside["participants_note"]) == told
    assert inside["participants"] == ("–" if participants is None else str(participants))


def test_activities_of_other_years_are_left_out(world, report):
    ActivityFactory(project=world.project, actual_start=date(2020, 4, 1))
    ActivityFactory(
        project=world.project, actual_start=date(2019, 3, 1), actual_end=date(2019, 3, 2)
    )
    ActivityFactory(project=world.project, actual_start=date(2020, 3, 31), title_fr="Au bord")

    titles = [row["title"] for row in table_in(report, "activities", "activities")]

    assert titles == ["Atelier de diagnostic", "Au bord"]


def test_a_project_of_which_nothing_is_known_can_be_reported(world):
    empty = ReportFactory(period__project=world.neighbour)

    kinds = [one["kind"] for one in document(empty)["chapters"]]

    assert kinds == ["summary", "context", "governance"]  # its institutions are known


def test_composing_asks_the_database_as_often_for_much_as_for_little(
    world, report, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            indicator = IndicatorFactory(result=world.result, code=f"1100.{number + 10}")
            DataPointFactory(indicator=indicator, period=world.year)
            ActivityFactory(project=world.project, actual_start=date(2019, 5, 1))
            RecommendationFactory(agenda_item=world.item, number=f"2020-R{number + 100}")

        with django_assert_max_num_queries(105) as statements:
            document(report)
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def _leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def test_small_counts_of_persons_are_told_by_agreement_alone(world, report):
    world.indicator.counts_persons = True
    world.indicator.save()
    actual = world.indicator.data_points.filter(kind="actual")
    actual.update(numerator=3, comment="Trois personnes")

    def told(audience):
        (row,) = results_in(report, audience=audience)[0]["indicators"]
        return (row["actual"], row["variance"] != "", row["rating"], row["comment"])

    for audience in GUESTS:
        assert told(audience) == ("non communiqué (moins de 5 personnes)", False, "", "")
        assert "Trois personnes" not in canonical(document(report, audience=audience))
    assert told("coordination")[0] == "3"
    for participation in world.project.participations.filter(role__in=["funding", "representing"]):
        participation.agreement = participation.institution.agreements.create(
            kind="contribution", reference="A-1", tells_small_counts=True
        )
        assert told("donor")[0] != "3"  # all who read it as the donor must be told them
        participation.save()
    assert told("donor")[0] == "3"
