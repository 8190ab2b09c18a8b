"""A framework goes out to Excel and comes back: what was changed is shown, and written once."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings, strategies as st
from openpyxl import load_workbook

from accounts.models import AccessEvent
from kernel.workbooks import FORMULA_STARTS, HEADER
from projects.framework.services.importing import import_of
from projects.framework.services.workbooks import workbook_of
from projects.models import DataPoint, Dimension, FrameworkUpload, Indicator
from projects.permissions.values import may_edit_framework_workbook
from tests.factories import DataPointFactory, IndicatorFactory, PeriodFactory, ResultFactory

pytestmark = pytest.mark.django_db

Kind = DataPoint.Kind


def address(world, page=""):
    return reverse(f"projects:framework-workbook{page}", args=[world.project.code])


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def framework(world):
    """An indicator by sex with a baseline, a target and an actual by cell."""
    indicator = world.indicator
    indicator.dimension = Dimension.objects.with_categories().get(code="sex")
    indicator.counts_persons = True
    indicator.responsible = world.institutions["partner"]
    indicator.save()
    women, men, *others = indicator.dimension.categories.all()
    put = {"indicator": indicator, "period": world.year, "status": "approved"}
    DataPointFactory(**put | {"period": None}, kind=Kind.BASELINE, numerator=3)
    DataPointFactory(**put, kind=Kind.TARGET, numerator=40)
    put["status"] = "draft"
    DataPointFactory(**put, kind=Kind.ACTUAL, numerator=20, is_computed=True)
    DataPointFactory(**put, kind=Kind.ACTUAL, numerator=12, category=women)
    DataPointFactory(**put, kind=Kind.ACTUAL, numerator=8, category=men)
    for other in others:
        DataPointFactory(**put, kind=Kind.ACTUAL, numerator=0, category=other)
    return world


def cells_of(content):
    book = load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    head = next(row for row in range(1, 20) if page.cell(row, 1).value == HEADER)
    places = {page.cell(1, n).value: n for n in range(2, page.max_column + 1)}
    return book, page, head, places


def lines_of(content):
    """The rows by what and which group they tell, with their numbers."""
    _book, page, head, places = cells_of(content)
    return {
        tuple(page.cell(row, places[name]).value for name in ("what", "code", "cell")): row
        for row in range(head + 1, page.max_row + 1)
    }


def edited(content, *changes):
    """The workbook with cells changed: (row, column, value)."""
    book, page, _head, places = cells_of(content)
    for row, name, value in changes:
        page.cell(row, places[name]).value = value
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(world, content, role="coordinator"):
    with translation.override("en"):
        return import_of(world.project, world.people[role], io.BytesIO(content))


def told(found):
    return [
        (row.reference, one.column, one.old, one.new)
        for row in found.changed
        for one in row.changes
    ]


def give(client, world, content, role="coordinator"):
    client.force_login(world.people[role])
    file = SimpleUploadedFile("framework.xlsx", content)
    return client.post(address(world), {"file": file})


def confirm(client, world, **chosen):
    seen = client.get(address(world, "-check")).context["found"].fingerprint
    return client.post(address(world, "-check"), {"seen": seen, **chosen}, follow=True)


def value(world, kind, **which):
    return DataPoint.objects.get(indicator=world.indicator, kind=kind, **which)


WOMEN = ("Actual value", "1100.1", "Women and girls")
TOTAL = ("Actual value", "1100.1", "In all")
TARGET = ("Target", "1100.1", "In all")


@pytest.fixture
def content(framework, world):
    return workbook_of(world.project, world.people["coordinator"])


@pytest.mark.parametrize("role", ["coordinator", "monitoring", "partner"])
def test_a_workbook_that_nobody_edited_changes_nothing(framework, world, role):
    found = read(world, workbook_of(world.project, world.people[role]), role)

    assert len(found.rows) > 3
    assert (found.problems, found.is_empty) == ([], True)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_cell_that_was_changed_is_just_that(content, world, data):
    lines = lines_of(content)
    text = st.text(st.characters(categories=["L", "P"]), min_size=1, max_size=40)
    words = text.filter(lambda one: one.strip() and not one.lstrip().startswith("="))
    where, name, value = data.draw(
        st.one_of(
            st.tuples(st.just(WOMEN), st.just("value"), st.integers(100, 10**6).map(Decimal)),
            st.tuples(st.just(TARGET), st.just("value"), st.decimals("0.01", "9999", places=2)),
            st.tuples(st.just(TOTAL), st.just("words"), words.map(lambda one: f"x{one}".strip())),
            st.tuples(
                st.just(("Indicator", "1100.1", None)), st.just("method"), words.map(str.strip)
            ),
        )
    )

    found = read(world, edited(content, (lines[where], name, value)))

    assert found.problems == []
    [(reference, column, _old, new)] = told(found)
    shown = format(value.normalize(), "f") if isinstance(value, Decimal) else value
    if shown == "40":
        return
    assert (reference, column, new) == ("1100.1", name, shown)


def test_what_was_confirmed_is_written_and_values_are_submitted(client, content, world):
    lines = lines_of(content)
    result, indicator = ("Immediate outcome", "1100", None), ("Indicator", "1100.1", None)
    rows = {key[1:]: row for key, row in lines.items()}
    changes = [
        (rows["1100", None], "text_es", "Enunciado"),
        (lines[indicator], "frequency", "=Chaque année"),
        (lines[WOMEN], "value", "1 500"),
        (lines[TARGET], "value", "41,5"),
    ]
    assert result[1] == "1100"

    give(client, world, edited(content, *changes))
    assert value(world, Kind.ACTUAL, category=None).numerator == 20
    page = confirm(client, world)

    assert "contains a formula" in client.get(address(world, "-check")).content.decode()
    assert "Some cells cannot be accepted: correct" in page.content.decode()

    changes[1] = (lines[indicator], "frequency", "Chaque année")
    give(client, world, edited(content, *changes))
    confirm(client, world)
    world.result.refresh_from_db()
    world.indicator.refresh_from_db()
    total, target = value(world, Kind.ACTUAL, category=None), value(world, Kind.TARGET)
    assert (world.result.statement_es, world.indicator.frequency) == ("Enunciado", "Chaque année")
    assert (total.numerator, total.is_computed, total.status) == (1508, True, "submitted")
    assert (target.numerator, target.status) == (Decimal("41.5"), "submitted")
    assert target.entered_by == world.people["coordinator"]
    assert FrameworkUpload.objects.count() == 0


@pytest.mark.parametrize(("take", "kept"), [({}, 13), ({"take_conflicts": "on"}, 14)])
def test_a_cell_that_both_changed_is_a_conflict(client, content, world, take, kept):
    give(client, world, edited(content, (lines_of(content)[WOMEN], "value", 14)))
    women = value(world, Kind.ACTUAL, numerator=12)
    DataPoint.objects.filter(pk=women.pk).update(numerator=13)

    page = client.get(address(world, "-check"))
    assert "Changed on both sides" in page.content.decode()
    confirm(client, world, **take)

    women.refresh_from_db()
    assert women.numerator == kept


@pytest.mark.parametrize(
    ("where", "column", "typed", "sentence"),
    [
        (WOMEN, "value", "1,234", "mean 1234 or 1.234"),
        (WOMEN, "value", "=1+1", "contains a formula"),
        (WOMEN, "value", 1.5, "whole numbers"),
        (WOMEN, "value", date(2020, 1, 2), "contains a date"),
        (WOMEN, "words", "x", "has to stay empty"),
        (TARGET, "value", 10**17, "digits"),
        (("Indicator", "1100.1", None), "text_fr", None, "one language"),
        (("Indicator", "1100.1", None), "method", "x" * 201, "at most 200"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_marked(content, world, where, column, typed, sentence):
    found = read(world, edited(content, (lines_of(content)[where], column, typed)))

    [(_row, _label, said)] = found.problems
    assert sentence in said


def test_an_approved_actual_is_opened_on_its_page_alone(content, world):
    DataPoint.objects.filter(kind=Kind.ACTUAL).update(status="approved")

    found = read(world, edited(content, (lines_of(content)[WOMEN], "value", 14)))

    assert [said[:23] for _row, _label, said in found.problems] == ["This value is approved."]


def test_an_institution_gives_what_it_answers_for_and_nothing_else(client, framework, world):
    other = IndicatorFactory(result=world.result, code="1100.2")
    theirs = workbook_of(world.project, world.people["partner"])
    ours = workbook_of(world.project, world.people["coordinator"])
    lines = lines_of(theirs)
    assert {(what, code) for what, code, _cell in lines} == {("Actual value", "1100.1")}

    give(client, world, edited(theirs, (lines[WOMEN], "value", 30)), "partner")
    confirm(client, world)
    total = value(world, Kind.ACTUAL, category=None)
    assert (total.numerator, total.status) == (38, "submitted")
    assert total.given_by == world.institutions["partner"]

    stolen = edited(ours, (lines_of(ours)["Target", "1100.1", "In all"], "value", 1))
    found = read(world, stolen, "partner")
    assert "no longer yours" in found.problems[0][2]
    assert not other.data_points.exists()
    assert not may_edit_framework_workbook(world.people["member"], world.project)


def test_monitoring_gives_values_and_no_texts(content, world):
    row = lines_of(content)["Indicator", "1100.1", None]

    found = read(world, edited(content, (row, "method", "Autre")), "monitoring")

    assert "Only the coordination" in found.problems[0][2]


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_of_the_framework_is_a_formula(framework, world, client, start):
    Indicator.objects.update(name_fr=f"{start}1+1", method=f"{start}x")
    client.force_login(world.people["coordinator"])

    plain = client.get(reverse("projects:framework-export", args=[world.project.code])).content

    for content in (plain, workbook_of(world.project, world.people["coordinator"])):
        cells = [cell for row in load_workbook(io.BytesIO(content)).worksheets[0] for cell in row]
        begun = [cell for cell in cells if isinstance(cell.value, str) and "1+1" in cell.value]
        assert begun
        assert {(cell.data_type, cell.quotePrefix) for cell in begun} == {("s", True)}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda page, head: page.delete_rows(1), "hidden first row"),
        (lambda page, head: page.delete_cols(2), "Columns are missing"),
        (lambda page, head: page.merge_cells(f"B{head + 1}:C{head + 1}"), "merged"),
        (lambda page, head: setattr(page.cell(1, 1), "value", "ibcr-framework:x"), "was changed"),
        (lambda page, head: setattr(page.cell(25_000, 3), "value", "x"), "more than 20000 rows"),
    ],
)
def test_a_spoilt_workbook_is_refused_whole(client, content, world, spoil, sentence):
    book, page, head, _places = cells_of(content)
    spoil(page, head)
    written = io.BytesIO()
    book.save(written)

    response = give(client, world, written.getvalue())

    assert sentence in str(response.context["form"].errors)
    assert FrameworkUpload.objects.count() == 0


def test_a_key_of_another_row_is_known(content, world):
    book, page, _head, _places = cells_of(content)
    lines = lines_of(content)
    page.cell(lines[WOMEN], 1).value = page.cell(lines[TOTAL], 1).value
    page.cell(lines[TARGET], 1).value = "forged"
    written = io.BytesIO()
    book.save(written)

    said = " ".join(sentence for _row, _label, sentence in read(world, written.getvalue()).problems)

    assert "appears twice" in said
    assert "key of this row was changed" in said


def test_the_export_hides_small_counts_and_is_logged(client, framework, world):
    men = DataPoint.objects.get(kind=Kind.ACTUAL, numerator=8)
    DataPoint.objects.update(status="approved")
    DataPoint.objects.filter(pk=men.pk).update(numerator=4)
    url = reverse("projects:framework-export", args=[world.project.code])

    def numbers(role):
        client.force_login(world.people[role])
        page = load_workbook(io.BytesIO(client.get(url).content)).active
        return [row[5:8] for row in page.iter_rows(min_row=2, values_only=True) if row[3]]

    assert numbers("coordinator")[1:] == [
        (None, None, 12),
        (None, None, 4),
        (None, None, 0),
    ]
    assert numbers("member") == [(None, 40, 20)]
    assert AccessEvent.objects.about(world.project).first().details == {"what": "framework"}


def test_no_more_questions_for_two_hundred_indicators(
    framework, world, django_assert_max_num_queries
):
    PeriodFactory(project=world.project, number=2)
    person = world.people["coordinator"]
    counts = []
    for numbers in (range(1), range(1, 200)):
        for number in numbers:
            result = (
                world.result
                if number % 2
                else ResultFactory(project=world.project, code=f"r{number}")
            )
            IndicatorFactory(result=result, code=f"x.{number}", dimension=world.indicator.dimension)

        with django_assert_max_num_queries(12) as writing:
            content = workbook_of(world.project, person)
        with django_assert_max_num_queries(8) as reading:
            assert read(world, content).is_empty
        counts.append((len(writing), len(reading)))

    few, many = counts
    assert many[0] <= few[0]
    assert many[1] <= few[1]
