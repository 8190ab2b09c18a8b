"""Breakdowns of a file: by which dimension of the portal, and in which of its categories."""

from collections.abc import Iterable
from typing import NamedTuple

from projects import codelists
from projects.framework.disclosure import counts_of
from projects.framework.suppression import breakdown_may_be_disclosed, may_be_disclosed
from projects.iati.document import MeasuredIndicator, MeasuredValue
from projects.models import Category, DataPoint, Dimension, Indicator

MOST_DIMENSIONS = 2


class CellCategories(NamedTuple):
    category: Category
    second: Category | None = None


class KnownDimensions:
    """What the portal knows, asked once."""

    def __init__(self) -> None:
        self.known: dict[str, list[tuple[Dimension, dict[str, Category]]]] = {}
        for dimension in Dimension.objects.with_categories():
            if name := codelists.dimension_name(dimension.code):
                categories = {each.code.casefold(): each for each in dimension.categories.all()}
                self.known.setdefault(name, []).append((dimension, categories))

    def of(self, said: MeasuredIndicator) -> list[Dimension]:
        """By what the indicator is broken down: the first way in which one of its values is and
        that the portal knows. Of several dimensions of a name, the one that knows most values."""
        rows = [each for each in _all_values(said) if each.dimensions]
        for names in dict.fromkeys(tuple(_plain(row)) for row in rows):
            if len(names) > MOST_DIMENSIONS or not all(name in self.known for name in names):
                continue
            values = {name: [_plain(row).get(name) for row in rows] for name in names}
            return [self._best(name, values[name]) for name in names]
        return []

    def _best(self, name: str, values: Iterable[str | None]) -> Dimension:
        values = list(values)

        def fitting(each: tuple[Dimension, dict[str, Category]]) -> int:
            return sum(1 for value in values if value in each[1])

        return max(self.known[name], key=fitting)[0]

    def place(self, dimensions: list[Dimension], said: MeasuredValue) -> CellCategories | None:
        """The cell of a value; None where it is broken down otherwise, or by an unknown category."""
        values = _plain(said)
        names = [codelists.dimension_name(each.code) for each in dimensions]
        if not names or {*values} != {*names} or len(said.dimensions) != len(names):
            return None
        found = [
            categories.get(values[name])
            for dimension, name in zip(dimensions, names, strict=True)
            for other, categories in self.known[name]
            if other is dimension
        ]
        return CellCategories(*found) if all(found) else None


def counts_things(indicator: Indicator, points: Iterable[DataPoint]) -> bool:
    """Whether what was measured can be no count of persons, or its source would not have told it.

    It holds a number below five, or cells without their total (`projects.framework.disclosure`). What is broken
    down by sex or age always counts persons.
    """
    if {codelists.SEX, codelists.AGE} & {
        codelists.dimension_name(each.code) for each in indicator.dimensions
    }:
        return False
    values: dict[tuple[str, int], list[DataPoint]] = {}
    for each in points:
        if each.kind != DataPoint.Kind.TARGET and each.numerator is not None:
            values.setdefault((each.kind, id(each.period)), []).append(each)
    return not all(_may_count_persons(indicator, rows) for rows in values.values())


def _may_count_persons(indicator: Indicator, rows: list[DataPoint]) -> bool:
    """Whether a total and its cells would be told if they counted persons; a bare per cent is."""
    total = next((each for each in rows if each.is_total), None)
    if total is None:
        return False
    whole = counts_of(indicator, total)
    cells = [
        counts for each in rows if not each.is_total and (counts := counts_of(indicator, each))
    ]
    return may_be_disclosed(whole or ()) and (not cells or breakdown_may_be_disclosed(cells, whole))


def _all_values(said: MeasuredIndicator) -> list[MeasuredValue]:
    rows = [each.measured for each in said.baselines]
    for period in said.periods:
        rows += [*period.targets, *period.actuals]
    return rows


def _plain(said: MeasuredValue) -> dict[str, str]:
    return {name.strip().casefold(): value.strip().casefold() for name, value in said.dimensions}
