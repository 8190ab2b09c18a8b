"""Targets and baselines in the workbook of a project: of its years, of those that the import opens, and
of indicators that are there already."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from ibcr_portal.intake.file import draft_of, template_of
from ibcr_portal.intake.sheets import columns_by_sheet
from ibcr_portal.intake.undoing import undo_intake
from ibcr_portal.intake.writing import write_intake
from ibcr_portal.models import IntakeUpload
from kernel.languages import working_in
from kernel.refusal import Refusal
from projects.models import DataPoint, Indicator, Period
from tests.factories import DataPointFactory, PeriodFactory, ProjectFactory
from tests.ibcr_portal.intake.rows import (
    brought,
    coordinator_of,
    everything,
    given,
    is_there_already,
    marks,
    read,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_project():
    """A project whose periods nobody has opened: two years and three months."""
    project = ProjectFactory(
        code="HN-10", languages=["es"], starts_on=date(2026, 1, 1), original_end=date(2028, 3, 31)
    )
    with working_in(project), translation.override("es"):
        yield project


def framework(**cells):
    """One result with one indicator, which has these cells."""
    result = {"code": 1000, "statement_es": "Un país sin trata"}
    indicator = {"result": 1000, "code": "1000.1", "name_es": "Casos", "counts_persons": "No"}
    return {"results": [result], "indicators": [indicator | cells]}


def targets(project):
    points = DataPoint.objects.filter(indicator__result__project=project, kind="target")
    return [(point.period.number, point.value) for point in points.order_by("period__start")]


def test_the_workbook_of_a_project_without_periods_asks_for_targets_of_its_years(new_project):
    template_of(new_project)

    columns = columns_by_sheet(new_project)

    labels = [one.label for one in columns["indicators"] if one.name.startswith("target")]
    assert labels == [f"Meta: Año del proyecto {number}" for number in (1, 2, 3)]
    [period] = [one for one in columns["budget"] if one.name == "period"]
    assert period.choices == tuple(f"Año del proyecto {number}" for number in (1, 2, 3))


def test_targets_and_amounts_open_the_years_and_undoing_the_import_closes_them(new_project, client):
    coordinator = coordinator_of(new_project)
    sheets = framework(baseline=2, target_1=10, target_3=Decimal("30.5"))
    sheets["budget"] = [
        {"category": "PERS", "name_es": "Personal", "period": number, "amount": 100 * number}
        for number in (1, 2)
    ]

    draft = read(new_project, coordinator, sheets)
    client.force_login(coordinator)
    client.cookies["language"] = "es"
    page = client.get(reverse("projects:intake-check", args=["HN-10"])).content.decode()
    intake = brought(new_project, coordinator, sheets)

    assert len(draft.years_to_open) == 3
    assert "la importación abre sus 3 años" in page
    years = list(new_project.periods.values_list("kind", "number", "start", "end"))
    assert years == [
        ("project_year", 1, date(2026, 1, 1), date(2026, 12, 31)),
        ("project_year", 2, date(2027, 1, 1), date(2027, 12, 31)),
        ("project_year", 3, date(2028, 1, 1), date(2028, 3, 31)),
    ]
    assert targets(new_project) == [(1, Decimal(10)), (3, Decimal("30.5"))]
    assert {line.period.number for line in new_project.budget_lines.all()} == {1, 2}

    assert not undo_intake(intake, by=coordinator)
    assert not new_project.periods.exists()
    assert not DataPoint.objects.filter(indicator__result__project=new_project).exists()


def test_nothing_is_opened_where_nothing_needs_a_year(new_project):
    brought(new_project, coordinator_of(new_project), framework(baseline=2))

    assert not new_project.periods.exists()


def test_a_project_with_the_years_of_its_donor_has_targets_for_these(new_project):
    PeriodFactory(
        project=new_project,
        kind=Period.Kind.FISCAL_YEAR,
        start=date(2026, 4, 1),
        end=date(2027, 3, 31),
    )

    brought(new_project, coordinator_of(new_project), framework(target_1=7))

    assert targets(new_project) == [(1, Decimal(7))]
    assert new_project.periods.get().kind == Period.Kind.FISCAL_YEAR


def test_an_indicator_that_is_there_gets_the_values_that_it_lacks(project, coordinator):
    brought(project, coordinator, framework(target_1=10))

    draft = read(project, coordinator, framework(baseline=1, target_1=99, target_2=20))
    intake = brought(project, coordinator, framework(baseline=1, target_1=99, target_2=20))

    assert {thing.fate for thing in draft.things("indicators")} == {"added"}
    assert targets(project) == [(1, Decimal(10)), (2, Decimal(20))]
    assert DataPoint.objects.get(kind="baseline").status == DataPoint.Status.SUBMITTED

    undo_intake(intake, by=coordinator)
    assert targets(project) == [(1, Decimal(10))]
    assert Indicator.objects.get().code == "1000.1"


def test_an_indicator_that_is_in_two_rows_gets_each_value_once(project, coordinator):
    brought(project, coordinator, framework())
    sheets = framework(target_1=10)
    sheets["indicators"] *= 2

    brought(project, coordinator, sheets)

    assert targets(project) == [(1, Decimal(10))]


def test_the_same_workbook_brings_no_value_twice(project, coordinator):
    brought(project, coordinator, everything())

    is_there_already(project, coordinator)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "A part is between zero and its whole (or 100 %)."),
        ("fr", "Une partie se situe entre zéro et son tout (ou 100\N{NO-BREAK SPACE}%)."),
        ("es", "Una parte está entre cero y su total (o 100%)."),
    ],
)
def test_a_target_that_cannot_be_taken_is_marked_at_its_cell(
    project, coordinator, language, sentence
):
    brought(project, coordinator, framework(measure="percentage"))
    upload = given(project, coordinator, framework(measure="percentage", target_2=120))

    with translation.override(language):
        found = marks(draft_of(upload, project, coordinator))

    assert found == {"indicators": {(1, "target_2"): sentence}}


def test_a_target_of_another_kind_of_period_is_marked(project, coordinator):
    brought(project, coordinator, framework())
    quarter = PeriodFactory(project=project, kind=Period.Kind.QUARTER)
    DataPointFactory(indicator=Indicator.objects.get(), period=quarter, kind="target")

    found = marks(read(project, coordinator, framework(target_1=3)))

    assert [*found["indicators"]] == [(1, "target_1")]


def test_the_years_that_are_opened_are_part_of_what_was_confirmed(new_project):
    coordinator = coordinator_of(new_project)
    upload = given(new_project, coordinator, framework(target_1=10))
    seen = draft_of(upload, new_project, coordinator).fingerprint

    new_project.current_end = date(2029, 12, 31)
    new_project.save()

    with pytest.raises(Refusal):
        write_intake(upload, new_project, seen=seen, by=coordinator)
    assert not new_project.periods.exists()


def test_no_years_are_opened_for_a_project_whose_dates_cannot_be_right(new_project, client):
    new_project.original_end = new_project.current_end = date(2126, 12, 31)
    new_project.save()
    coordinator = coordinator_of(new_project)
    client.force_login(coordinator)
    url = reverse("projects:intake", args=["HN-10"])
    file = SimpleUploadedFile("d.xlsx", workbook(new_project, framework(target_1=10)))

    page = client.post(url, {"file": file})

    assert "corrija sus fechas" in page.content.decode()
    assert not IntakeUpload.objects.exists()
    brought(new_project, coordinator, framework(baseline=2))
    assert not new_project.periods.exists()
