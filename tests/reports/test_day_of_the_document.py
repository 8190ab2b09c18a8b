"""A document knows nothing that came after its day, also where it is made later."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from committees.models import ActionPlan
from kernel.formats import day
from partners.models import InstitutionName
from projects.models import Activity, Amendment
from reports.compose import compose, gaps
from reports.models import About, DocumentKind, Snapshot
from reports.services.requesting import data_of
from reports.verifying import found_under
from tests.factories import ActivityFactory, IndicatorFactory
from tests.reports.conftest import SIGNED_ON
from tests.reports.rows import governance_in, table_in, texts_in

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=30)


def document(report, as_of=SIGNED_ON):
    return compose(report, language="en", audience="donor", as_of=as_of)


def told(report, kind, as_of=SIGNED_ON):
    return texts_in(report, kind, language="en", as_of=as_of)


def rows(report, kind, key, as_of=SIGNED_ON):
    return table_in(report, kind, key, language="en", as_of=as_of)


def facts(report, as_of=SIGNED_ON):
    return {fact["label"]: fact["value"] for fact in document(report, as_of)["facts"]}


@pytest.fixture
def extended(world, report):
    """An extension that the donor approved, and that took effect, a month after the report."""
    Amendment.objects.update(status="draft")
    amendment = Amendment.objects.get()
    by = world.people["coordinator"]
    amendment.take("recommend", by=by, on=SIGNED_ON - timedelta(days=20))
    amendment.take("submit", by=by, on=SIGNED_ON)
    amendment.take(
        "approve", by=by, on=LATER, donor_decided_on=LATER, donor_reference="LET-2020-11"
    )
    amendment.take("take_effect", by=by, on=LATER)
    type(world.project).objects.update(current_end=amendment.end_after)
    report.project.refresh_from_db()
    return amendment


def test_an_extension_in_effect_later_is_only_submitted(report, extended):
    assert " · Submitted" in told(report, "changes")
    assert "Donor: no answer yet" in told(report, "changes")
    assert "Committee: Decision 2020-01\n" in told(report, "changes")
    assert "LET-2020-11" not in str(document(report))


def test_the_end_of_the_project_is_that_of_the_day(report, extended):
    assert "End as amended" not in facts(report)
    assert facts(report)["End as first agreed"] == "March 31, 2022"
    assert facts(report, LATER)["End as amended"] == "September 30, 2022"
    assert facts(report, LATER)["End as first agreed"] == "March 31, 2022"


def test_once_it_is_known_the_donors_answer_is_told(report, extended):
    assert " · In effect\n" in told(report, "changes", LATER)
    assert "Donor: Approved on October 30, 2020 (LET-2020-11)" in told(report, "changes", LATER)


def test_nothing_of_it_is_written_back(report, extended):
    document(report)

    extended.refresh_from_db()
    assert (extended.status, extended.donor_decided_on) == ("effective", LATER)


def test_a_plan_approved_later_is_not_approved_yet(world, report):
    ActionPlan.objects.filter(pk=world.plan.pk).update(donor_approved_on=LATER)

    assert "Donor: not approved yet" in told(report, "plan")
    assert "Donor: approved on October 30, 2020" in told(report, "plan", LATER)


def test_a_plan_closed_later_is_in_execution(world, report):
    world.plan.refresh_from_db()
    world.plan.take("close", by=None, on=LATER)

    assert " · In execution · " in told(report, "plan")
    assert " · Closed · " in told(report, "plan", LATER)


def test_the_document_of_a_plan_says_nothing_of_what_came_after_its_validation(world):
    """Its day is that of the decision, whenever it is made; the page of verification says the rest."""
    decided_on = world.decision.resolved_on
    ActionPlan.objects.update(status="validated", validated_by=world.decision)
    about = About(ActionPlan.objects.get(pk=world.plan.pk), DocumentKind.PLAN)
    before = data_of(about, language="en", audience="donor")

    world.plan.refresh_from_db()
    world.plan.take("start", by=None, on=decided_on + timedelta(days=20))
    world.plan.take("close", by=None, on=decided_on + timedelta(days=400))
    ActionPlan.objects.update(donor_approved_on=decided_on + timedelta(days=30))
    about = About(ActionPlan.objects.get(pk=world.plan.pk), DocumentKind.PLAN)
    after = data_of(about, language="en", audience="donor")

    assert after == before
    said = {one["label"]: one["value"] for one in after["donor"]["en"]["facts"]}
    assert (said["State"], said["Donor"]) == (
        "Validated by the committee",
        "not approved yet",
    )
    assert about.of(ActionPlan).status == "closed"
    snapshot = Snapshot.keep(about, after, is_final=True)
    with translation.override("en"):
        told_since = {one["label"]: one["value"] for one in found_under(snapshot.code).facts}
        days = [day(decided_on + timedelta(days=number)) for number in (20, 30, 400)]
        assert told_since["Since then"] == (
            f"In execution ({days[0]}) · approved by the donor on {days[1]} · Closed ({days[2]})"
        )


def test_an_action_finished_later_was_not_done_yet(world, report):
    world.action.note_progress(60, by=world.people["coordinator"])
    world.action.take("finish", by=world.people["coordinator"], on=LATER, share_done=100)

    (row,) = rows(report, "plan", "actions")
    assert (row["state"], row["share"]) == ("To do", "–")
    (row,) = rows(report, "plan", "actions", LATER)
    assert (row["state"], row["share"]) == ("Done", "100%")


def test_a_recommendation_implemented_later_does_not_count_yet(world, report):
    recommendation = world.meeting.resolutions.recommendations().get()
    recommendation.take("accept", by=None, on=SIGNED_ON)
    recommendation.take("implement", by=None, on=LATER)

    assert "implemented: 0" in told(report, "governance")
    (found,) = governance_in(report, as_of=SIGNED_ON).recommendations
    assert found.status == "accepted"
    assert "implemented: 1" in told(report, "governance", LATER)


def test_what_is_late_is_late_on_the_day_of_the_document(world, report):
    ActivityFactory(
        project=world.project,
        title_fr="Mission",
        planned_start=date(2020, 3, 1),
        planned_end=date(2020, 10, 15),
    )

    def state(as_of):
        found = rows(report, "activities", "activities", as_of)
        return next(row["state"] for row in found if row["title"] == "Mission")

    with translation.override("en"):
        assert state(SIGNED_ON) == str(Activity.State.PLANNED.label)
        assert state(date(2020, 10, 16)) == str(Activity.State.LATE.label)


def test_institutions_bear_the_name_of_their_time(world, report):
    name = world.institutions["member"].names.get()
    InstitutionName.objects.create(
        institution=world.institutions["member"],
        name_fr="Nouveau nom",
        acronym="NEW",
        since=date(2022, 1, 27),
    )

    (row,) = rows(report, "plan", "actions")
    assert row["responsible"] == name.acronym


# --- What a checklist would miss --------------------------------------------------------------


def sentences(report):
    with translation.override("en"):
        return [gap["sentence"] for gap in gaps(report)]


def test_a_section_that_lacks_languages_is_told(report):
    assert "“Context” is not written in: Spanish." in sentences(report)


def test_a_translation_older_than_its_source_is_told(world, report):
    indicator = IndicatorFactory(result=world.result, code="1100.9", name_es="Antiguo")
    indicator.mark_translated("es", "name")
    indicator.save()
    assert not any("older" in sentence for sentence in sentences(report))

    indicator.name_fr = "Un autre énoncé"
    indicator.save()

    assert any("1100.9" in one and "older" in one for one in sentences(report))
