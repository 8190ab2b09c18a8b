"""Pages on which an auditor draws a sample of vouchers: it is kept, and drawn again it is the same."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AccessEvent
from kernel.refusal import Refusal
from projects.models import Expenditure, SampledVoucher, VoucherSample
from projects.money.ledger import books_total
from projects.permissions.money import may_audit, may_read_voucher_files
from tests.factories import BudgetCategoryFactory, ExpenditureFactory
from tests.projects.samples import drawn_from
from tests.world import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

DAYS = (date(2019, 6, 1), date(2019, 6, 30))


@pytest.fixture
def auditor(world, client):
    person = world.people["auditor"]
    person.keep_language("en")
    client.force_login(person)
    return person


@pytest.fixture
def books(world):
    category = BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")
    return [
        ExpenditureFactory(
            category=category,
            voucher=f"V-{number:03}",
            amount=Decimal(100 + 7 * number),
            spent_on=date(2019, 6, 1 + number),
        )
        for number in range(1, 21)
    ]


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def keys(sample):
    return list(sample.vouchers.values_list("expenditure_key", flat=True))


@pytest.mark.parametrize("rule", VoucherSample.Rule.values)
def test_a_sample_is_kept_with_its_rule_seed_and_vouchers(client, world, auditor, books, rule):
    asked = {"rule": rule, "seed": "7f3a", "size": 5, "starts_on": DAYS[0], "ends_on": DAYS[1]}

    response = client.post(url("samples"), asked)

    sample = VoucherSample.objects.get()
    assert response.url == sample.get_absolute_url()
    assert (sample.rule, sample.seed, sample.size) == (rule, "7f3a", 5)
    assert (sample.population_count, sample.population_value) == (20, Decimal(3470))
    assert sample.drawn_by == auditor
    assert sum(sample.vouchers.values_list("units", flat=True)) == 5
    again = drawn_from(world.project, by=auditor, rule=rule, size=5, days=DAYS)
    assert keys(again) == keys(sample)
    assert again.population_sha256 == sample.population_sha256


def test_the_page_says_that_it_is_the_same_when_drawn_again(client, world, auditor, books):
    sample = drawn_from(world.project, by=auditor, size=5, days=DAYS)
    first = SampledVoucher.objects.first()

    page = client.get(sample.get_absolute_url()).content.decode()

    assert "Drawn again from the books of today, it is the same." in page
    assert sample.population_sha256 in page
    assert page.count(url("expenditure", first.expenditure_id)) == 1


def test_the_page_says_when_the_books_are_not_the_same_any_more(client, world, auditor, books):
    sample = drawn_from(world.project, by=auditor, size=5, days=DAYS)
    drawn = keys(sample)
    not_drawn = next(row for row in books if row.pk not in drawn)

    Expenditure.objects.filter(pk=not_drawn.pk).update(amount=1)
    changed = client.get(sample.get_absolute_url()).content.decode()
    Expenditure.objects.get(pk=drawn[0]).delete()
    deleted = client.get(sample.get_absolute_url()).content.decode()

    assert "the sample is still the same" in changed
    assert "the rule draws others today" in deleted
    assert "deleted from the books since" in deleted
    assert keys(sample) == drawn  # what was drawn stays


@pytest.mark.parametrize("rule", VoucherSample.Rule.values)
def test_what_counts_in_no_figure_is_not_drawn(world, auditor, books, rule):
    status = Expenditure.Status
    Expenditure.objects.filter(pk=books[0].pk).update(status=status.RETURNED)
    Expenditure.objects.filter(pk=books[1].pk).update(status=status.WAITING, waits_since=DAYS[0])

    sample = drawn_from(world.project, by=auditor, rule=rule, size=500, days=DAYS)

    counted = world.project.expenditures.counted()
    assert set(keys(sample)) == {row.pk for row in books[2:]}
    assert sample.population_value == books_total(counted).counted


def test_nothing_is_drawn_from_days_without_vouchers(client, world, auditor, books):
    asked = {"rule": "simple_random", "seed": "1", "size": 5}
    asked |= {"starts_on": "2018-01-01", "ends_on": "2018-01-31"}

    response = client.post(url("samples"), asked)

    assert response.context["form"].non_field_errors() == [
        "The books hold no such voucher of these days: choose other days."
    ]
    assert not VoucherSample.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "refused"),
    [
        ("seed", " ", {"seed"}),
        ("size", "0", {"size"}),
        ("size", "501", {"size"}),
        ("ends_on", "2019-05-01", {"__all__"}),
        ("ends_on", "2999-05-01", {"ends_on"}),
        ("rule", "convenient", {"rule"}),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(client, auditor, books, field, value, refused):
    asked = {"rule": "simple_random", "seed": "1", "size": 5}
    asked |= {"starts_on": DAYS[0], "ends_on": DAYS[1], field: value}

    form = client.post(url("samples"), asked).context["form"]

    assert set(form.errors) == refused
    assert not VoucherSample.objects.exists()


def test_refunds_are_left_out_of_monetary_units_and_counted(client, world, auditor, books):
    ExpenditureFactory(category=books[0].category, amount=-50, spent_on=DAYS[0])
    sample = drawn_from(world.project, by=auditor, rule="monetary_unit", size=5, days=DAYS)

    page = client.get(sample.get_absolute_url()).content.decode()

    assert sample.population_count == 20
    assert "1 refund or credit note of these days" in page


def test_the_export_is_logged_and_begins_no_formula(client, world, auditor, books):
    Expenditure.objects.update(voucher="=cmd|'/c calc'!A1", description="=1+1")
    sample = drawn_from(world.project, by=auditor, size=20, days=DAYS)

    answer = client.get(url("sample-export", sample.pk))

    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    assert [sheet.title for sheet in book.worksheets] == ["Sample", "Rule", "Vouchers today"]
    assert len(rows) == 20
    assert {cell.data_type for sheet in book.worksheets for row in sheet for cell in row} <= {
        *("s", "n", "d")
    }
    facts = dict(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert (facts["Seed"], facts["SHA-256 of their list"]) == ("7f3a", sample.population_sha256)
    event = AccessEvent.objects.first()
    assert (event.kind, event.thing, event.details) == ("export", sample, {"what": "sample"})


def test_one_place_says_who_reads_files_of_vouchers_and_who_audits(world):
    def allowed(may):
        return {role for role in ROLES if may(world.people[role], world.project)}

    assert allowed(may_read_voucher_files) == {
        *("administrator", "coordinator", "finance", "auditor")
    }
    assert allowed(may_audit) == {"administrator", "auditor"}
    assert not may_audit(world.people["auditor"], world.neighbour)


def test_the_list_of_samples_asks_as_much_for_many(
    client, world, auditor, books, django_assert_max_num_queries
):
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            drawn_from(world.project, by=auditor, seed=str(number), days=DAYS)
        client.get(url("samples"))

        with django_assert_max_num_queries(15) as statements:
            client.get(url("samples"))
        counts.append(len(statements))

    few, many = counts
    assert many <= few


def test_a_rule_with_nothing_above_zero_is_refused(world, auditor):
    ExpenditureFactory(
        category=BudgetCategoryFactory(project=world.project), amount=-5, spent_on=DAYS[0]
    )

    with pytest.raises(Refusal):
        drawn_from(world.project, by=auditor, rule="monetary_unit", days=DAYS)
