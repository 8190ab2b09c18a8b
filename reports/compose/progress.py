"""What was measured: results with their indicators, as rows and as parts of the document."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kernel.formats import MISSING, NO_BREAK, number, percent
from projects.figures import Rating, Standing
from projects.models import DataPoint, Indicator
from projects.suppression import FEWEST_TOLD
from projects.tree import IndicatorStanding, Node
from reports.compose.blocks import (
    Block,
    cell,
    column,
    figure,
    heading,
    note_on_stars,
    notice,
    pair,
    starred,
    table,
)
from reports.compose.reading import ReportReading, said

# More bars than that are a table.
MOST_IN_CHART = 10
RATED = (Rating.MET, Rating.CLOSE, Rating.BEHIND)
TONES = {Rating.MET: "ok", Rating.CLOSE: "warn", Rating.BEHIND: "bad"}

Row = dict[str, Any]


def progress(reading: ReportReading) -> list[Block]:
    """The outcomes, from the ultimate one down. Outputs stand with the activities."""
    results = results_of(reading, outputs=False)
    if not results:
        return []
    return [
        _in_short(results),
        *_chart_blocks(reading),
        *(block for result in results for block in result_blocks(result)),
        *([note_on_stars()] if has_illustrative(results) else []),
    ]


def outputs(reading: ReportReading) -> list[Block]:
    """The outputs with their indicators, as far as there are any."""
    results = results_of(reading, outputs=True)
    blocks = [block for result in results for block in result_blocks(result)]
    return [*blocks, note_on_stars()] if has_illustrative(results) else blocks


def results_of(reading: ReportReading, *, outputs: bool) -> list[Row]:
    lowest = reading.project.donor_preset.results[-1].key
    return [
        _result(node, depth)
        for node, depth in _downwards(reading.tree)
        if (node.result.level == lowest) == outputs
    ]


def has_illustrative(results: list[Row]) -> bool:
    rows = [*results, *(row for result in results for row in result["indicators"])]
    return any(row["illustrative"] for row in rows)


def _in_short(results: list[Row]) -> Block:
    counts = _counts([row for result in results for row in result["indicators"]])
    told = " · ".join(pair(each["label"], each["count"]) for each in counts)
    cumulative = _("Values are cumulative, from the start of the project to the end of the period.")
    return notice(f"{told}. {cumulative}" if told else cumulative)


def _chart_blocks(reading: ReportReading) -> list[Block]:
    chart = _chart(_downwards(reading.tree))
    if not chart["labels"]:
        return []
    return [figure("indicators", _("Indicators against their targets"), chart)]


def result_blocks(result: Row) -> list[Block]:
    title = starred(result["statement"] or result["code"], result["illustrative"])
    over = f"{result['level']} {result['code']}"
    blocks = [heading(title, 1, anchor=result["anchor"], over=over)]
    counted = [row for row in result["indicators"] if not row["is_words"]]
    worded = [row for row in result["indicators"] if row["is_words"]]
    if counted:
        blocks.append(_counted_table(result, counted))
    if worded:
        blocks.append(_worded_table(result, worded))
    return blocks


def _counted_table(result: Row, rows: list[Row]) -> Block:
    columns = [
        column(_("Indicator"), key="name"),
        column(_("Baseline"), 11, num=True, key="baseline"),
        column(_("Target"), 10, num=True, key="target"),
        column(_("Actual"), 11, num=True, key="actual"),
        column(_("Variance"), 11, num=True, key="variance"),
        column(_("Rating"), 18, key="rating"),
    ]
    lines = [
        [
            _name(row),
            row["baseline"],
            row["target"],
            row["actual"],
            row["variance"] or MISSING,
            cell(row["rating_label"], tone=TONES.get(row["rating"], "")),
        ]
        for row in rows
    ]
    caption = _("Indicators of result %(code)s") % {"code": result["code"]}
    return table(caption, columns, lines, key="indicators")


def _worded_table(result: Row, rows: list[Row]) -> Block:
    columns = [
        column(_("Indicator"), key="name"),
        column(_("Target"), 32, key="target"),
        column(_("Actual"), 36, key="actual"),
    ]
    lines = [[_name(row), row["target"], row["actual"]] for row in rows]
    caption = _("Indicators of result %(code)s told in words") % {"code": result["code"]}
    return table(caption, columns, lines, key="indicators")


def _name(row: Row) -> dict[str, Any]:
    name = row["name"] or {"text": "", "lang": ""}
    text = name | {"text": f"{row['code']}{NO_BREAK} {name['text']}"}
    return cell(starred(text, row["illustrative"]), small=row["comment"], anchor=row["anchor"])


# As rows


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


def _chart(nodes: Iterable[tuple[Node, int]]) -> Row:
    """Target and actual of the indicators that can be rated, each on its own scale."""
    chart: Row = {"labels": [], "units": [], "targets": [], "actuals": []}
    for node, _depth in nodes:
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
