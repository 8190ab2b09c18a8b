"""Lists the actual values that are missing: from whom, of which indicator and period, due when.

An indicator needs a value for each period of the kind that it names (`Indicator.due_per`) once the
period has ended. The value is due some days later (`Indicator.due_days`, or else those of the
project). Submitted values and "nothing to report" are not missing; drafts and returned ones are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from kernel.entering import in_time_until
from partners.models import Institution
from projects.framework.disclosure import Disclosure
from projects.framework.figures import PeriodFigures, Standing, cumulative_of, of_period, standing
from projects.models import Category, DataPoint, Indicator, Period, Project
from projects.models.value import Cell

WITH_CELLS = ("responsible__names", "dimension__categories", "second_dimension__categories")


@dataclass(frozen=True)
class ValueDue:
    """A missing value. `cells`: the empty ones of its breakdown; none without a breakdown.
    `institution`: the responsible one; None if nobody was named."""

    indicator: Indicator
    period: Period
    due_on: date
    institution: Institution | None
    cells: list[tuple[Category, Category | None]]

    @property
    def project(self) -> Project:
        return self.indicator.result.project

    @property
    def is_late(self) -> bool:
        """By the rule of all that is due: nobody is late with what was entered too late."""
        entered = (self.period.entered_on, self.indicator.entered_on)
        return in_time_until(self.due_on, self.project.entered_on, *entered) < self.project.today


def values_due(
    projects: Iterable[Project],
    day: date,
    *,
    due_until: date | None = None,
) -> list[ValueDue]:
    """Return the values that are missing on that day in these projects, in order of due days.

    `due_until`: also values due until then, of periods that have not ended yet. Makes eight queries
    however many projects there are.
    """
    by_key = {project.pk: project for project in projects}
    indicators = list(
        Indicator.objects.filter(result__project__in=by_key)
        .exclude(due_per="")
        .select_related("result", "responsible", "dimension", "second_dimension")
        .prefetch_related(*WITH_CELLS)
    )
    if not indicators:
        return []
    periods = defaultdict(list)
    for period in Period.objects.filter(project__in=by_key).order_by("start"):
        periods[period.project_id, period.kind].append(period)
    values = _values_by_period(indicators)
    missing = []
    for indicator in indicators:
        project = indicator.result.project = by_key[indicator.result.project_id]
        for period in periods[project.pk, indicator.due_per]:
            due_on = due_day(indicator, period)
            is_needed = period.end < day or (due_until is not None and due_on <= due_until)
            points = values[indicator.pk, period.pk]
            if is_needed and not _is_submitted(points):
                cells = _empty_cells(indicator, points)
                due = ValueDue(indicator, period, due_on, indicator.responsible, cells)
                missing.append(due)
    return sorted(missing, key=lambda one: (one.due_on, one.indicator.code, one.indicator.pk))


def missing_totals(
    project: Project, periods: Iterable[Period]
) -> list[tuple[date, Indicator, Period]]:
    """Return the totals that are missing in these periods and those to come, each with the day on
    which it is due, in the order of these days. Two queries."""
    indicators = list(_indicators_due(project.pk))
    submitted = set(_given(project.pk)) if indicators else set()
    missing = [
        (_day_after(project, indicator, period), indicator, period)
        for indicator in indicators
        for period in periods
        if period.kind == indicator.due_per and (indicator.pk, period.pk) not in submitted
    ]
    return sorted(missing, key=lambda one: (one[0], one[1].code, one[1].pk))


def _indicators_due(project: int) -> QuerySet[Indicator]:
    columns = ("code", "due_per", "due_days", "responsible", "result", "entered_on")
    return Indicator.objects.filter(result__project=project).exclude(due_per="").only(*columns)


def _given(project: int) -> QuerySet[DataPoint, tuple[int, int | None]]:
    values = DataPoint.objects.filter(
        indicator__result__project=project, kind=DataPoint.Kind.ACTUAL
    ).totals()
    given = values.exclude(status=DataPoint.Status.DRAFT).order_by()
    return given.values_list("indicator", "period")


def due_day(indicator: Indicator, period: Period) -> date:
    """Return the last day on which the indicator's value for that period is in time."""
    return _day_after(indicator.result.project, indicator, period)


def _day_after(project: Project, indicator: Indicator, period: Period) -> date:
    days = project.values_due_days if indicator.due_days is None else indicator.due_days
    return period.end + timedelta(days=days)


def _values_by_period(
    indicators: list[Indicator],
) -> dict[tuple[int, int | None], list[DataPoint]]:
    points = DataPoint.objects.filter(indicator__in=indicators, kind=DataPoint.Kind.ACTUAL)
    found = defaultdict(list)
    for point in points.order_by("pk"):
        found[point.indicator_id, point.period_id].append(point)
    return found


def _is_submitted(points: list[DataPoint]) -> bool:
    return any(p.is_total and p.status != DataPoint.Status.DRAFT for p in points)


def _empty_cells(
    indicator: Indicator, points: list[DataPoint]
) -> list[tuple[Category, Category | None]]:
    filled = {point.cell for point in points if point.numerator is not None}
    return [
        (one, other)
        for one, other in indicator.cells()
        if (one.pk, other.pk if other else None) not in filled
    ]


# --- Spans ---
#
# Computes the figures of indicators between two days: a year of its quarters, or all until its
# end.
#
# Pure functions, beside `projects.framework.figures`, which is about single periods. A period
# counts if it ends within the days. A missing value stays None, and the same rules decide which
# counts of persons are shown (`projects.framework.disclosure`).

Rule = Indicator.Cumulative
Kind = DataPoint.Kind


@dataclass(frozen=True)
class SpanFigures:
    """`target` and `actual` of the days, by the cumulative rule of the indicator; percentages from
    0 to 100. `last`: the latest actual value, for its comment. `is_withheld`: there is an actual
    value, but it is withheld from the reader."""

    target: Decimal | None = None
    actual: Decimal | None = None
    last: DataPoint | None = None
    is_withheld: bool = False


def span_figures(
    indicator: Indicator,
    points: Iterable[DataPoint],
    disclosure: Disclosure,
    *,
    start: date,
    end: date,
) -> SpanFigures:
    """Compute the totals of the periods that end from `start` to `end`, both included.

    `points`: the values that count (approved, their periods fetched). `disclosure`: of the same
    points (`disclosure_of`). A sum is shown if the cumulative values before and after it are, since
    it could be computed from them anyway.
    """
    totals = [point for point in points if point.is_total]
    actuals = _ending(totals, Kind.ACTUAL, start, end)
    earlier = [point for point in totals if point.kind == Kind.ACTUAL and point.period_end < start]
    is_withheld = _is_withheld(indicator, actuals, earlier, disclosure)
    last = actuals[-1] if actuals else None
    if last and last.numerator is not None and not disclosure.discloses(last):
        last = None
    return SpanFigures(
        target=cumulative_of(indicator, _ending(totals, Kind.TARGET, start, end)),
        actual=None if is_withheld else cumulative_of(indicator, actuals),
        last=last,
        is_withheld=is_withheld,
    )


def span_figures_by_cell(
    indicator: Indicator,
    points: Iterable[DataPoint],
    disclosure: Disclosure,
    *,
    start: date,
    end: date,
) -> dict[Cell, SpanFigures]:
    """Compute the same for each cell of the breakdown that has a value in these days.

    Either the actual values of all cells are shown, or of none. Points need their categories
    fetched (`with_cells`).
    """
    by_cell: dict[Cell, list[DataPoint]] = {}
    for point in points:
        if not point.is_total and point.period and start <= point.period.end <= end:
            by_cell.setdefault(point.cell, []).append(point)
    cells = [point for own in by_cell.values() for point in own]
    is_withheld = any(
        not disclosure.discloses(point) for point in cells if point.kind == Kind.ACTUAL
    )
    return {
        cell: SpanFigures(
            target=cumulative_of(indicator, _ending(own, Kind.TARGET, start, end)),
            actual=None
            if is_withheld
            else cumulative_of(indicator, _ending(own, Kind.ACTUAL, start, end)),
            is_withheld=is_withheld,
        )
        for cell, own in by_cell.items()
    }


def _ending(points: Iterable[DataPoint], kind: str, start: date, end: date) -> list[DataPoint]:
    """Return the values of periods that end in these days, in order of time."""
    found = [p for p in points if p.kind == kind and start <= p.period_end <= end]
    return sorted(found, key=lambda point: point.period_end)


def _is_withheld(
    indicator: Indicator,
    actuals: Sequence[DataPoint],
    earlier: Iterable[DataPoint],
    disclosure: Disclosure,
) -> bool:
    measured = [point for point in actuals if point.numerator is not None]
    if not measured:
        return False
    if indicator.cumulative == Rule.LATEST:
        return not disclosure.discloses(measured[-1])
    if indicator.cumulative == Rule.HIGHEST:
        return not all(disclosure.discloses(point) for point in measured)
    before = [point for point in earlier if point.numerator is not None]
    latest = max(before, key=lambda point: point.period_end, default=None)
    ends = [measured[-1], latest] if latest else [measured[-1]]
    return not all(disclosure.discloses_cumulative(point) for point in ends)


# --- Table ---
#
# The performance measurement framework: the rows of indicators with their figures in a period.


@dataclass(frozen=True)
class FrameworkRow:
    """An indicator with its standing, and the figures of the period whose values are shown
    (`own`)."""

    indicator: Indicator
    standing: Standing
    own: PeriodFigures | None

    @property
    def rating(self) -> str:
        return self.standing.rating.value if self.standing.rating else ""


def indicators_of(project: Project) -> QuerySet[Indicator]:
    """Return the indicators in the order of their results, with what a list shows of each."""
    return (
        Indicator.objects.filter(result__project=project)
        .select_related("result", "responsible", "dimension", "second_dimension")
        .prefetch_related("responsible__names")
        .order_by("result__code", "code", "pk")
    )


def framework_rows(
    indicators: Iterable[Indicator],
    points: Iterable[DataPoint],
    *,
    period: Period | None = None,
    small_counts: bool = False,
) -> list[FrameworkRow]:
    """Return a row for each indicator, from the approved values `points` (fetched `with_cells`).

    `period`: values count up to its end, also those of indicators with periods of another kind.
    Without it: up to the latest period measured. `small_counts` as in `figures.standing`.
    """
    values = defaultdict(list)
    for point in points:
        values[point.indicator_id].append(point)
    return [_row(one, values[one.pk], period, small_counts) for one in indicators]


def _row(
    indicator: Indicator, points: list[DataPoint], period: Period | None, small_counts: bool
) -> FrameworkRow:
    now = standing(indicator, points, through=period, small_counts=small_counts)
    shown = _own_period(points, period) if period else now.period
    own = of_period(indicator, points, shown, small_counts=small_counts) if shown else None
    return FrameworkRow(indicator, now, own)


def _own_period(points: Iterable[DataPoint], period: Period) -> Period | None:
    """Return the period itself if the indicator has values of its kind, or else the last of its own
    periods until then."""
    own = {point.period.pk: point.period for point in points if point.period}
    if period.pk in own or period.kind in {each.kind for each in own.values()}:
        return period
    past = [each for each in own.values() if each.end <= period.end]
    return max(past, key=lambda each: each.end, default=None)
