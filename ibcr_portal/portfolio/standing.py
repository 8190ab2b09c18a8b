"""Computes where a project stands, for `ProjectStanding`: a portfolio of hundreds reads these few
numbers instead of all values, risks and vouchers.

What depends on the reader is computed for each kind of reader. `EVERYTHING` and `DISCLOSED`: with
small counts of persons and without them. `ALL_RISKS` and `SHARED`: all risks, and those shared with
the committee. `TEAM` and `DONOR`: what waits for an approval, and of that what the donor sees.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from committees.models import ActionPlan
from ibcr_portal.models import ProjectStanding
from projects.framework.figures import Standing, standing
from projects.framework.tree import INDICATOR_FIGURES, POINT_FIGURES, in_periods
from projects.models import (
    AdvanceVoucher,
    Amendment,
    DataPoint,
    Expenditure,
    Indicator,
    Project,
    Result,
    Risk,
)
from projects.reading import periods_of
from projects.risk_levels import Band, band_of, level_of
from reports.models import Report

EVERYTHING, DISCLOSED = "everything", "disclosed"
ALL_RISKS, SHARED = "all", "shared"
TEAM, DONOR = "team", "donor"
GRAVE = frozenset({Band.HIGH, Band.VERY_HIGH})


def write_standing(project: Project) -> None:
    """Store the figures of a project as they are now, if they differ from those that are stored."""
    facts = computed_standing(project)
    stored = ProjectStanding.objects.filter(project=project).values_list("facts", flat=True)
    if list(stored) != [facts]:
        ProjectStanding.objects.update_or_create(project=project, defaults={"facts": facts})


def computed_standing(project: Project) -> dict[str, Any]:
    indicators = list(_indicators(project.pk))
    values = defaultdict(list)
    for point in in_periods(list(_points(project.pk)), periods_of(project)):
        values[point.indicator_id].append(point)
    of_project = Result(project=project)  # its thresholds rate the indicators
    for indicator in indicators:
        indicator.result = of_project
    inside, for_donor = (sum(numbers) for numbers in _by_reader(_waiting(project.pk)[0]))
    return {
        "values": {
            EVERYTHING: _values(indicators, values, small_counts=True),
            DISCLOSED: _values(indicators, values, small_counts=False),
        },
        "risks": _risk_numbers(_risks(project.pk)),
        "waiting": {TEAM: inside + for_donor, DONOR: for_donor},
    }


# --- Results ---


def _indicators(project: int) -> QuerySet[Indicator]:
    indicators = Indicator.objects.filter(result__project=project).order_by("code", "pk")
    return indicators.only(*INDICATOR_FIGURES, "standard", "standard_code")


def _points(project: int) -> QuerySet[DataPoint]:
    points = DataPoint.objects.totals().approved().filter(indicator__result__project=project)
    return points.order_by("pk").only(*POINT_FIGURES)


def _values(
    indicators: Iterable[Indicator], points: dict[int, list[DataPoint]], *, small_counts: bool
) -> dict[str, Any]:
    """Return how many indicators have each rating, and the figures of those from standard lists."""
    ratings: Counter[str] = Counter()
    common = []
    for indicator in indicators:
        stands = standing(indicator, points[indicator.pk], small_counts=small_counts)
        if stands.rating is not None:
            ratings[stands.rating.value] += 1
        if indicator.standard:
            common.append(_common(indicator, stands))
    return {"ratings": dict(sorted(ratings.items())), "common": common}


def _common(indicator: Indicator, stands: Standing) -> dict[str, Any]:
    return {
        "list": indicator.standard,
        "code": indicator.standard_code,
        "indicator": indicator.pk,
        "measure": indicator.measure,
        "persons": indicator.counts_persons,
        "rule": indicator.cumulative,
        "ascending": indicator.ascending,
        "actual": _written(stands.actual),
        "target": _written(stands.end_target),
        "withheld": stands.is_withheld,
    }


def _written(number: Decimal | None) -> str | None:
    """Return a number as JSON keeps it: exactly, and equal numbers alike."""
    return None if number is None else f"{round(number, 6).normalize():f}"


# --- Risks ---


def _risks(project: int) -> QuerySet[Risk, tuple[Any, ...]]:
    """Read the ratings of the risks that are not closed; of one without a rating, the risk."""
    risks = Risk.objects.exclude(status=Risk.Status.CLOSED).filter(project=project)
    rated = risks.order_by("ratings__rated_on", "ratings__pk")
    return rated.values_list("pk", "is_shared", "ratings__likelihood", "ratings__impact")


def _risk_numbers(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, int]]:
    """Return how many risks are open, and how many are grave by their last rating."""
    last = {pk: (is_shared, rating) for pk, is_shared, *rating in rows}
    is_grave = {
        pk: None not in rating and band_of(level_of(*rating)) in GRAVE
        for pk, (_is_shared, rating) in last.items()
    }
    shared = [pk for pk, (is_shared, _rating) in last.items() if is_shared]
    return {
        readers: {"open": len(keys), "grave": sum(is_grave[pk] for pk in keys)}
        for readers, keys in {ALL_RISKS: list(last), SHARED: shared}.items()
    }


# --- What waits for an approval ---


def _waiting(project: int) -> QuerySet[Project, tuple[Any, ...]]:
    """Count what waits for an approval: inside the team, then what waits for the donor."""
    here = OuterRef("pk")
    report, amendment, plan = Report.Status, Amendment.Status, ActionPlan.Status
    submitted = DataPoint.objects.totals().filter(status=DataPoint.Status.SUBMITTED)
    sent = AdvanceVoucher.objects.filter(status=AdvanceVoucher.Status.SENT)
    return Project.objects.filter(pk=project).values_list(
        _number(submitted.filter(indicator__result__project=here)),
        _number(Expenditure.objects.waiting().filter(project=here)),
        _number(sent.filter(advance__project=here)),
        _number(Report.objects.filter(project=here, status=report.IN_REVIEW)),
        _number(Report.objects.filter(project=here, status=report.SUBMITTED)),
        _number(Amendment.objects.filter(project=here, status=amendment.SUBMITTED)),
        _number(ActionPlan.objects.filter(project=here, status=plan.SUBMITTED)),
    )


def _by_reader(numbers: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return numbers[:4], numbers[4:]


def _number(rows: QuerySet[Any]) -> Coalesce:
    as_one = rows.order_by().annotate(together=Value(1)).values("together")
    return Coalesce(Subquery(as_one.annotate(number=Count("pk")).values("number")), 0)
