"""Lists the actual values that are missing: from whom, of which indicator and period, due when.

An indicator needs a value for each period of the kind that it names (`Indicator.due_per`) once the
period has ended. The value is due some days later (`Indicator.due_days`, or else those of the
project). Submitted values and "nothing to report" are not missing; drafts and returned ones are.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from partners.models import Institution
from projects.models import Category, DataPoint, Indicator, Period, Project

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

    def is_late(self, day: date) -> bool:
        return self.due_on < day


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
