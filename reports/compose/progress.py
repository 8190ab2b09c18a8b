"""What was measured, done and changed: results with their indicators, activities, amendments."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Audience, Resolution, Subject
from kernel.formats import MISSING, NO_BREAK, day, day_range, money, number, percent
from projects.figures import Rating, Standing
from projects.models import Activity, Amendment, DataPoint, Indicator
from projects.participants import headcount
from projects.suppression import FEWEST_TOLD
from projects.tree import IndicatorStanding, Node, logic_model
from reports.compose.reading import ReportReading, said

# More bars than that are a table.
MOST_IN_CHART = 10
RATED = (Rating.MET, Rating.CLOSE, Rating.BEHIND)

Row = dict[str, Any]


# Results and indicators


def progress(reading: ReportReading) -> Row | None:
    tree = reading.once(f"tree, {reading.tells_small_counts}", lambda: _tree(reading))
    if not tree:
        return None
    results = [_result(node, depth) for node, depth in _downwards(tree)]
    rows = [indicator for result in results for indicator in result["indicators"]]
    return {
        "results": results,
        "counts": _counts(rows),
        "chart": _chart(tree),
        "has_illustrative": any(row["illustrative"] for row in [*results, *rows]),
    }


def _tree(reading: ReportReading) -> list[Node]:
    points = DataPoint.objects.approved().filter(indicator__result__project=reading.project)
    return logic_model(
        reading.project,
        points.select_related("period"),
        through=reading.report.period,
        whole=reading.tells_small_counts,
    )


def _downwards(nodes: list[Node], depth: int = 0) -> Iterator[tuple[Node, int]]:
    for node in nodes:
        yield node, depth
        yield from _downwards(node.children, depth + 1)


def _result(node: Node, depth: int) -> Row:
    return {
        "anchor": f"result-{node.result.code}",
        "code": node.result.code,
        "level": node.result.level_name,
        "depth": depth,
        "statement": said(node.result, "statement"),
        "illustrative": node.result.illustrative,
        "indicators": [_indicator(each) for each in node.indicators],
    }


def _indicator(each: IndicatorStanding) -> Row:
    indicator, standing = each.indicator, each.standing
    points = (standing.baseline_point, standing.target_point, standing.actual_point)
    return {
        "anchor": f"indicator-{indicator.result.code}-{indicator.code}",
        "code": indicator.code,
        "name": said(indicator, "name"),
        "baseline": _withheld(standing.baseline_is_withheld)
        or _value(indicator, standing.baseline, standing.baseline_point),
        "target": _value(indicator, standing.target, standing.target_point),
        "actual": _withheld(standing.is_withheld)
        or _value(indicator, standing.actual, standing.actual_point),
        "end_target": _value(indicator, standing.end_target, None),
        "variance": _variance(indicator, standing),
        "rating": str(standing.rating or ""),
        "rating_label": str(standing.rating.label) if standing.rating else "",
        "comment": _comment(indicator, standing),
        "is_words": indicator.measure == Indicator.Measure.QUALITATIVE,
        "illustrative": indicator.illustrative or any(p.illustrative for p in points if p),
    }


def _withheld(is_withheld: bool) -> str:
    """What stands in place of a count of few persons, or of what it could be computed from."""
    return (
        str(_("not told (fewer than %(few)s persons)") % {"few": FEWEST_TOLD})
        if is_withheld
        else ""
    )


def _value(indicator: Indicator, value: Decimal | None, point: DataPoint | None) -> str:
    if indicator.measure == Indicator.Measure.QUALITATIVE:
        return point.comment if point else MISSING
    if value is None:
        return MISSING
    if indicator.measure == Indicator.Measure.PERCENTAGE:
        return percent(round(value) / Decimal(100))
    return number(round(value, 2))


def _variance(indicator: Indicator, standing: Standing) -> str:
    """Percentages differ by points, numbers by a share of the target where it is not zero."""
    if standing.variance is None:
        return ""
    if indicator.measure == Indicator.Measure.PERCENTAGE:
        points = round(standing.variance.absolute)
        return _("%(number)s pts") % {"number": _signed(number(points), points)}
    if standing.variance.share is None:
        return _signed(number(round(standing.variance.absolute, 2)), standing.variance.absolute)
    share = round(standing.variance.share, 2)
    return _signed(percent(share), share)


def _signed(written: str, value: Decimal) -> str:
    return f"+{written}" if value > 0 else written


def _comment(indicator: Indicator, standing: Standing) -> str:
    """What explains the variance; of a qualitative value the words are the value itself."""
    point = standing.actual_point
    if point is None or indicator.measure == Indicator.Measure.QUALITATIVE:
        return ""
    return point.comment


def _counts(rows: list[Row]) -> list[Row]:
    """How many indicators there are of each rating, those with none left out."""
    counts = [
        {
            "rating": rating.value,
            "label": str(rating.label),
            "count": sum(row["rating"] == rating for row in rows),
        }
        for rating in Rating
    ]
    return [count for count in counts if count["count"]]


def _chart(tree: list[Node]) -> Row:
    """Target and actual of the indicators that can be rated, each on its own scale."""
    chart: Row = {"labels": [], "units": [], "targets": [], "actuals": []}
    for node, _depth in _downwards(tree):
        for each in node.indicators:
            if each.standing.rating not in RATED or len(chart["labels"]) == MOST_IN_CHART:
                continue
            name = said(each.indicator, "name")["text"]
            is_share = each.indicator.measure == Indicator.Measure.PERCENTAGE
            chart["labels"].append(f"{each.indicator.code}{NO_BREAK} {name}")
            chart["units"].append("%" if is_share else "")
            chart["targets"].append(str(each.standing.target))
            chart["actuals"].append(str(each.standing.actual))
    return chart


# Activities


def activities(reading: ReportReading) -> Row | None:
    rows = [
        _activity(reading, activity)
        for activity in reading.once(
            "activities", lambda: list(reading.project.activities.with_related())
        )
        if _is_of_period(reading, activity)
    ]
    if not rows:
        return None
    return {"rows": rows, "has_illustrative": any(row["illustrative"] for row in rows)}


def _is_of_period(reading: ReportReading, activity: Activity) -> bool:
    """Whether it took place, or was to take place, in the period; without any day it may have."""
    start = activity.actual_start or activity.planned_start
    end = activity.actual_end or activity.planned_end or start
    period = reading.report.period
    if start is None:
        return end is None or end >= period.start
    return start <= period.end and end >= period.start


def _activity(reading: ReportReading, activity: Activity) -> Row:
    state = activity.state_on(reading.as_of)
    return {
        "anchor": f"activity-{activity.pk}",
        "title": said(activity, "title"),
        "kind": activity.get_kind_display(),
        "place": activity.place,
        "when": _when(activity),
        "result": {"label": activity.result.code, "to": f"result-{activity.result.code}"}
        if activity.result
        else None,
        "state": state.value,
        "state_label": str(state.label),
        "share": "" if activity.share_done in (0, 100) else percent(activity.share_done / 100),
        "participants": reading.count_of_persons(activity.participants),
        "women": _women(reading, activity),
        "illustrative": activity.illustrative,
    }


def _when(activity: Activity) -> str:
    if note := said(activity, "date_note"):
        return note["text"]
    if activity.actual_start:
        return day_range(activity.actual_start, activity.actual_end or activity.actual_start)
    if activity.planned_start or activity.planned_end:
        planned = day_range(activity.planned_start, activity.planned_end)
        return _("planned: %(days)s") % {"days": planned}
    return MISSING


def _women(reading: ReportReading, activity: Activity) -> str:
    by_sex = headcount(activity, whole=reading.tells_small_counts).by_sex
    if by_sex is None:
        return ""
    women = by_sex["women"]
    return ngettext("%(count)s woman", "%(count)s women", women) % {"count": women}


# Amendments


def amendments(reading: ReportReading) -> Row | None:
    shown = reading.amendments
    if reading.audience == Audience.PARTNERS:
        shown = [each for each in shown if each.status == Amendment.Status.EFFECTIVE]
    decisions = _decisions_on(reading, shown)
    rows = [_amendment(amendment, decisions[amendment.pk]) for amendment in shown]
    if reading.audience in {Audience.PARTNERS, Audience.PUBLIC}:
        for row in rows:
            row["amounts"] = ""
    return {"rows": rows} if rows else None


def _amendment(amendment: Amendment, decisions: list[Resolution]) -> Row:
    return {
        "anchor": f"amendment-{amendment.number}",
        "name": str(amendment),
        "kind": amendment.get_kind_display(),
        "title": said(amendment, "title"),
        "reason": said(amendment, "reason"),
        "before": said(amendment, "before"),
        "after": said(amendment, "after"),
        "ends": _ends(amendment),
        "amounts": _amounts(amendment),
        "committee": [
            {"label": str(decision), "to": f"resolution-{decision.number}"}
            for decision in decisions
        ],
        "donor": _donor_answer(amendment),
        "status": amendment.status,
        "status_label": amendment.get_status_display(),
        "illustrative": amendment.illustrative,
    }


def _ends(amendment: Amendment) -> str:
    if not amendment.end_after:
        return ""
    before = amendment.end_before or amendment.project.original_end
    return _("from %(before)s to %(after)s") % {
        "before": day(before),
        "after": day(amendment.end_after),
    }


def _amounts(amendment: Amendment) -> str:
    if amendment.amount_before is None or amendment.amount_after is None:
        return ""
    currency = amendment.project.currency
    return _("from %(before)s to %(after)s") % {
        "before": money(amendment.amount_before, currency),
        "after": money(amendment.amount_after, currency),
    }


def _decisions_on(
    reading: ReportReading, amendments: list[Amendment]
) -> dict[int, list[Resolution]]:
    """The adopted decisions that speak of each, in the order of their numbers."""
    decisions = Resolution.objects.decisions().for_audiences(reading.audiences)
    spoken_of = Subject.objects.filter(
        amendment__in=amendments,
        resolution__in=decisions.filter(resolved_on__lte=reading.as_of),
    )
    found: dict[int, list[Resolution]] = defaultdict(list)
    for subject in spoken_of.select_related("resolution").order_by("resolution__number"):
        if subject.resolution.is_adopted:
            found[subject.amendment_id].append(subject.resolution)
    return found


def _donor_answer(amendment: Amendment) -> str:
    if not amendment.donor_decided_on:
        return ""
    if amendment.status == Amendment.Status.REFUSED:
        answer = _("refused on %(day)s")
    else:
        answer = _("approved on %(day)s")
    said_on = capfirst(answer % {"day": day(amendment.donor_decided_on)})
    return f"{said_on} ({amendment.donor_reference})" if amendment.donor_reference else said_on
