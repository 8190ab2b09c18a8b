"""Workbooks of others are filled: with types, formats and formulas as they were, and nothing runs."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from kernel.filled_workbooks import FilledWorkbook, Values
from kernel.workbook_parts import Problem, WorkbookRefused

VALUES = Values(
    {
        "spent.total": Decimal("1234.50"),
        "period.end": date(2021, 3, 31),
        "name": "Projet <A> & B",
        "nothing": None,
        "formula": "=cmd|' /C calc'!A0",
    },
    {"lines": [{"name": "Un", "spent": Decimal(1)}, {"name": "Deux", "spent": Decimal(2)}]},
    {"lines": frozenset({"name", "spent"})},
    write=lambda value: f"<{value}>",
)


def book(cells, change=None):
    made = Workbook()
    page = made.active
    page.title = "Rapport"
    for where, value in cells.items():
        page[where] = value
    if change:
        change(page)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def filled(content, values=VALUES):
    return load_workbook(io.BytesIO(FilledWorkbook(content).filled(values)))["Rapport"]


def test_a_place_becomes_a_value_of_its_type():
    def with_formats(page):
        page["A2"].number_format = "dd/mm/yyyy"
        page["A1"].number_format = '#,##0.00 "CAD"'
        page["A1"].font = Font(bold=True)

    page = filled(
        book(
            {
                "A1": "{{ spent.total }}",
                "A2": "{{period.end}}",
                "A3": "{{ period.end }}",
                "A4": "{{ name }}",
                "A5": "{{ nothing }}",
                "A6": "{{ Name }}: {{ spent.total }}{{ nothing }}",
                "A7": "rest",
            },
            with_formats,
        )
    )

    assert [page[f"A{row}"].value for row in range(1, 8)] == [
        1234.5,
        page["A2"].value,
        "<2021-03-31>",  # the cell shows no days
        "Projet <A> & B",
        None,
        "Projet <A> & B: <1234.50>",
        "rest",
    ]
    assert page["A2"].value.date() == date(2021, 3, 31)
    assert (page["A1"].number_format, page["A1"].font.b) == ('#,##0.00 "CAD"', True)


def test_formulas_formats_charts_and_checks_stay():
    def rich(page):
        page["B1"] = "=SUM(A1:A9)"
        chart = BarChart()
        chart.add_data(Reference(page, min_col=1, min_row=1, max_row=3))
        page.add_chart(chart, "D4")
        check = DataValidation(type="list", formula1='"a,b"')
        page.add_data_validation(check)
        check.add("C1")
        page["C2"].comment = Comment("note", "donor")
        page.merge_cells("A10:C10")

    content = book({"A1": "{{ spent.total }}", "A10": "{{ name }}"}, rich)
    after = FilledWorkbook(content).filled(VALUES)

    page = load_workbook(io.BytesIO(after))["Rapport"]
    assert (page["B1"].value, page["A10"].value) == ("=SUM(A1:A9)", "Projet <A> & B")
    assert [str(each) for each in page.merged_cells.ranges] == ["A10:C10"]
    assert page["C2"].comment.text == "note"
    parts = {name: zipfile.ZipFile(io.BytesIO(one)) for name, one in (("a", content), ("b", after))}
    assert parts["a"].namelist() == parts["b"].namelist()
    chart = "xl/charts/chart1.xml"
    assert parts["a"].read(chart) == parts["b"].read(chart)
    assert b'fullCalcOnLoad="1"' in parts["b"].read("xl/workbook.xml")


def test_a_text_never_becomes_a_formula():
    page = filled(book({"A1": "{{ formula }}"}))

    cell = page["A1"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", "=cmd|' /C calc'!A0", True)


def test_a_list_goes_down_into_cells_that_were_left_empty():
    page = filled(book({"B3": "{{ lines.name }}", "C3": "{{ lines.spent }}", "C9": "=SUM(C3:C8)"}))

    assert [(page[f"B{row}"].value, page[f"C{row}"].value) for row in (3, 4, 5)] == [
        ("Un", 1),
        ("Deux", 2),
        (None, None),
    ]
    assert page["C9"].value == "=SUM(C3:C8)"


def problems(content, values=VALUES):
    with pytest.raises(WorkbookRefused) as refused:
        FilledWorkbook(content).filled(values)
    return refused.value.problems


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"B2": "{{ spent.all }}"}, Problem("unknown", "Rapport", "B2", "spent.all")),
        ({"B2": "{{ spent.total"}, Problem("syntax", "Rapport", "B2", "{{ spent.total")),
        ({"B2": "{{ }}"}, Problem("syntax", "Rapport", "B2", "{{ }}")),
        ({"B2": "a {{ lines.name }}"}, Problem("not_alone", "Rapport", "B2", "lines.name")),
        (
            {"B2": '=A1&"{{ name }}"'},
            Problem("in_formula", "Rapport", "B2", 'A1&"{{ name }}"'),
        ),
        (
            {"B2": "{{ lines.name }}", "B3": "Total"},
            Problem("no_room", "Rapport", "B2", "lines.name", 1, 2),
        ),
        ({"B2": '=WEBSERVICE("https://x")'}, Problem("fetching", what='WEBSERVICE("https://x")')),
        ({"B2": "=cmd|' /C calc'!A0"}, Problem("fetching", what="cmd|' /C calc'!A0")),
        ({"B2": "=[1]Sheet!A1"}, Problem("fetching", what="[1]Sheet!A1")),
    ],
)
def test_what_cannot_be_filled_is_named_with_its_cell(cells, problem):
    assert problems(book(cells)) == [problem]


def with_parts(content, **parts):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            made.writestr(name, source.read(name))
        for name, part in parts.items():
            made.writestr(name.replace("__", "/"), part)
    return target.getvalue()


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("xl__vbaProject.bin", b"x", "macros"),
        ("xl__externalLinks__externalLink1.xml", b"<a/>", "external"),
        ("xl__connections.xml", b"<a/>", "external"),
        ("xl__embeddings__a.docx", b"x", "embedded"),
        ("docProps__a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "damaged"),
        (
            "xl__worksheets___rels__a.xml.rels",
            b'<Relationships><Relationship Id="r" Type="x/image" Target="https://a/b"'
            b' TargetMode="External"/></Relationships>',
            "external",
        ),
    ],
)
def test_what_could_run_or_fetch_is_refused(part, content, code):
    found = problems(with_parts(book({"A1": "{{ name }}"}), **{part: content}))

    assert [each.code for each in found] == [code]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no workbook"])
def test_what_is_no_workbook_is_refused(content):
    assert problems(content) == [Problem("damaged")]
