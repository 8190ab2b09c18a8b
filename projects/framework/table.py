"""The performance measurement framework: its indicators, each with where it stands in a period."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from projects.framework.figures import PeriodFigures, Standing, of_period, standing
from projects.models import DataPoint, Indicator, Period, Project


@dataclass(frozen=True)
class FrameworkRow:
    """An indicator, where it stands, and the period whose own values are shown (`own`)."""

    indicator: Indicator
    standing: Standing
    own: PeriodFigures | None

    @property
    def rating(self) -> str:
        return self.standing.rating.value if self.standing.rating else ""


def indicators_of(project: Project) -> QuerySet[Indicator]:
    """In the order of the results, with what a list shows beside each."""
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
    whole: bool = False,
) -> list[FrameworkRow]:
    """A row for each indicator, by its approved values `points` (fetched `with_cells`).

    `period`: up to its end values count. An indicator told in periods of another kind stands
    where it stood on that day. Without it: the latest period measured. `whole` as in `figures`.
    """
    values = defaultdict(list)
    for point in points:
        values[point.indicator_id].append(point)
    return [_row(one, values[one.pk], period, whole) for one in indicators]


def _row(
    indicator: Indicator, points: list[DataPoint], period: Period | None, whole: bool
) -> FrameworkRow:
    now = standing(indicator, points, through=period, whole=whole)
    shown = _own_period(points, period) if period else now.period
    own = of_period(indicator, points, shown, whole=whole) if shown else None
    return FrameworkRow(indicator, now, own)


def _own_period(points: Iterable[DataPoint], period: Period) -> Period | None:
    """The period itself where the indicator has values of its kind, else the last before its end."""
    own = {point.period_id: point.period for point in points if point.period_id}
    if period.pk in own or period.kind in {each.kind for each in own.values()}:
        return period
    past = [each for each in own.values() if each.end <= period.end]
    return max(past, key=lambda each: each.end, default=None)
