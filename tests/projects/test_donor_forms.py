"""A donor's own Excel form: uploaded once, filled with the figures of a period."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessEvent
from projects.models import DonorForm
from projects.money.form_values import form_values
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExpenditureFactory,
    PeriodFactory,
)
from tests.kernel.test_filled_workbooks import book, with_parts

pytestmark = pytest.mark.django_db

CELLS = {
    "A1": "{{ project.code }}",
    "B1": "{{ spent.total }}",
    "B2": "{{ spent.VOY }}",
    "B3": "=B1-B2",
    "A5": "{{ categories.name }}",
    "B5": "{{ categories.spent }}",
}


@pytest.fixture
def project(world):
    """Two years with a budget; in the first one, something was spent and received."""
    project = world.project
    following = PeriodFactory(
        project=project, number=2, start=date(2020, 4, 1), end=date(2021, 3, 31)
    )
    travel, people = (
        BudgetCategoryFactory(project=project, code=code, name_fr=name)
        for code, name in (("VOY", "Voyages"), ("PERS", "Personnel"))
    )
    for category, first, second in ((travel, 1000, 700), (people, 4000, 5000)):
        BudgetLineFactory(category=category, period=world.year, original=first)
        BudgetLineFactory(category=category, period=following, original=second)
    ExpenditureFactory(category=travel, amount=1100, spent_on=world.year.start)
    ExpenditureFactory(category=people, amount=Decimal("3500.50"), spent_on=world.year.start)
    ExpenditureFactory(
        category=people,
        amount=99,
        spent_on=world.year.start,
        status="waiting",
        waits_since=date(2020, 1, 1),
    )
    funding = project.participations.get(role="funding")
    ContributionFactory(
        participation=funding, received=6000, received_on=world.year.end, expected_on=None
    )
    return project


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def upload(content, name="form.xlsx"):
    return {
        "name": "Formulaire",
        "purpose": "report",
        "language": "fr",
        "upload": SimpleUploadedFile(name, content),
    }


def sheet_of(answer, name="Rapport"):
    return load_workbook(io.BytesIO(answer.content))[name]


def test_a_form_is_filled_with_the_figures_of_a_period(client, sign_in, world, project):
    sign_in("finance")
    client.post(url("donor-form-create"), upload(book(CELLS)))
    form = DonorForm.objects.get()
    sign_in("reader")

    answer = client.get(url("donor-form-filled", form.pk), {"period": world.year.pk})

    page = sheet_of(answer)
    assert [[cell.value for cell in row] for row in page["A1:B6"]] == [
        ["HN-1", 4600.5],
        [None, 1100],
        [None, "=B1-B2"],
        [None, None],
        ["Voyages", 1100],
        ["Personnel", 3500.5],
    ]
    (event,) = AccessEvent.objects.filter(kind=AccessEvent.Kind.EXPORT)
    assert event.details["what"] == "donor form"


def test_the_page_shows_which_places_were_found(client, sign_in, project):
    sign_in("coordinator")
    answer = client.post(url("donor-form-create"), upload(book(CELLS)), follow=True)

    assert [(place.cell, place.names) for place in answer.context["places"]] == [
        ("A1", ("project.code",)),
        ("B1", ("spent.total",)),
        ("B2", ("spent.voy",)),
        ("A5", ("categories.name",)),
        ("B5", ("categories.spent",)),
    ]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"C7": "{{ spnt.total }}"}, ["C7", "spnt.total", "spent.total"]),
        ({"C7": "{{ spent.XYZ }}"}, ["C7", "spent.xyz"]),
        ({"A1": "no place"}, ["{{ spent.total }}"]),
        ({"A5": "{{ categories.name }}", "A6": "Total"}, ["A5", "categories.name", "2", "1"]),
    ],
)
def test_what_is_missing_is_said_with_its_cell(client, sign_in, project, cells, words):
    sign_in("finance")

    page = client.post(url("donor-form-create"), upload(book(cells)))

    (sentence,) = page.context["form"].errors["upload"]
    assert [word for word in words if word not in sentence] == []
    assert not DonorForm.objects.exists()


def test_a_code_that_two_lines_have_is_refused_until_it_says_which(client, sign_in, world, project):
    category = BudgetCategoryFactory(project=project, code="a1")
    world.result.code = "A1"
    world.result.save()
    ExpenditureFactory(category=category, amount=70, spent_on=world.year.start)
    ExpenditureFactory(category=category, result=world.result, amount=5, spent_on=world.year.start)
    sign_in("finance")

    page = client.post(url("donor-form-create"), upload(book({"C7": "{{ spent.A1 }}"})))

    (sentence,) = page.context["form"].errors["upload"]
    names = ("C7", "“spent.a1”", "“spent.category.a1”", "“spent.result.a1”")
    assert [name for name in names if name not in sentence] == []
    single = form_values(project, world.year).single
    assert "spent.a1" not in single
    assert (single["spent.category.a1"], single["spent.result.a1"]) == (75, 5)


def test_a_category_called_total_is_beside_the_total(world, project):
    category = BudgetCategoryFactory(project=project, code="Total")
    ExpenditureFactory(category=category, amount=70, spent_on=world.year.start)

    single = form_values(project, world.year).single

    assert (single["spent.total"], single["spent.category.total"]) == (Decimal("4670.50"), 70)


def test_macros_and_links_elsewhere_are_refused(client, sign_in, project):
    sign_in("finance")
    linked = with_parts(book(CELLS), xl__externalLinks__externalLink1=b"<a/>")

    for content, name in ((linked, "form.xlsx"), (book(CELLS), "form.xlsm")):
        page = client.post(url("donor-form-create"), upload(content, name))
        assert list(page.context["form"].errors) == ["upload"]


def test_a_category_that_is_gone_is_named_when_the_form_is_filled(client, sign_in, project):
    sign_in("finance")
    BudgetCategoryFactory(project=project, code="OLD")
    client.post(url("donor-form-create"), upload(book({"A1": "{{ approved.OLD }}"})))
    form = DonorForm.objects.get()
    project.budget_categories.filter(code="OLD").delete()

    page = client.get(url("donor-form-filled", form.pk), follow=True)

    *_saved, message = page.context["messages"]
    assert "A1" in str(message)
    assert "approved.old" in str(message)


def test_funds_are_requested_for_the_next_period(world, project):
    single = form_values(project, world.year).single

    names = ("received.total", "on_hand", "next.total", "next.pers", "requested", "waiting.total")
    assert [single[name] for name in names] == [
        Decimal(6000),
        Decimal("1399.50"),
        Decimal(5700),
        Decimal(5000),
        Decimal("4300.50"),
        Decimal(99),
    ]


def test_what_waits_is_that_of_the_days_until_the_end_of_the_period(world, project):
    people = project.budget_categories.get(code="PERS")
    waiting = {"status": "waiting", "waits_since": date(2020, 4, 1)}
    ExpenditureFactory(category=people, amount=7, spent_on=date(2020, 4, 1), **waiting)
    following = project.periods.get(number=2)

    found = [form_values(project, one).single["waiting.total"] for one in (world.year, following)]

    assert found == [Decimal(99), Decimal(106)]


def test_the_usual_form_computes_what_it_can(client, sign_in, world, project):
    sign_in("finance")

    answer = client.get(url("donor-form-usual"), {"period": world.year.pk})

    page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert [cell.value for cell in page[9]] == [
        "Voyages",
        1700,
        1000,
        1100,
        "=D9-C9",
        '=IF(C9=0,"",E9/C9)',
        1100,
        "=B9-G9",
        1800,
    ]
    assert page["B11"].value == "=SUM(B9:B10)"


def test_only_coordination_and_finance_add_forms(client, sign_in, project):
    sign_in("reader")

    assert client.get(url("donor-forms")).status_code == 200
    assert client.post(url("donor-form-create"), upload(book(CELLS))).status_code == 403
