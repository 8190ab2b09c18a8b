"""The annexes of a report: whole, known on its day, and nothing for others than its readers."""

import io
import json
from datetime import date, timedelta

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT

from projects.models import Activity, DataPoint
from reports.compose.activities import schedule_annex
from reports.compose.blocks import paragraph
from reports.compose.framework import framework_annex, logic_model_annex
from reports.compose.products import products_annex
from reports.compose.register import decisions_annex
from reports.models import PresetSection
from reports.word import docx_of
from tests.factories import (
    ActivityFactory,
    CategoryFactory,
    DataPointFactory,
    DeliverableFactory,
    DimensionFactory,
    IndicatorFactory,
    LogicModelVersionFactory,
    PeriodFactory,
    ReportFactory,
    ResolutionFactory,
    ResultFactory,
)
from tests.reports.conftest import SIGNED_ON
from tests.reports.reading_blocks import blocks_of, document_of, heads_of, of_type, pdf_of, rows_of

pytestmark = pytest.mark.django_db

LATER = SIGNED_ON + timedelta(days=30)
AUDIENCES = ("donor", "committee", "partners", "coordination")
ANNEXES = (decisions_annex, framework_annex, logic_model_annex, products_annex, schedule_annex)


# Logic model


@pytest.fixture
def versions(report):
    project = report.project
    LogicModelVersionFactory(project=project, approver="committee", reference="Decision 2019-3")
    ResultFactory(project=project, code="1200", statement_fr="Ajouté ensuite")
    return LogicModelVersionFactory(project=project, number=2, approved_on=LATER)


def test_the_version_approved_by_the_day_is_annexed(report, versions):
    blocks = blocks_of(logic_model_annex, report)

    assert [block["type"] for block in blocks] == ["figure", "paragraph", "table"]
    assert blocks[0]["title"] == "Logic model · Version 1"
    assert blocks[1]["text"] == (
        "Version 1. Steering committee: approved on July 15, 2019 (Decision 2019-3). "
        "Donor: not approved yet."
    )
    assert blocks[0]["data"] == {
        "rows": ["Ultimate outcomes", "Intermediate outcomes", "Immediate outcomes", "Outputs"],
        "boxes": [{"head": "1100", "text": "Énoncé 1100", "row": 1, "below": []}],
    }
    assert rows_of(blocks[2]) == [
        ["1100 | Intermediate outcome", "Énoncé 1100", "1100.1\xa0 Indicateur 1100.1"]
    ]
    assert not any("landscape" in block for block in blocks)


def test_a_later_version_comes_with_its_reason(report, versions):
    _figure, head, reason, _table = blocks_of(logic_model_annex, report, as_of=LATER)

    assert head["text"] == "Version 2. Donor: approved on October 30, 2020."
    assert (reason["text"], reason["lang"]) == ("Reason of the change: Un bilan.", "fr")


def test_what_the_donor_approved_later_is_not_approved_yet(report):
    version = LogicModelVersionFactory.build(
        project=report.project,
        approver="committee",
        donor_approved_on=LATER,
        donor_reference="LETTRE",
        content={"preset": {"levels": []}, "results": []},
    )
    with_tree = LogicModelVersionFactory.build(project=report.project).content
    version.content = with_tree
    version.save()

    assert "LETTRE" not in json.dumps(blocks_of(logic_model_annex, report))
    assert "LETTRE" in json.dumps(blocks_of(logic_model_annex, report, as_of=LATER))


def test_a_tree_that_nobody_approved_says_so(report):
    figure, notice, _table = blocks_of(logic_model_annex, report)

    assert notice["text"].startswith("No version of the logic model had been approved")
    assert figure["data"]["boxes"][0]["head"] == "1100"


# Framework


@pytest.fixture
def framework(world, report):
    """Trained persons by sex per year, and a rate told per quarter."""
    sex = DimensionFactory(name_fr="Sexe", name_en="Sex")
    women = CategoryFactory(dimension=sex, name_fr="Femmes", name_en="Women")
    men = CategoryFactory(dimension=sex, name_fr="Hommes", name_en="Men")
    trained = IndicatorFactory(
        result=world.result,
        code="1100.2",
        name_en="Persons trained",
        counts_persons=True,
        dimension=sex,
        source="Lists",
        frequency="Yearly",
        responsible=world.institutions["member"],
    )
    second = PeriodFactory(
        project=world.project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    for period, target, women_in, men_in in ((world.year, 30, 12, 13), (second, 40, 100, 100)):
        DataPointFactory(indicator=trained, period=period, kind="target", numerator=target)
        DataPointFactory(indicator=trained, period=period, numerator=women_in + men_in)
        for category, count in ((women, women_in), (men, men_in)):
            DataPointFactory(indicator=trained, period=period, category=category, numerator=count)
    return trained


def framework_rows(report, **who):
    (table,) = of_type(blocks_of(framework_annex, report, **who), "table")
    return heads_of(table), rows_of(table)


def test_each_indicator_stands_beside_its_periods(world, report, framework):
    heads, rows = framework_rows(report)

    who = str(world.institutions["member"].names.get().acronym)
    assert heads == [
        "Indicator",
        "Baseline",
        "Project year 1",
        "Project year 2",
        "Cumulative",
        "Target at the end",
    ]
    assert rows == [
        [
            "1100.1\xa0 Indicateur 1100.1 | Number · Periods add up",
            "–", "134 | Target: 120", "–", "134", "120",
        ],
        [
            "1100.2\xa0 Persons trained | Number · Periods add up | Broken down by: Sex"
            f" | Source: Lists | Frequency: Yearly | Responsible: {who}",
            "–", "25 | Target: 30", "– | Target: 40", "25", "70",
        ],
        ["1100.2 – Women", "–", "12", "–", "12", ""],
        ["1100.2 – Men", "–", "13", "–", "13", ""],
    ]  # fmt: skip


def test_what_was_approved_after_the_day_is_not_known(world, report, framework):
    point = framework.data_points.get(period=world.year, kind="actual", category=None)
    DataPoint.objects.filter(pk=point.pk).update(status="submitted")
    point.refresh_from_db()
    point.take("approve", by=world.people["coordinator"], on=LATER)

    _heads, rows = framework_rows(report)
    assert rows[1][2] == "– | Target: 30"
    _heads, rows = framework_rows(report, as_of=LATER)
    assert rows[1][2] == "25 | Target: 30"


def test_a_breakdown_with_few_persons_is_for_the_coordination(world, report, framework):
    framework.data_points.filter(period=world.year, numerator=12).update(numerator=3)
    framework.data_points.filter(period=world.year, numerator=13).update(numerator=22)

    _heads, inside = framework_rows(report, audience="coordination")
    assert [row[2] for row in inside[2:]] == ["3", "22"]
    for audience in ("donor", "committee", "partners"):
        _heads, rows = framework_rows(report, audience=audience)
        assert len(rows) == 2
        assert "By group: not disclosed (fewer than 5 persons)" in rows[1][0]
        assert rows[1][2] == "25 | Target: 30"


def test_few_persons_in_all_are_not_told(world, report, framework):
    framework.data_points.filter(kind="actual", period=world.year).exclude(category=None).delete()
    framework.data_points.filter(kind="actual", period=world.year).update(numerator=3)

    _heads, rows = framework_rows(report)

    hidden = "not disclosed (fewer than 5 persons)"
    assert (rows[1][2], rows[1][4]) == (f"{hidden} | Target: 30", hidden)


def test_quarters_are_told_per_year(world, report):
    rate = IndicatorFactory(
        result=world.result, code="1100.3", measure="percentage", cumulative="sum"
    )
    for number, (part, whole) in enumerate(((1, 4), (6, 10)), 1):
        quarter = PeriodFactory(
            project=world.project,
            kind="quarter",
            number=number,
            start=date(2019, 1 + 3 * number, 1),
            end=date(2019, 3 + 3 * number, 30),
        )
        DataPointFactory(indicator=rate, period=quarter, numerator=part, denominator=whole)

    _heads, rows = framework_rows(report)

    assert rows[1][1:5] == ["–", "50%", "50%", "–"]


def test_numbers_of_an_indicator_have_as_many_decimals(world, report):
    world.indicator.data_points.filter(kind="target").update(numerator="120.5")

    _heads, rows = framework_rows(report)

    assert rows[0][2:5] == ["134.0 | Target: 120.5", "134.0", "120.5"]


@pytest.mark.parametrize("annex", ANNEXES)
def test_queries_do_not_grow_with_the_rows(world, report, annex, django_assert_max_num_queries):
    def add(count):
        for number in range(count):
            indicator = IndicatorFactory(
                result=world.result,
                code=f"{count}.{number}",
                responsible=world.institutions["member"],
            )
            DataPointFactory(indicator=indicator, period=world.year)
            activity = ActivityFactory(project=world.project, result=world.result)
            DeliverableFactory(activity=activity)
            ResolutionFactory(agenda_item=world.item, addressee=world.institutions["member"])

    counts = []
    for rows in (1, 29):
        add(rows)
        blocks_of(annex, fresh(report))  # content types are asked for once
        with django_assert_max_num_queries(20) as asked:
            blocks_of(annex, fresh(report))
        counts.append(len(asked))

    few, many = counts
    assert many <= few, [each["sql"] for each in asked][-5:]


def fresh(report):
    return type(report).objects.with_related().get(pk=report.pk)


# Schedule


@pytest.fixture
def schedule(world, report):
    PresetSection.objects.filter(kind="activities").delete()  # where those of the period would be
    Activity.objects.filter(project=world.project).delete()
    ActivityFactory(
        project=world.project,
        result=world.result,
        code="1100.1",
        title_en="Opening",
        place="Tela",
        planned_start=date(2019, 6, 1),
        planned_end=date(2019, 6, 3),
        actual_start=date(2019, 6, 4),
        actual_end=date(2019, 6, 5),
        share_done=100,
        responsible=world.institutions["member"],
    )
    ActivityFactory(
        project=world.project,
        title_en="Survey",
        planned_start=date(2020, 9, 1),
        planned_end=date(2020, 9, 20),
        actual_start=LATER,
        actual_end=LATER,
        share_done=100,
    )
    ActivityFactory(project=world.project, title_en="Film", status="cancelled")
    return report


def test_planned_and_actual_days_stand_side_by_side(world, schedule):
    figure, table = blocks_of(schedule_annex, schedule)

    who = world.institutions["member"].names.get().acronym
    assert rows_of(table) == [
        [
            f"1100.1\xa0 Opening | Result 1100 · Tela · {who}",
            "June 1–3, 2019", "June 4–5, 2019", "Done",
        ],
        ["Survey", "September 1–20, 2020", "–", "Late"],
        ["Film", "–", "–", "Cancelled"],
    ]  # fmt: skip
    assert figure["data"]["bars"] == [
        {
            "name": "1100.1\xa0 Opening",
            "start": "2019-06-04",
            "end": "2019-06-05",
            "done": 100,
            "is_late": False,
            "note": "",
        },
        {
            "name": "Survey",
            "start": "2020-09-01",
            "end": "2020-09-20",
            "done": None,
            "is_late": True,
            "note": "late",
        },
    ]


def test_what_took_place_later_has_its_days_later(schedule):
    _figure, table = blocks_of(schedule_annex, schedule, as_of=LATER)

    assert rows_of(table)[1] == ["Survey", "September 1–20, 2020", "October 30, 2020", "Done"]


def test_a_project_of_which_nothing_is_known_has_no_annexes(report):
    empty = ReportFactory(written_by=report.written_by)

    found = {annex.__name__: blocks_of(annex, empty) for annex in ANNEXES}

    assert {name: blocks for name, blocks in found.items() if blocks} == {}


# Pages that lie on their side


def test_what_is_wide_lies_on_its_side_in_pdf_and_word(world, report, framework):
    for number in (3, 4):  # with three periods the table is upright
        days = date(2018 + number, 4, 1), date(2019 + number, 3, 31)
        PeriodFactory(project=world.project, number=number, start=days[0], end=days[1])
    first = [paragraph("Before")]
    blocks = first + blocks_of(framework_annex, report) + [paragraph("After")]
    document = document_of(blocks)

    pdf = pdf_of(document)
    boxes = [page.mediabox for page in pdf.reader.pages]
    assert [box.width > box.height for box in boxes] == [False, True, False]
    assert [page.rotation for page in pdf.reader.pages] == [0, 0, 0]
    word = Document(io.BytesIO(docx_of(document, is_draft=False)))
    lying = [section.orientation == WD_ORIENT.LANDSCAPE for section in word.sections]
    assert lying == [False, True, False]
    assert [section.page_width > section.page_height for section in word.sections] == lying


def test_the_tree_is_drawn_with_its_words(report):
    pdf = pdf_of(document_of(blocks_of(logic_model_annex, report)))

    (drawing,) = [tag for tag in pdf.tagged("Figure") if "/Alt" in tag]
    assert drawing["/Alt"].startswith("Logic model. ")
    assert "1100" in pdf.text()
