"""The generator of synthetic projects: equal for an equal seed, and what the portal would accept."""

import random
from pathlib import Path

import pytest
from django.core.serializers import serialize
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.chaos import COLUMNS
from bench.fault_names import NAMES
from bench.raw import naive_html
from bench.sizes import SIZES, Size
from bench.synthetic import build, institutions, photograph, portfolio
from bench.words import LANGUAGES, SYNTHETIC, markdown, sentence
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    AgendaItem,
    Attendance,
    Committee,
    Meeting,
    Resolution,
    Seat,
)
from projects.models import (
    Activity,
    Amendment,
    BudgetLine,
    DataPoint,
    Expenditure,
    Indicator,
    Period,
    Project,
    Result,
    Risk,
    RiskRating,
)
from reports.compose import compose
from reports.models import Report, Section
from tests.factories import UserFactory
from tests.recording import recorded

pytestmark = pytest.mark.django_db

MODELS = (
    Project,
    Period,
    Result,
    Indicator,
    DataPoint,
    Activity,
    Amendment,
    BudgetLine,
    Expenditure,
    Risk,
    RiskRating,
    Committee,
    Seat,
    Meeting,
    Attendance,
    AgendaItem,
    Resolution,
    ActionPlan,
    Action,
    ActionTerms,
    Report,
    Section,
)
# As small as has one of everything.
FEW = Size("few", indicators=3, activities=2, actions=3, expenditures=3, risks=1, meetings=1)
THRICE = Size("thrice", indicators=9, activities=6, actions=9, expenditures=9, risks=3, meetings=3)


@pytest.fixture
def by():
    return UserFactory(email="synthetic@example.org", full_name="Synthetic coordinator")


def words_of(made) -> list[str]:
    """All that was written of a project, without keys and times of writing."""
    rows = [
        *Result.objects.filter(project=made.project).values_list("code", "statement_fr"),
        *Activity.objects.filter(project=made.project).values_list("title_es", "actual_start"),
        *DataPoint.objects.filter(indicator__result__project=made.project)
        .order_by("pk")
        .values_list("kind", "numerator", "comment"),
        *Expenditure.objects.filter(project=made.project)
        .order_by("pk")
        .values_list("spent_on", "amount"),
        *Section.objects.filter(report=made.report).values_list("kind", "language", "text"),
    ]
    return [str(row) for row in rows]


def test_an_equal_seed_gives_an_equal_project(by):
    partners = institutions(11)
    first = words_of(made := build(FEW, "SYN-A", partners, by, seed=7))
    Project.objects.filter(pk=made.project.pk).update(code="SYN-B")

    assert words_of(build(FEW, "SYN-A", partners, by, seed=7)) == first
    assert words_of(build(FEW, "SYN-C", partners, by, seed=8)) != first


@pytest.fixture
def generated(db):
    recorded("generated", lambda: build(SIZES["S"], "SYN-S", institutions(11), UserFactory()))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_what_is_generated_is_valid(generated, model):
    rows = list(model.objects.all())
    assert rows
    for row in random.Random(1).sample(rows, min(len(rows), 12)):
        if isinstance(row, ActionTerms):  # of plans that the committee validated: they stand
            row.refuse_impossible_dates()
            row.clean_fields()
        else:
            row.full_clean()


@pytest.mark.parametrize("name", SIZES)
def test_no_text_is_longer_than_a_person_may_write(name):
    size = SIZES[name]
    for language in LANGUAGES:
        text = markdown(random.Random(1), language, size.paragraphs)
        Section._meta.get_field("text").run_validators(text)


def test_all_texts_say_that_they_are_synthetic(by):
    build(FEW, "SYN-A", institutions(11), by)

    written = serialize("json", [*Result.objects.all(), *Section.objects.all()])

    for language in LANGUAGES:
        assert SYNTHETIC[language].split()[0] in sentence(random.Random(1), language, 3)
    assert written.count("synth") > 20


def test_a_portfolio_has_as_many_projects(by):
    made = portfolio(3, institutions(11), by)

    assert [one.project.code for one in made] == ["SYN-001", "SYN-002", "SYN-003"]
    assert Report.objects.count() == 3


@pytest.mark.parametrize("audience", ["donor", "committee", "partners", "coordination"])
def test_a_report_is_composed_with_as_many_queries_whatever_its_size(by, audience):
    partners = institutions(11)
    counts = []
    for size in (FEW, THRICE):
        report = build(size, f"SYN-{size.name}", partners, by).report
        report = Report.objects.with_related().get(pk=report.pk)
        for language in LANGUAGES:
            with CaptureQueriesContext(connection) as queries:
                compose(report, language=language, audience=audience, as_of=report.period.end)
            counts.append(len(queries))

    assert counts[1:3] + counts[4:] == [counts[1]] * 4  # the first reads types of contents, too


def test_a_photograph_is_a_picture_of_that_size():
    content = photograph(1, (400, 300))

    assert content.startswith(b"\xff\xd8")
    assert content == photograph(1, (400, 300))
    assert content != photograph(2, (400, 300))


def test_the_naive_document_says_the_same_with_other_style_and_pictures():
    html = '<style>p {}</style><table class="facts"><td>1</td></table><img src="data:image/jpeg;base64,AA">'

    naive = naive_html(html, [Path("/photo.jpg")])

    assert "p {}" not in naive
    assert '<table class="table table-bordered facts"><td>1</td></table>' in naive
    assert '<img src="file:///photo.jpg">' in naive


def test_the_page_of_what_the_portal_survives_has_each_row_of_this_code():
    page = Path("docs/chaos.md").read_text("utf-8")
    faults = page.partition("faults: begin -->")[2].partition("<!--")[0]
    queue = page.partition("queue: begin -->")[2].partition("<!--")[0]

    cells = [line.split(" | ") for line in faults.splitlines() if line.startswith("| ")]
    assert [line[1] for line in cells if line[0].strip("| ").isdecimal()] == [*NAMES.values()]
    labels = [line.split(" | ")[0].strip("| ") for line in queue.splitlines()]
    assert [label for label in labels if label in COLUMNS.values()] == [*COLUMNS.values()][1:]
