"""The budget once approved, the books once locked: what stands stands, and how it is corrected."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccessEvent
from projects.models import (
    AccountingLock,
    ExchangeRate,
    Expenditure,
)
from projects.money.ledger import Books, books_total, ledger_transactions, published_budgets
from projects.money.services.approval import lift_lock, lock_days
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    ParticipationFactory,
)

pytestmark = pytest.mark.django_db

LOCKED, OPEN = date(2019, 6, 1), date(2020, 5, 4)


@pytest.fixture
def category(world):
    return BudgetCategoryFactory(project=world.project, code="VOY")


@pytest.fixture
def locked(world):
    return lock_days(
        world.project, start=date(2019, 4, 1), end=date(2020, 3, 31), by=world.people["finance"]
    )


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def expenditure(chosen, **changes):
    return {
        "spent_on": OPEN.isoformat(),
        "category": chosen.pk,
        "amount": "1 250,50",
        "currency": "cad",
        "voucher": "V-1",
        **changes,
    }


# Expenditure


def test_an_amount_takes_the_rate_of_its_day(client, sign_in, world, category):
    sign_in("finance")
    ExchangeRateFactory(project=world.project, rate="0.05420000")

    client.post(
        url("expenditure-create"),
        expenditure(category, currency="hnl", spent_on="2019-06-01", amount="10,000.00"),
    )

    row = Expenditure.objects.get()
    assert (row.currency, row.rate, row.value) == ("HNL", Decimal("0.0542"), Decimal("542"))


def test_a_missing_rate_is_asked_for(client, sign_in, world, category):
    sign_in("finance")

    page = client.post(url("expenditure-create"), expenditure(category, currency="HNL"))

    assert list(page.context["form"].errors) == ["rate"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "1.234"}, "amount"),
        ({"amount": "0"}, None),
        ({"currency": "C$"}, "currency"),
        ({"category": ""}, "category"),
        ({"spent_on": "2999-01-01"}, "spent_on"),
        ({"spent_on": "2019-06-01"}, "spent_on"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(client, sign_in, category, locked, changes, field):
    sign_in("finance")

    page = client.post(url("expenditure-create"), expenditure(category) | changes)

    assert list(page.context["form"].errors) == [field or "__all__"]
    assert not Expenditure.objects.exists()


def test_an_expenditure_is_booked_once_per_page_that_was_opened(client, sign_in, category):
    sign_in("finance")

    for page in ("first", "first", "second"):
        sent = expenditure(category) | {"csrfmiddlewaretoken": page}
        assert client.post(url("expenditure-create"), sent).status_code == 302

    assert Expenditure.objects.count() == 2


def test_nothing_in_a_locked_period_is_changed_or_deleted(client, sign_in, category, locked):
    sign_in("finance")
    row = ExpenditureFactory(category=category, spent_on=LOCKED)

    page = client.post(url("expenditure-edit", row.pk), expenditure(category))
    client.post(url("expenditure-delete", row.pk))

    row.refresh_from_db()
    assert list(page.context["form"].errors) == ["spent_on"]
    assert (row.spent_on, row.amount) == (LOCKED, 100)


def test_a_correction_moves_the_amount_to_where_it_belongs(
    client, sign_in, world, category, locked
):
    sign_in("finance")
    right = BudgetCategoryFactory(project=world.project)
    row = ExpenditureFactory(
        category=category, spent_on=LOCKED, amount=1000, currency="HNL", rate="0.05"
    )

    said = {"category": right.pk, "amount": "900", "spent_on": OPEN.isoformat(), "reason": "…"}
    client.post(url("expenditure-adjust", row.pk), said)
    client.post(url("expenditure-adjust", row.pk), said | {"amount": "950"})

    corrections = row.adjustments.order_by("pk").values_list("category", "amount", "spent_on")
    assert list(corrections) == [
        (category.pk, Decimal(-1000), OPEN),
        (right.pk, Decimal(900), OPEN),
        (right.pk, Decimal(50), OPEN),
    ]
    assert books_total(Expenditure.objects.all()).counted == Decimal("47.50")


def test_a_correction_is_not_entered_on_a_locked_day(client, sign_in, category, locked):
    sign_in("finance")
    row = ExpenditureFactory(category=category, spent_on=LOCKED)

    page = client.post(
        url("expenditure-adjust", row.pk),
        {"category": category.pk, "amount": "1", "spent_on": "2020-03-31", "reason": "…"},
    )

    assert list(page.context["form"].errors) == ["spent_on"]


# Locks and rates


def test_only_finance_locks_and_unlocks_with_a_reason_that_stays(client, sign_in, world, locked):
    sign_in("coordinator")
    refused = client.post(url("lock-lift", locked.pk), {"reason": "…"})
    sign_in("finance")
    client.post(url("lock-lift", locked.pk), {"reason": ""})
    client.post(url("lock-lift", locked.pk), {"reason": "Audit demandé."})

    locked.refresh_from_db()
    assert refused.status_code == 403
    assert (locked.lift_reason, locked.lifted_by) == ("Audit demandé.", world.people["finance"])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="exclusion constraints")
def test_no_day_is_locked_twice_or_has_two_rates(world, locked):
    rate = ExchangeRateFactory(project=world.project)
    for model, row in ((AccountingLock, locked), (ExchangeRate, rate)):
        row.pk, row._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.bulk_create([row])


def test_a_lifted_lock_makes_room_for_another(world, locked):
    finance = world.people["finance"]
    lift_lock(locked, reason="Audit", by=finance)

    again = lock_days(world.project, start=locked.starts_on, end=locked.ends_on, by=finance)

    assert list(AccountingLock.objects.in_force()) == [again]


# Who sees what, and what is taken away


def test_the_donor_sees_figures_and_contributions_but_no_voucher(client, sign_in, category):
    ExpenditureFactory(category=category, description="Secret du fournisseur")
    sign_in("donor")

    page = client.get(url("budget"))

    assert page.status_code == 200
    assert "Secret du fournisseur" not in page.content.decode()
    assert client.get(url("expenditures")).status_code == 404


def test_the_export_holds_no_formula_and_is_logged(client, sign_in, world, category):
    ExpenditureFactory(category=category, description="=HYPERLINK(1)", voucher="@v")
    sign_in("reader")

    text = client.get(url("expenditures-export", "csv")).content.decode("utf-8-sig")

    row = text.splitlines()[1].split(",")
    assert (row[1], row[8]) == ("'@v", "'=HYPERLINK(1)")
    assert AccessEvent.objects.get(kind="export").thing == world.project


def test_a_filter_totals_what_it_shows(client, sign_in, world, category):
    ExpenditureFactory(category=category, amount="100.10")
    ExpenditureFactory(category=category, amount="200.25", currency="HNL", rate="0.5")
    ExpenditureFactory(project=world.project, category__project=world.project, amount=999)
    sign_in("reader")

    page = client.get(url("expenditures"), {"category": category.pk})

    total, page = page.context["total"], page.context["page"]
    assert (total.counted, page.paginator.count) == (Decimal("200.23"), 2)


# For what is published


def test_published_are_contributions_disbursements_and_expenditure(world, category):
    grants = BudgetCategoryFactory(project=world.project, is_passed_on=True)
    funding = ParticipationFactory(project=world.project, role="funding")
    ContributionFactory(participation=funding, received=500, received_on=date(2019, 5, 2))
    ContributionFactory(participation=funding)
    ExpenditureFactory(category=category, amount=10, currency="USD", rate="1.333")
    ExpenditureFactory(category=grants, amount=70)
    ExpenditureFactory(category=grants, amount=70, spent_on=date(2020, 1, 1))

    told = ledger_transactions(Books(world.project), through=date(2019, 12, 31))

    assert [(one.flow, one.on, one.amount) for one in told] == [
        ("incoming", date(2019, 5, 2), Decimal("500.00")),
        ("disbursement", date(2019, 12, 31), Decimal("70.00")),
        ("expenditure", date(2019, 12, 31), Decimal("13.33")),
    ]


def test_published_budgets_last_at_most_a_year(world, category):
    world.year.end = world.year.start + timedelta(days=549)
    world.year.save()
    BudgetLineFactory(period=world.year, category=category, original=550, revised=1100)

    told = published_budgets(world.project)

    assert [(one.amount, one.is_revised) for one in told] == [
        (Decimal("366.00"), False),
        (Decimal("184.00"), False),
        (Decimal("732.00"), True),
        (Decimal("368.00"), True),
    ]


# Lists


def test_the_budget_page_asks_as_much_for_many_rows(
    client, sign_in, world, django_assert_max_num_queries
):
    sign_in("reader")
    counts = []
    for numbers in (range(1), range(1, 30)):
        for _n in numbers:
            line = BudgetLineFactory(period=world.year)
            ExpenditureFactory(category=line.category)
            ContributionFactory(participation=world.project.participations.first())
        world.project.refresh_from_db()

        with django_assert_max_num_queries(30) as statements:
            page = client.get(url("budget"), {"period": world.year.pk})
        counts.append(len(statements))

        assert len(page.context["tables"].categories) == numbers.stop

    few, many = counts
    assert many <= few


@pytest.mark.parametrize("name", ["expenditures", "contributions", "rates", "locks"])
def test_lists_of_money_ask_as_much_for_many_rows(
    client, sign_in, world, category, locked, django_assert_max_num_queries, name
):
    sign_in("reader")
    day = timezone.localdate()
    counts = []
    for numbers in (range(1), range(1, 30)):
        for number in numbers:
            ExpenditureFactory(category=category)
            ContributionFactory(participation=world.project.participations.first())
            on = day + timedelta(days=number)
            ExchangeRateFactory(project=world.project, starts_on=on, ends_on=on)

        with django_assert_max_num_queries(30) as statements:
            assert client.get(url(name)).status_code == 200
        counts.append(len(statements))

    few, many = counts
    assert many <= few
