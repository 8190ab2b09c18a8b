"""Indicators that several projects share are added only where that says something true."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from ibcr_portal.obligations.writing import Obligations
from ibcr_portal.portfolio.reading import (
    common_indicators,
    project_figures,
    projects_of,
    with_names,
)
from ibcr_portal.reader import Reader
from tests.factories import (
    AssignmentFactory,
    ContactFactory,
    DataPointFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    ProjectFactory,
    RepresentationFactory,
    ResultFactory,
    UserFactory,
)
from tests.obligations import write_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return UserFactory()


def measured(person, actual, target=100, **values):
    """A project with a standard indicator that somebody of its team reads."""
    project = ProjectFactory()
    AssignmentFactory(project=project, user=person, role="coordinator")
    indicator = IndicatorFactory(
        result=ResultFactory(project=project),
        **{
            "standard": "own",
            "standard_code": "FORM-01",
            "name_fr": "Personnes formées",
            **values,
        },
    )
    year = PeriodFactory(project=project)
    for kind, number in (("target", target), ("actual", actual)):
        if number is not None:
            whole = 100 if indicator.measure == "percentage" else None
            DataPointFactory(
                indicator=indicator, kind=kind, period=year, numerator=number, denominator=whole
            )
    return indicator


def common(person):
    write_all()
    figures = project_figures(Obligations(Reader(person)))
    return with_names(common_indicators(figures))


def test_numbers_that_add_up_are_added_and_it_is_said_of_how_many_projects(auditor):
    measured(auditor, 40)
    measured(auditor, 2, target=50)
    measured(auditor, None, target=900)

    [row] = common(auditor)

    assert (row.code, row.name) == ("FORM-01", "Personnes formées")
    assert (row.total, row.target) == (42, 150)
    assert (len(row.measured), projects_of(row), row.range) == (2, 3, (2, 40))
    assert row.why_not_added == ""


@pytest.mark.parametrize(
    "values",
    [
        {"measure": "percentage"},
        {"cumulative": "latest"},
        {"cumulative": "highest"},
    ],
)
def test_what_does_not_add_up_has_a_lowest_and_a_highest_value(auditor, values):
    for actual in (20, 30):
        measured(auditor, actual, **values)

    [row] = common(auditor)

    assert (row.total, row.target, row.range) == (None, None, (Decimal(20), Decimal(30)))
    assert row.why_not_added


@pytest.mark.parametrize(
    "other",
    [
        {"counts_persons": True},
        {"measure": "percentage"},
        {"cumulative": "latest"},
        {"ascending": False},
    ],
)
def test_different_units_or_rules_are_never_added(auditor, other):
    measured(auditor, 20)
    measured(auditor, 30, **other)

    [row] = common(auditor)

    assert row.total is None
    assert row.why_not_added


def test_the_same_code_of_another_list_is_another_indicator(auditor):
    measured(auditor, 20)
    measured(auditor, 30, standard="sdg")

    assert [(row.standard.value, row.total) for row in common(auditor)] == [
        ("own", 20),
        ("sdg", 30),
    ]


def test_a_withheld_value_is_counted_nowhere():
    partner = UserFactory()
    shown = measured(UserFactory(), 20, counts_persons=True)
    hidden = measured(UserFactory(), 3, counts_persons=True)
    contact = ContactFactory(user=partner)
    for indicator in (shown, hidden):
        place = ParticipationFactory(
            project=indicator.result.project, institution=contact.institution
        )
        RepresentationFactory(participation=place, contact=contact)

    [row] = common(partner)

    assert (row.total, row.target, len(row.measured), len(row.values)) == (20, 100, 1, 2)
    assert [value.actual for value in row.values if value.is_withheld] == [None]


def test_a_list_needs_its_code(auditor):
    indicator = measured(auditor, 20)
    indicator.standard_code = " "
    with pytest.raises(ValidationError):
        indicator.full_clean()
    with pytest.raises(IntegrityError):
        type(indicator).objects.filter(pk=indicator.pk).update(standard_code="")
