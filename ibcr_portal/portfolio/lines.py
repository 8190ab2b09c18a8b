"""What the portfolio says of each project, sorted, and the totals of all that are chosen."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from ibcr_portal.portfolio.reading import ProjectFigures
from kernel.names import plain
from projects.framework.figures import Rating

ZERO = Decimal(0)

# The columns by which the list is sorted. Budgets are compared within their currency alone.
ORDERS: Mapping[str, Callable[[ProjectFigures], Any]] = {
    "project": lambda one: str(one.project),
    "elapsed": lambda one: one.project.percent_elapsed,
    "budget": lambda one: (one.project.currency, one.budget) if one.budget is not None else None,
    "spent": lambda one: one.share_spent,
    "results": lambda one: one.on_track / one.rated if one.rated else None,
    "late": lambda one: one.late,
    # By how long the next one is late.
    "report": lambda one: _long_ago(one.report_late_since),
    "next": lambda one: one.next[0] if one.next else None,
    "risks": lambda one: (one.risks["grave"], one.risks["open"]) if one.risks else None,
    "waiting": lambda one: one.waiting,
}


def _long_ago(day: date | None) -> int | None:
    return date.max.toordinal() - day.toordinal() if day else None


def late_first(figures: Iterable[ProjectFigures]) -> list[ProjectFigures]:
    """Return the projects with most that is late first, then by title."""
    return sorted(figures, key=lambda one: (-one.late, plain(str(one.project)), one.project.pk))


@dataclass
class CurrencyTotal:
    """The money of the projects of one currency that have any, as far as the reader sees it.

    What was spent is compared with the budget only of projects that have one.
    """

    currency: str
    projects: int = 0
    budget: Decimal = ZERO
    spent: Decimal = ZERO
    with_budget: int = 0
    spent_of_budget: Decimal = ZERO

    @property
    def share_spent(self) -> Decimal | None:
        return self.spent_of_budget / self.budget if self.budget else None

    @property
    def left(self) -> Decimal | None:
        return self.budget - self.spent_of_budget if self.with_budget else None

    def add(self, one: ProjectFigures) -> None:
        spent = one.spent or ZERO
        self.projects += 1
        self.spent += spent
        if one.budget:
            self.with_budget += 1
            self.budget += one.budget
            self.spent_of_budget += spent


@dataclass
class PortfolioTotals:
    projects: int = 0
    currencies: list[CurrencyTotal] = field(default_factory=list)
    ratings: Counter[str] = field(default_factory=Counter)
    late: int = 0
    late_projects: int = 0
    grave_risks: int | None = None
    waiting: int | None = None

    @property
    def rated(self) -> int:
        return sum(self.ratings.values())

    @property
    def on_track(self) -> int:
        return self.ratings["met"] + self.ratings["close"]

    @property
    def by_rating(self) -> list[tuple[models.TextChoices, int]]:
        return [(rating, self.ratings[rating.value]) for rating in Rating if self.ratings[rating]]


def totals_of(figures: Iterable[ProjectFigures]) -> PortfolioTotals:
    """Add up what can be added: money by its currency alone. What the reader sees in no project is
    None."""
    totals = PortfolioTotals()
    money: dict[str, CurrencyTotal] = {}
    for one in figures:
        totals.projects += 1
        totals.ratings.update(one.ratings)
        totals.late += one.late
        totals.late_projects += bool(one.late)
        if one.risks is not None:
            totals.grave_risks = (totals.grave_risks or 0) + one.risks["grave"]
        if one.waiting is not None:
            totals.waiting = (totals.waiting or 0) + one.waiting
        if one.sees_money and (one.budget is not None or one.spent is not None):
            code = one.project.currency
            money.setdefault(code, CurrencyTotal(code)).add(one)
    totals.currencies = [money[code] for code in sorted(money)]
    return totals
