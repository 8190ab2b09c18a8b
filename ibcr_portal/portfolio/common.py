"""Indicators that several projects share: those from a standard list with the same code.

Only numbers whose periods add up are added, of the same kind (persons, or things) and in the same
direction. Of all others the lowest and the highest value is shown. A value that is withheld from the
reader is counted nowhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ibcr_portal.portfolio.reading import ProjectFigures
from kernel.text import columns_of
from projects.models import Indicator, Project

Measure, Rule = Indicator.Measure, Indicator.Cumulative
KIND = ("measure", "persons", "rule", "ascending")


@dataclass(frozen=True)
class CommonValue:
    """The indicator of one project, with its actual value and its target at the end."""

    project: Project
    indicator: int
    actual: Decimal | None
    target: Decimal | None
    is_withheld: bool
    kind: tuple[Any, ...]  # by `KIND`

    @property
    def measure(self) -> str:
        return str(self.kind[0])


@dataclass(frozen=True)
class CommonIndicator:
    """An indicator of a standard list, in all projects that have it."""

    standard: Indicator.Standard
    code: str
    values: Sequence[CommonValue]
    name: str = ""

    @property
    def reference(self) -> str:
        return f"{self.standard.label} · {self.code}"

    @property
    def measured(self) -> list[Decimal]:
        return [one.actual for one in self.values if one.actual is not None]

    @property
    def measure(self) -> str:
        return str(self.values[0].kind[0])

    @property
    def adds_up(self) -> bool:
        """Whether the values may be added: the same kind, and a rule by which numbers add up. The
        unit is what the list says of its code: an indicator has none."""
        kinds = {one.kind for one in self.values}
        measure, _persons, rule, _ascending = next(iter(kinds))
        return len(kinds) == 1 and measure == Measure.UNIT and rule == Rule.SUM

    @property
    def total(self) -> Decimal | None:
        return sum(self.measured, Decimal(0)) if self.adds_up and self.measured else None

    @property
    def target(self) -> Decimal | None:
        """The sum of the targets of those projects that have a value, so that both compare."""
        targets = [one.target for one in self.values if one.actual is not None]
        known = [target for target in targets if target is not None]
        complete = known and len(known) == len(targets)
        return sum(known, Decimal(0)) if self.adds_up and complete else None

    @property
    def range(self) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest value, where all are measured alike."""
        alike = len({one.kind[:2] for one in self.values}) == 1
        measured = self.measured
        return (min(measured), max(measured)) if alike and measured else None

    @property
    def why_not_added(self) -> str:
        """Why there is no sum, in a sentence."""
        if self.adds_up:
            return "" if self.measured else _("No project has measured it yet.")
        kinds = {one.kind for one in self.values}
        if len({kind[:2] for kind in kinds}) > 1:
            return _("Not added: the projects count different things.")
        if self.measure == Measure.PERCENTAGE:
            return _("Not added: percentages have different wholes.")
        if self.measure == Measure.QUALITATIVE:
            return _("Not added: it is measured in words.")
        return _("Not added: its values do not add up over time.")


def common_indicators(figures: Iterable[ProjectFigures]) -> list[CommonIndicator]:
    """Return the standard indicators of these projects: those of most projects first."""
    by_code: dict[tuple[str, str], list[CommonValue]] = defaultdict(list)
    for one in figures:
        for facts in one.common:
            by_code[facts["list"], facts["code"]].append(_value(one.project, facts))
    found = [
        CommonIndicator(Indicator.Standard(standard), code, values)
        for (standard, code), values in by_code.items()
    ]
    return sorted(found, key=lambda one: (-projects_of(one), one.standard, one.code))


def projects_of(common: CommonIndicator) -> int:
    return len({value.project.pk for value in common.values})


def _value(project: Project, facts: dict[str, Any]) -> CommonValue:
    actual, target = (
        None if facts[name] is None else Decimal(facts[name]) for name in ("actual", "target")
    )
    kind = tuple(facts[name] for name in KIND)
    return CommonValue(project, facts["indicator"], actual, target, facts["withheld"], kind)


def with_names(rows: Iterable[CommonIndicator]) -> list[CommonIndicator]:
    """Return them with the words of the first project, which are not stored with the figures."""
    rows = list(rows)
    keys = [row.values[0].indicator for row in rows]
    names = {indicator.pk: indicator.name for indicator in _names(keys)} if keys else {}
    return [
        CommonIndicator(row.standard, row.code, row.values, names.get(row.values[0].indicator, ""))
        for row in rows
    ]


def _names(keys: list[int]) -> QuerySet[Indicator]:
    return Indicator.objects.filter(pk__in=keys).order_by().only("code", *columns_of("name"))
