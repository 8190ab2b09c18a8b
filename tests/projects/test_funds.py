"""What comes in: contributions promised and received, and the rates by which money is told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from projects.models import Contribution, ExchangeRate
from projects.money.services.spending import rate_on
from tests.factories import (
    BudgetCategoryFactory,
    ContributionFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
    ParticipationFactory,
)

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2019, 4, 1), date(2020, 3, 31)
DAY = timedelta(days=1)


@pytest.fixture
def donor(world):
    return world.project.participations.get(role="funding")


def url(name, *args):
    return reverse(f"projects:{name}", args=["HN-1", *args])


def contribution(donor, **changes):
    return {
        "participation": donor.pk,
        "currency": "cad",
        "promised": "5 000",
        "expected_on": "2019-05-01",
        **changes,
    }


RECEIVED = {"received": "4 999,50", "received_on": "2019-05-10"}


# Contributions


def test_money_comes_from_the_institutions_that_fund_the_project(client, sign_in, world, donor):
    """Not from a partner, from who represents the donor, or from the donor of a neighbour."""
    sign_in("finance")
    ParticipationFactory(project=world.neighbour, role="funding")
    partner = world.project.participations.filter(role="partner").first()

    form = client.get(url("contribution-create")).context["form"]
    refused = client.post(url("contribution-create"), contribution(partner))

    assert list(form.fields["participation"].queryset) == [donor]
    assert list(refused.context["form"].errors) == ["participation"]
    assert not Contribution.objects.exists()


def test_a_promise_becomes_what_was_received(client, sign_in, donor):
    sign_in("finance")

    client.post(url("contribution-create"), contribution(donor))
    row = Contribution.objects.get()
    promised = (row.value_promised, row.value_received)
    seen = client.get(url("contribution-edit", row.pk)).context["form"]["seen"].value()
    client.post(url("contribution-edit", row.pk), contribution(donor, seen=seen, **RECEIVED))

    row.refresh_from_db()
    assert promised == (5000, None)
    assert (row.received, row.received_on, row.rate) == (Decimal("4999.50"), date(2019, 5, 10), 1)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"promised": "", "expected_on": ""}, ["__all__"]),
        ({"expected_on": ""}, ["__all__"]),
        ({"promised": "0"}, ["__all__"]),
        ({"received": "5"}, ["__all__"]),
        ({"received_on": "2019-05-10"}, ["__all__"]),
        ({"received": "0", "received_on": "2019-05-10"}, ["__all__"]),
        ({"received": "5", "received_on": "2999-01-01"}, ["received_on"]),
        ({"currency": "USD"}, ["rate"]),
        ({"currency": "USD", "rate": "0"}, ["__all__"]),
        ({"currency": "US"}, ["currency"]),
        ({"promised": "1.005"}, ["promised"]),
    ],
)
def test_a_contribution_that_says_half_is_refused(client, sign_in, donor, changes, errors):
    sign_in("finance")

    page = client.post(url("contribution-create"), contribution(donor, **changes))

    assert list(page.context["form"].errors) == errors
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"promised": None, "expected_on": None},
        {"promised": 5, "expected_on": None},
        {"promised": None},
        {"received_on": FIRST},
        {"received": 5},
    ],
)
def test_the_database_keeps_no_contribution_that_says_half(donor, said):
    with pytest.raises(IntegrityError):
        ContributionFactory(participation=donor, **said)


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, "1.30"),  # of the day on which it is expected
        (RECEIVED, "1.40"),  # of the day on which it came
        ({"rate": "1,25", **RECEIVED}, "1.25"),  # as it was typed
    ],
)
def test_a_contribution_takes_the_rate_of_its_day(client, sign_in, world, donor, changes, rate):
    sign_in("finance")
    usd = {"project": world.project, "currency": "USD"}
    ExchangeRateFactory(starts_on=FIRST, ends_on=date(2019, 5, 9), rate="1.30", **usd)
    ExchangeRateFactory(starts_on=date(2019, 5, 10), ends_on=LAST, rate="1.40", **usd)

    client.post(url("contribution-create"), contribution(donor, currency="USD", **changes))

    row = Contribution.objects.get()
    assert (row.rate, row.value_promised) == (Decimal(rate), 5000 * Decimal(rate))


def test_the_own_currency_has_the_rate_of_one_whatever_was_typed(client, sign_in, donor):
    sign_in("finance")

    client.post(url("contribution-create"), contribution(donor, rate="1,5"))

    assert Contribution.objects.get().rate == 1


def test_the_page_sums_what_was_promised_and_received_in_the_project_s_currency(
    client, sign_in, world, donor
):
    ContributionFactory(participation=donor, promised=1000, currency="USD", rate="1.5")
    ContributionFactory(
        participation=donor, promised=None, expected_on=None, received=10, received_on=FIRST
    )
    ContributionFactory(participation=ParticipationFactory(role="funding"), promised=77)
    sign_in("donor")

    page = client.get(url("contributions"))

    assert (page.context["promised"], page.context["received"]) == (1500, 10)
    assert page.context["page"].paginator.count == 2


def test_the_donor_reads_contributions_and_finance_of_a_neighbour_none(
    client, sign_in, world, donor
):
    row = ContributionFactory(participation=donor)
    foreign = ContributionFactory(
        participation=ParticipationFactory(project=world.neighbour, role="funding")
    )

    sign_in("donor")
    read, write = client.get(url("contributions")), client.get(url("contribution-edit", row.pk))
    sign_in("finance")
    for name in ("contribution-edit", "contribution-delete"):
        assert client.post(url(name, foreign.pk), {}).status_code == 404
    client.post(url("contribution-delete", row.pk))

    assert (read.status_code, write.status_code) == (200, 403)
    assert list(Contribution.objects.all()) == [foreign]


# Rates


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        (FIRST - DAY, None),
        (FIRST, "0.0542"),
        (LAST, "0.0542"),
        (LAST + DAY, "0.06"),
        (LAST + 2 * DAY, None),
    ],
)
def test_a_rate_holds_from_its_first_day_through_its_last(world, on, rate):
    ExchangeRateFactory(project=world.project, starts_on=FIRST, ends_on=LAST)
    ExchangeRateFactory(
        project=world.project, starts_on=LAST + DAY, ends_on=LAST + DAY, rate="0.06"
    )
    ExchangeRateFactory(project=world.neighbour, starts_on=date(2018, 1, 1), rate=9)
    ExchangeRateFactory(project=world.project, currency="USD", starts_on=date(2018, 1, 1), rate=9)

    assert rate_on(world.project, "HNL", on) == (rate and Decimal(rate))
    assert rate_on(world.project, "CAD", on) == 1


def rate(**changes):
    typed = {"starts_on": FIRST, "ends_on": LAST, "currency": "HNL", "rate": "0,06", "source": "…"}
    return typed | changes


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"currency": "CAD"}, ["currency"]),
        ({"rate": "0"}, ["__all__"]),
        ({"rate": "0,123456789"}, ["rate"]),
        ({"ends_on": FIRST - DAY}, ["__all__"]),
        ({"source": ""}, ["source"]),
        ({"starts_on": LAST, "ends_on": LAST}, ["__all__"]),
        ({"starts_on": FIRST - DAY, "ends_on": FIRST}, ["__all__"]),
    ],
)
def test_a_day_has_one_rate_above_zero_of_another_currency(client, sign_in, world, changes, errors):
    """There is one from the first day to the last; a day more or less is what overlaps."""
    sign_in("finance")
    ExchangeRateFactory(project=world.project, starts_on=FIRST, ends_on=LAST)

    page = client.post(url("rate-create"), rate(starts_on=LAST + DAY, ends_on=LAST + DAY) | changes)

    assert list(page.context["form"].errors) == errors
    assert ExchangeRate.objects.count() == 1


def test_rates_stand_side_by_side_by_day_currency_and_project(client, sign_in, world):
    sign_in("finance")
    ExchangeRateFactory(project=world.project, starts_on=FIRST, ends_on=LAST)
    ExchangeRateFactory(project=world.neighbour, currency="EUR")

    for changes in (
        {"starts_on": FIRST - DAY, "ends_on": FIRST - DAY},
        {"starts_on": LAST + DAY, "ends_on": LAST + DAY},
        {"currency": "usd"},
        {"currency": "EUR"},
    ):
        assert client.post(url("rate-create"), rate(**changes)).status_code == 302

    assert world.project.exchange_rates.count() == 5


def test_a_rate_that_changes_leaves_what_was_entered_as_it_is(client, sign_in, world):
    sign_in("finance")
    kept = ExchangeRateFactory(project=world.project)
    row = ExpenditureFactory(
        category=BudgetCategoryFactory(project=world.project), currency="HNL", rate=kept.rate
    )

    seen = client.get(url("rate-edit", kept.pk)).context["form"]["seen"].value()
    client.post(url("rate-edit", kept.pk), rate(seen=seen))
    row.refresh_from_db()
    after_change = (ExchangeRate.objects.get().rate, row.rate)
    client.post(url("rate-delete", kept.pk))
    row.refresh_from_db()

    assert after_change == (Decimal("0.06"), Decimal("0.0542"))
    assert (ExchangeRate.objects.exists(), row.rate) == (False, Decimal("0.0542"))


def test_a_rate_of_the_days_to_come_is_known(world):
    tomorrow = timezone.localdate() + DAY
    kept = ExchangeRateFactory(project=world.project, starts_on=tomorrow, ends_on=tomorrow)

    kept.full_clean()
    with pytest.raises(ValidationError):
        ExchangeRate(
            project=world.project, currency="hnl", starts_on=FIRST, ends_on=LAST, rate=1, source="…"
        ).full_clean()

    assert rate_on(world.project, "HNL", tomorrow) == Decimal("0.0542")
