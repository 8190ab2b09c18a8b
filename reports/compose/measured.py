"""Values of indicators and amounts as a document shows them: known on its day, for its readers, in
words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from kernel.formats import MISSING, number, percent
from projects.framework.disclosure import FEWEST_DISCLOSED, Disclosure, disclosure_of
from projects.framework.figures import Standing, standing
from projects.framework.values_due import SpanFigures, span_figures, span_figures_by_cell
from projects.models import DataPoint, Indicator, Period
from projects.models.value import Cell
from projects.money.budget_figures import cents
from projects.money.budget_tables import BudgetTables
from reports.compose.reading import ReportReading


@dataclass(frozen=True)
class AmountStyle:
    """Writes either all amounts of the tables with cents or none, so that decimals are aligned."""

    currency: str
    digits: int

    @classmethod
    def of(cls, currency: str, tables: BudgetTables) -> "AmountStyle":
        lines = [*tables.categories, *tables.results, *tables.years]
        rows = [tables.total, *(line.figures for line in lines)]
        amounts = [
            amount
            for row in rows
            for amount in (row.revised, row.budget, row.actual, row.cumulative, row.forecast)
        ]
        return cls(currency, 2 if any(cents(each) % 1 for each in amounts if each) else 0)

    def amount(self, value: Decimal | None) -> str:
        return number(cents(value), self.digits)

    def signed(self, value: Decimal | None) -> str:
        """Return an amount with its sign, such as +1 200 if more was spent than planned."""
        return with_sign(self.amount(value), cents(value))


def with_sign(written: str, value: Decimal | None) -> str:
    """Return the written amount with a plus if it is above zero; a minus is in the writing."""
    return f"+{written}" if value is not None and value > 0 else written


def signed_share(share: Decimal | None) -> str:
    """Return a share such as +12,5 %, with one decimal, which shows whether a threshold was
    exceeded."""
    return MISSING if share is None else with_sign(percent(share, 1), round(share, 3))


def in_currency(caption: str, currency: str) -> str:
    """Return the caption of a table with the currency of its amounts."""
    return _("%(table)s (%(currency)s)") % {"table": caption, "currency": currency}


# Values as a document shows them


Measure = Indicator.Measure
Days = tuple[date, date]


@dataclass(frozen=True)
class IndicatorValues:
    """An indicator (with result and project fetched) and those of its values that readers may
    see."""

    reading: ReportReading
    indicator: Indicator
    points: list[DataPoint] = field(default_factory=list)
    # What `between` and `cells_between` have computed.
    _totals: dict[Days, SpanFigures] = field(default_factory=dict, repr=False, compare=False)
    _cells: dict[Days, dict[Cell, SpanFigures]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def disclosed(self) -> Disclosure:
        return disclosure_of(
            self.indicator, self.points, small_counts=self.reading.discloses_small_counts
        )

    @cached_property
    def standing(self) -> Standing:
        """The cumulative value at the end of the period."""
        return standing(
            self.indicator,
            self.points,
            through=self.reading.report.period,
            small_counts=self.reading.discloses_small_counts,
        )

    def of(self, period: Period) -> SpanFigures:
        """Return the value of a period, whatever the kind of the indicator's own periods."""
        return self.between(period.start, period.end)

    def between(self, start: date, end: date) -> SpanFigures:
        if (start, end) not in self._totals:
            self._totals[start, end] = span_figures(
                self.indicator, self.points, self.disclosed, start=start, end=end
            )
        return self._totals[start, end]

    def cells_between(self, start: date, end: date) -> dict[Cell, SpanFigures]:
        """Return the values of the days by cell, for those that have any."""
        if (start, end) not in self._cells:
            self._cells[start, end] = span_figures_by_cell(
                self.indicator, self.points, self.disclosed, start=start, end=end
            )
        return self._cells[start, end]


def indicators_of(reading: ReportReading) -> list[Indicator]:
    """Return the indicators of the project, by code, with all that a document shows of each."""
    return reading.once("indicators", lambda: _read_indicators(reading))


def _read_indicators(reading: ReportReading) -> list[Indicator]:
    found = Indicator.objects.filter(result__project=reading.project).select_related(
        "result", "responsible", "dimension", "second_dimension"
    )
    found = found.prefetch_related(
        "responsible__names", "dimension__categories", "second_dimension__categories"
    ).order_by("code", "pk")
    for indicator in found:
        indicator.result.project = reading.project
    return list(found)


def measured_of(reading: ReportReading) -> dict[int, IndicatorValues]:
    """Return the values of every indicator of the project, by its key.

    They are the same for all readers who see small counts, and for all who do not. So the reading
    in them may be of another document: only the report and days may be taken from it.
    """
    indicators, points = indicators_of(reading), reading.points
    return reading.once(
        f"measured, {reading.discloses_small_counts}",
        lambda: {one.pk: IndicatorValues(reading, one, points[one.pk]) for one in indicators},
    )


def share_of_end(indicator: Indicator, now: Standing) -> str:
    """Return the cumulative value as a share of the target of the whole project, for numbers that
    grow.

    A share of a percentage would be a percentage of percentages, so there is none.
    """
    counts = indicator.measure == Measure.UNIT and indicator.ascending
    if not counts or now.actual is None or not now.end_target or now.end_target < 0:
        return ""
    return percent(now.actual / now.end_target)


def actual_text(indicator: Indicator, own: SpanFigures, *, digits: int) -> str:
    """Return the actual value in words: that a small count is withheld, the text of a qualitative
    indicator, or the number with so many `digits` after the point."""
    if own.is_withheld:
        return withheld_text()
    return words_of(indicator, own.last) or written(indicator, own.actual, digits=digits)


def withheld_text() -> str:
    """Return the words in place of a count of few persons, or of a number that would reveal it."""
    return str(_("not disclosed (fewer than %(few)s persons)") % {"few": FEWEST_DISCLOSED})


def words_of(indicator: Indicator, point: DataPoint | None) -> str:
    """Return the text of a qualitative value; nothing for a number, or without a value."""
    return point.comment if point and is_qualitative(indicator) else ""


def is_qualitative(indicator: Indicator) -> bool:
    return indicator.measure == Measure.QUALITATIVE


def written(indicator: Indicator, value: Decimal | None, *, digits: int | None = None) -> str:
    """Return a number in words.

    `digits` gives all rows of a column the same number of decimals, so that they can be compared at
    a glance; without it there are at most two.
    """
    if value is None or is_qualitative(indicator):
        return MISSING
    if indicator.measure == Measure.PERCENTAGE:
        return percent(round(value) / Decimal(100))
    return number(round(value, 2)) if digits is None else number(value, digits)


def digits_of(values: Iterable[Decimal | None]) -> int:
    """Return the number of decimals, at most two, that the values need together."""
    shown = [round(value, 2).normalize() for value in values if value is not None]
    return max([-int(value.as_tuple().exponent) for value in shown] + [0])
