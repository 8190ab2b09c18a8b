"""The performance measurement framework: the rows of indicators with their figures in a period."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from projects.framework.figures import PeriodFigures, Standing, of_period, standing
from projects.models import DataPoint, Indicator, Period, Project


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
