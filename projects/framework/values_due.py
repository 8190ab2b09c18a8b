"""Which actual values are owed: by whom, of which indicator and period, until which day.

An indicator owes a value for each period of the kind that it names (`Indicator.due_per`), from
the end of the period on; it is due so many days later (`Indicator.due_days`, else the project's).
What was submitted, or said to be nothing to report, is owed no more; a draft and what was
returned still are.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from partners.models import Institution
from projects.models import Category, DataPoint, Indicator, Period, Project

WITH_CELLS = ("responsible__names", "dimension__categories", "second_dimension__categories")


@dataclass(frozen=True)
class ValueDue:
    """`cells`: those of the breakdown that hold nothing yet; empty where there is no breakdown.
    `institution`: who answers for it; None where nobody was named."""

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
    with_cells: bool = True,
) -> list[ValueDue]:
    """What is owed on that day in these projects, by the day on which it is due.

    `due_until`: also what falls due until then, of periods that have not ended yet.
    `with_cells`: whether to say which cells of a breakdown are missing. Eight queries, however
    many projects; three without cells, and then the institutions have no names.
    """
    by_key = {project.pk: project for project in projects}
    indicators = list(
        Indicator.objects.filter(result__project__in=by_key)
        .exclude(due_per="")
        .select_related("result", "responsible", "dimension", "second_dimension")
        .prefetch_related(*(WITH_CELLS if with_cells else ()))
    )
    if not indicators:
        return []
    periods = defaultdict(list)
    for period in Period.objects.filter(project__in=by_key).order_by("start"):
        periods[period.project_id, period.kind].append(period)
    told = _told(indicators, with_cells=with_cells)
    found = []
    for indicator in indicators:
        project = indicator.result.project = by_key[indicator.result.project_id]
        for period in periods[project.pk, indicator.due_per]:
            due_on = due_day(indicator, period)
            is_owed = period.end < day or (due_until is not None and due_on <= due_until)
            points = told[indicator.pk, period.pk]
            if is_owed and not _is_given(points):
                cells = _missing(indicator, points) if with_cells else []
                owed = ValueDue(indicator, period, due_on, indicator.responsible, cells)
                found.append(owed)
    return sorted(found, key=lambda one: (one.due_on, one.indicator.code, one.indicator.pk))


def due_day(indicator: Indicator, period: Period) -> date:
    """Until when the indicator's value for that period is due."""
    days = indicator.due_days
    if days is None:
        days = indicator.result.project.values_due_days
    return period.end + timedelta(days=days)


def _told(
    indicators: list[Indicator], *, with_cells: bool
) -> dict[tuple[int, int], list[DataPoint]]:
    points = DataPoint.objects.filter(indicator__in=indicators, kind=DataPoint.Kind.ACTUAL)
    points = points if with_cells else points.totals()
    found = defaultdict(list)
    for point in points.order_by("pk"):
        found[point.indicator_id, point.period_id].append(point)
    return found


def _is_given(points: list[DataPoint]) -> bool:
    return any(p.is_total and p.status != DataPoint.Status.DRAFT for p in points)


def _missing(
    indicator: Indicator, points: list[DataPoint]
) -> list[tuple[Category, Category | None]]:
    held = {point.cell for point in points if point.numerator is not None}
    return [
        (one, other)
        for one, other in indicator.cells()
        if (one.pk, other.pk if other else None) not in held
    ]
