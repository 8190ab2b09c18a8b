"""Which values of a project may leave: approved, not small, with the names that a file has."""

from decimal import Decimal

import pytest

from projects.iati.document import HeldBack, HeldBackReason, MeasuredValue
from projects.models import DataPoint, Dimension, ProjectSector
from tests.factories import (
    DataPointFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    ResultFactory,
)
from tests.projects.test_iati_publishable import document_of, held_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def project():
    project = ProjectFactory(description_fr="Ce que c’est")
    ProjectSector.objects.create(project=project, code="15160", percentage=100)
    ParticipationFactory(project=project, role="accountable")
    return project


def test_a_baseline_is_of_the_year_in_which_the_project_began(project):
    """From 2019 to 2022."""
    indicator = IndicatorFactory(result=ResultFactory(project=project))
    DataPointFactory(indicator=indicator, kind="baseline", period=None)

    (measured,) = document_of(project).results[0].indicators

    assert [(each.year, each.measured.value) for each in measured.baselines] == [(2019, 10)]


@pytest.mark.parametrize(
    ("level", "kind"),
    [("ultimate", "3"), ("intermediate", "2"), ("immediate", "2"), ("output", "1")],
)
def test_a_result_has_the_type_of_its_level(project, level, kind):
    IndicatorFactory(result=ResultFactory(project=project, level=level, code="1"))

    (outcome,) = document_of(project).results

    assert (outcome.kind, outcome.level, outcome.code) == (kind, level, "1")


def test_a_breakdown_with_one_small_count_leaves_no_cell_and_its_whole_leaves(project):
    """Of 60 persons three are men; 57 women would tell how many."""
    sex = Dimension.objects.get(code="sex")
    indicator = IndicatorFactory(
        result=ResultFactory(project=project), dimension=sex, counts_persons=True
    )
    period = PeriodFactory(project=project)
    for code, count in ((None, 60), ("women", 57), ("men", 3)):
        category = code and sex.categories.get(code=code)
        DataPointFactory(indicator=indicator, period=period, category=category, numerator=count)

    (measured,) = document_of(project).results[0].indicators

    assert measured.periods[0].actuals == [MeasuredValue(Decimal(60))]
    assert held_back(project) == [
        "1 breakdown contains a count of fewer than five persons, or would reveal one."
    ]


def test_each_value_that_is_not_approved_is_counted(project):
    indicator = IndicatorFactory(result=ResultFactory(project=project))
    period = PeriodFactory(project=project)
    for kind, status in (("target", "draft"), ("actual", "submitted"), ("baseline", "approved")):
        DataPointFactory(
            indicator=indicator,
            kind=kind,
            status=DataPoint.Status(status),
            period=None if kind == "baseline" else period,
        )
    IndicatorFactory(result=indicator.result)
    ResultFactory(project=project)

    assert held_back(project) == [
        "1 result has no indicator, without which IATI does not accept it.",
        "2 values are not approved.",
    ]


@pytest.mark.parametrize(("number", "verb"), [(1, "value is"), (3, "values are")])
def test_what_is_held_back_is_counted_in_words(number, verb):
    held_back = HeldBack()

    answer = held_back.hold_back(HeldBackReason.NOT_APPROVED, number)

    assert (answer, held_back.sentences()) == (False, [f"{number} {verb} not approved."])
    held_back.hold_back(HeldBackReason.NOT_APPROVED, 2)
    assert held_back.counts[HeldBackReason.NOT_APPROVED] == number + 2
