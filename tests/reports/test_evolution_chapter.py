"""What changed of the logic model and of the budget in a period."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from projects.models import BudgetRevision
from reports.compose.evolution import evolution, logic_model_changes, reallocations, target_changes
from tests.factories import (
    BudgetLineFactory,
    IndicatorFactory,
    LogicModelVersionFactory,
    ResultFactory,
)
from tests.reports.chapters import captions, sentences, table, told, words
from tests.reports.conftest import SIGNED_ON

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=10)
ON = date(2019, 12, 1)


def version(world, number, on=ON, **fields):
    return LogicModelVersionFactory(project=world.project, number=number, approved_on=on, **fields)


@pytest.fixture
def changed(world):
    """A version before the period; then a result reworded, one added, one taken out, and indicators."""
    gone = ResultFactory(project=world.project, code="1900", statement_fr="Abandonné")
    version(world, 1, date(2019, 3, 1))
    gone.delete()
    world.result.statement_fr, world.result.statement_en = "Nouvel énoncé", "New wording"
    world.result.save()
    ResultFactory(project=world.project, code="1200", statement_fr="Ajouté")
    world.indicator.name_fr = "Autre mesure"
    world.indicator.save()
    IndicatorFactory(result=world.result, code="1100.2", name_fr="De plus")
    return version(
        world, 2, approver="committee", reference="Decision 2019-3", reason_fr="Un **bilan**."
    )


def test_what_a_version_says_otherwise(world, report, changed):
    blocks = told(logic_model_changes, report)

    assert [one["text"] for one in blocks if one["type"] == "heading"] == [
        "Logic model and indicators",
        "Logic model, version 2",
    ]
    assert sentences(blocks) == [
        "Approved on December 1, 2019 by: Steering committee. Decision or letter: Decision 2019-3. "
        "The donor has not approved it yet."
    ]
    assert [one["text"] for one in blocks if one["type"] == "prose"] == ["Un **bilan**."]
    assert table(blocks, "Results changed") == [
        ["1100 | Intermediate outcome", "Reworded", "Énoncé 1100", "New wording"],
        ["1200 | Intermediate outcome", "Added", "–", "Ajouté"],
        ["1900 | Intermediate outcome", "Removed", "Abandonné", "–"],
    ]
    assert table(blocks, "Indicators changed") == [
        ["1100 | Intermediate outcome", "Indicator changed", "Indicateur 1100.1", "Autre mesure"],
        ["1100 | Intermediate outcome", "Indicator added", "–", "De plus"],
    ]


def test_of_a_text_changed_in_two_languages_the_readers_own_is_told(report, changed):
    text = words(told(logic_model_changes, report, language="fr"))

    assert "Nouvel énoncé" in text
    assert "New wording" not in text


def test_each_text_says_its_language_where_it_is_another(report, changed):
    blocks = told(logic_model_changes, report)
    (results, _indicators) = [one for one in blocks if one["type"] == "table"]

    first = results["rows"][0]["cells"]
    assert [each["lang"] for each in first[2:]] == ["fr", ""]


def test_what_was_only_translated_is_no_change(world, report):
    version(world, 1, date(2019, 3, 1))
    world.result.statement_en = "Statement"
    world.result.save()
    version(world, 2)

    for language in ("fr", "en"):
        assert captions(told(logic_model_changes, report, language=language)) == []


def test_the_donors_approval_is_another_fact_and_known_from_its_day(report, changed):
    before = told(logic_model_changes, report)
    _approve(changed)

    assert told(logic_model_changes, report) == before
    later = sentences(told(logic_model_changes, report, as_of=LATER))
    assert later == [
        "Approved on December 1, 2019 by: Steering committee. Decision or letter: Decision 2019-3. "
        "Approved by the donor on October 10, 2020. Donor's reference: LET-9."
    ]


def _approve(changed):
    """The database lets the donor's answer be added, and nothing else be changed."""
    changed.donor_approved_on, changed.donor_reference = LATER, "LET-9"
    changed.save(update_fields=["donor_approved_on", "donor_reference"])


def test_a_first_version_tells_how_much_it_holds(world, report):
    version(world, 1)

    assert sentences(told(logic_model_changes, report)) == [
        "Approved on December 1, 2019 by: Donor.",
        "The first approved version: 1 result, 1 indicator.",
    ]


def test_versions_of_other_periods_and_of_later_days_are_left_out(world, report):
    version(world, 1, date(2019, 3, 1))
    version(world, 2, date(2020, 5, 1))

    assert told(evolution, report) == []
    version(world, 3, date(2020, 3, 1))
    assert told(evolution, report, as_of=date(2020, 2, 1)) == []
    assert told(evolution, report) != []


def test_reallocations_are_for_who_sees_money(world, report):
    line = BudgetLineFactory(period=world.year, category__project=world.project)
    BudgetRevision.objects.create(
        line=line, before=1000, after=800, reason="SECRET", is_within_tolerance=True, on=ON
    )

    seen = {
        audience: captions(told(evolution, report, audience=audience))
        for audience in ("coordination", "donor", "committee", "voting", "partners", "public")
    }

    mine = ["Revisions of the approved budget (CAD)"]
    nothing = {name: [] for name in ("committee", "voting", "partners", "public")}
    assert seen == {"coordination": mine, "donor": mine} | nothing


def test_revisions_of_another_period_are_left_out(world, report):
    line = BudgetLineFactory(period=world.year, category__project=world.project)
    for on in (date(2019, 3, 1), date(2020, 4, 1)):
        BudgetRevision.objects.create(
            line=line, before=1000, after=800, reason="R", is_within_tolerance=True, on=on
        )

    assert told(reallocations, report) == []


# Targets


def recorded(point, on, **fields):
    """A change of a target, as if it had been written on that day."""
    for name, value in fields.items():
        setattr(point, name, value)
    point.save()
    newest = point.history.first()
    type(newest).objects.filter(pk=newest.pk).update(
        history_date=datetime.combine(on, time(12), tzinfo=UTC)
    )


@pytest.fixture
def target(world, report):
    """120 before the period began, 150 in it, 999 after the day of the document."""
    point = world.indicator.data_points.get(kind="target")
    point.history.all().delete()
    recorded(point, date(2019, 3, 1), numerator=120)
    recorded(point, ON, numerator=150)
    recorded(point, LATER, numerator=999)
    return point


def test_a_target_that_changed_in_the_period_is_told(report, target):
    assert table(told(target_changes, report, audience="partners"), "Targets changed") == [
        ["Indicateur 1100.1 | 1100.1", "Project year 1", "120", "150"]
    ]


def test_before_its_day_a_change_is_not_known(report, target):
    assert told(target_changes, report, as_of=date(2019, 11, 30)) == []


def test_what_waits_for_approval_is_no_change(report, target):
    target.history.filter(numerator=150).update(status="submitted")

    assert told(target_changes, report) == []


def test_a_target_set_for_the_first_time_is_no_change(report, target):
    target.history.filter(numerator=120).delete()

    assert told(target_changes, report) == []
