"""One of everything that belongs to a project's money, and the addresses of its pages."""

from datetime import date
from types import SimpleNamespace

from django.urls import reverse

from projects.models import ImportBatch
from projects.money.services.approval import lock_days
from tests.factories import (
    BudgetCategoryFactory,
    BudgetLineFactory,
    ContributionFactory,
    ExchangeRateFactory,
    ExpenditureFactory,
)

BUDGET = "/projects/HN-1/budget/"


def things_of(world):
    """The lock covers none of the others."""
    category = BudgetCategoryFactory(project=world.project, code="VOY", name_fr="Voyages")
    funding = world.project.participations.get(role="funding")
    return SimpleNamespace(
        category=category,
        unused=BudgetCategoryFactory(project=world.project, code="EQP"),
        line=BudgetLineFactory(category=category, period=world.year),
        year=world.year,
        row=ExpenditureFactory(category=category, voucher="V-1"),
        rate=ExchangeRateFactory(project=world.project),
        contribution=ContributionFactory(participation=funding),
        lock=lock_days(
            world.project,
            start=date(2018, 1, 1),
            end=date(2018, 12, 31),
            by=world.people["finance"],
        ),
        batch=ImportBatch.objects.create(
            project=world.project, original_name="a.csv", sha256="0" * 64, rows=1
        ),
    )


def address(name, things, *keys):
    return reverse(f"projects:{name}", args=["HN-1", *(getattr(things, key).pk for key in keys)])
