"""What was measured: results with their indicators, as rows and as parts of the document."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext

from kernel.formats import MISSING, NO_BREAK, number, percent
from projects.framework.figures import Rating, Standing
from projects.framework.suppression import FEWEST_TOLD
from projects.framework.tree import IndicatorStanding, Node
from projects.models import DataPoint, Indicator
from reports.compose.blocks import (
    Block,
    cell,
    column,
    figure,
    heading,
    note_on_stars,
    notice,
    pair,
    paragraph,
    starred,
    table,
)
from reports.compose.disaggregation import disaggregated
from reports.compose.measured import Measured, measured_of, share_of_end
from reports.compose.reading import ReportReading, said

# More bars than that are a table.
MOST_IN_CHART = 10
MOST_WHOLE = 6  # rows that a page should not tear
RATED = (Rating.MET, Rating.CLOSE, Rating.BEHIND)
# How indicators stand, in the picture: from the good to what is not known, with a tone that is
# told from its neighbours without colours too.
STANDS = (
    (Rating.MET.label, "brand", (Rating.MET,)),
    (Rating.CLOSE.label, "sky", (Rating.CLOSE,)),
    (Rating.BEHIND.label, "sun", (Rating.BEHIND,)),
    (gettext_lazy("Not rated"), "neutral", (Rating.NOT_MEASURED, Rating.NO_TARGET, "")),
)
TONES = {Rating.MET: "ok", Rating.CLOSE: "warn", Rating.BEHIND: "bad"}

Row = dict[str, Any]


def progress(reading: ReportReading) -> list[Block]:
    """The outcomes, from the ultimate one down. Outputs stand with the activities."""
    results = results_of(reading, outputs=False)
    if not results:
        return []
    return [
        _in_short(results),
        *_by_result(results),
        *_chart_blocks(reading),
        *_blocks_of(results, _("Results without an indicator of their own")),
    ]


def outputs(reading: ReportReading) -> list[Block]:
    """The outputs with their indicators, as far as there are any."""
    results = results_of(reading, outputs=True)
    return _blocks_of(results, _("Outputs without an indicator of their own"))


def _blocks_of(results: list[Row], others: str) -> list[Block]:
    """A heading with a table for each that is measured; the others in one table."""
    measured = [result for result in results if result["indicators"]]
    rest = [result for result in results if not result["indicators"]]
    two = tells_two(measured)
    blocks = [block for result in measured for block in result_blocks(result, two)]
    if rest:
        blocks += (
            [heading(others), _unmeasured("", rest)] if measured else [_unmeasured(others, rest)]
        )
    return [*blocks, note_on_stars()] if has_illustrative(results) else blocks


def results_of(reading: ReportReading, *, outputs: bool) -> list[Row]:
    lowest = reading.project.donor_preset.results[-1].key
    measured = measured_of(reading)
    return [
        _result(measured, node, depth)
        for node, depth in _downwards(reading.tree)
        if (node.result.level == lowest) == outputs
    ]


def has_illustrative(results: list[Row]) -> bool:
    rows = [*results, *(row for result in results for row in result["indicators"])]
    return any(row["illustrative"] for row in rows)


def tells_two(results: list[Row]) -> bool:
    """Whether the period differs anywhere from all until its end: then both are told."""
    rows = [row for result in results for row in result["indicators"] if not row["is_words"]]
    return any(
        (row["period_target"], row["period_actual"]) != (row["target"], row["actual"])
        for row in rows
    )


def _in_short(results: list[Row]) -> Block:
    counts = _counts([row for result in results for row in result["indicators"]])
    told = " · ".join(pair(each["label"], each["count"]) for each in counts)
    cumulative = _("Values are cumulative, from the start of the project to the end of the period.")
    if tells_two(results):
        cumulative = _(
            "Cumulative values run from the start of the project to the end of the period; variance and rating compare them with the cumulative target."
        )
    return notice(f"{told}. {cumulative}" if told else cumulative)


def _by_result(results: list[Row]) -> list[Block]:
    """How the indicators of each result stand, as a picture and as figures; one result alone is
    told in a sentence already."""
    measured = [result for result in results if result["indicators"]]
    if len(measured) < 2:
        return []
    counts = {
        result["code"]: [
            sum(row["rating"] in ratings for row in result["indicators"])
            for _name, _tone, ratings in STANDS
        ]
        for result in measured
    }
    names = [
        f"{one['code']}{NO_BREAK} {(one['statement'] or {'text': ''})['text']}" for one in measured
    ]
    parts = [
        {"name": str(name), "tone": tone, "counts": [row[place] for row in counts.values()]}
        for place, (name, tone, _ratings) in enumerate(STANDS)
        if any(row[place] for row in counts.values())
    ]
    title = _("Progress by result: number of indicators")
    columns = [
        column(_("Result")),
        *(column(part["name"], 13, num=True) for part in parts),
    ]
    rows = [
        [
            cell(name.replace(NO_BREAK, "", 1), to=one["anchor"]),
            *(str(p["counts"][place]) for p in parts),
        ]
        for place, (name, one) in enumerate(zip(names, measured, strict=True))
    ]
    total = [_("Total"), *(str(sum(part["counts"])) for part in parts)]
    data = {"labels": names, "parts": parts, "heading": _("Result")}
    return [
        figure("progress", title, data),
        table(title, columns, rows, total=total, style="whole" if len(rows) <= MOST_WHOLE else ""),
    ]


def _chart_blocks(reading: ReportReading) -> list[Block]:
    chart = _chart(_downwards(reading.tree))
    if not chart["labels"]:
        return []
    return [figure("indicators", _("Indicators against their targets"), chart)]


def result_blocks(result: Row, two: bool) -> list[Block]:
    """two: whether the values of the period stand beside the cumulative ones."""
    title = starred(result["statement"] or result["code"], result["illustrative"])
    over = f"{result['level']} {result['code']}"
    blocks = [heading(title, 1, anchor=result["anchor"], over=over)]
    counted = [row for row in result["indicators"] if not row["is_words"]]
    worded = [row for row in result["indicators"] if row["is_words"]]
    if counted:
        blocks.append(_counted_table(result, counted, two))
    if two:  # the table has no room for sentences
        blocks += [_explanation(row) for row in counted if row["comment"]]
    if worded:
        blocks.append(_worded_table(result, worded))
    by_group = [block for row in result["indicators"] for block in row["by_group"]]
    return [*blocks, *by_group]


def _explanation(row: Row) -> Block:
    return paragraph(f"{row['code']} – {row['comment']}", "small after")


def _unmeasured(caption: str, results: list[Row]) -> Block:
    has_levels = len({result["level"] for result in results}) > 1
    columns = [
        *([column(_("Level"), 24)] if has_levels else []),
        column(_("Code"), 10),
        column(_("Result")),
    ]
    lines = [
        [
            *([result["level"]] if has_levels else []),
            cell(result["code"], anchor=result["anchor"]),
            cell(starred(result["statement"], result["illustrative"])),
        ]
        for result in results
    ]
    return table(caption, columns, lines, head=int(has_levels))


def _counted_table(result: Row, rows: list[Row], two: bool) -> Block:
    lines = [
        [
            _name(row, tells_why=not two),
            row["baseline"],
            *([row["period_target"], row["period_actual"]] if two else []),
            row["target"],
            row["actual"],
            row["variance"] or MISSING,
            cell(row["rating_label"], tone=TONES.get(row["rating"], "")),
        ]
        for row in rows
    ]
    caption = _("Indicators of result %(code)s") % {"code": result["code"]}
    columns = _columns_of_two() if two else _columns_of_one()
    return table(caption, columns, lines, key="indicators")


def _columns_of_one() -> list[Row]:
    return [
        column(_("Indicator"), key="name"),
        column(_("Baseline"), 11, num=True, key="baseline"),
        column(_("Target"), 10, num=True, key="target"),
        column(_("Actual"), 11, num=True, key="actual"),
        column(_("Variance"), 11, num=True, key="variance"),
        column(_("Rating"), 18, key="rating"),
    ]


def _columns_of_two() -> list[Row]:
    target, actual = _("Target"), _("Actual")
    period = pgettext("values of the period, above their columns", "Period")
    until = _("Cumulative")
    return [
        column(_("Indicator"), key="name"),
        column(_("Baseline"), 9, num=True, key="baseline"),
        column(_("Target of the period"), 9, num=True, below=(period, target), key="period_target"),
        column(_("Actual of the period"), 9, num=True, below=(period, actual), key="period_actual"),
        column(_("Cumulative target"), 9, num=True, below=(until, target), key="target"),
        column(_("Cumulative actual value"), 9, num=True, below=(until, actual), key="actual"),
        column(_("Variance"), 10, num=True, key="variance"),
        column(_("Rating"), 15, key="rating"),
    ]


def _worded_table(result: Row, rows: list[Row]) -> Block:
    columns = [
        column(_("Indicator"), key="name"),
        column(_("Target"), 32, key="target"),
        column(_("Actual"), 36, key="actual"),
    ]
    lines = [[_name(row), row["target"], row["actual"]] for row in rows]
    caption = _("Indicators of result %(code)s told in words") % {"code": result["code"]}
    return table(caption, columns, lines, key="indicators")


def _name(row: Row, *, tells_why: bool = True) -> dict[str, Any]:
    name = row["name"] or {"text": "", "lang": ""}
    text = name | {"text": f"{row['code']}{NO_BREAK} {name['text']}"}
    why = row["comment"] if tells_why else ""
    small = [_end_target(row), why, *row["no_groups"]]
    name = cell(starred(text, row["illustrative"]), small=small, anchor=row["anchor"])
    return name | {"why": row["comment"]}


def _end_target(row: Row) -> str:
    """The target of the whole project where it is another, and how much of it was reached."""
    if row["is_words"] or row["end_target"] in (row["target"], MISSING):
        return ""
    told = pair(_("Target at the end"), row["end_target"])
    if not row["share_of_end"]:
        return told
    return _("%(target)s (%(share)s reached)") % {"target": told, "share": row["share_of_end"]}


# As rows


def _downwards(nodes: list[Node], depth: int = 0) -> Iterator[tuple[Node, int]]:
    for node in nodes:
        yield node, depth
        yield from _downwards(node.children, depth + 1)


def _result(measured: dict[int, Measured], node: Node, depth: int) -> Row:
    return {
        "anchor": f"result-{node.result.code}",
        "code": node.result.code,
        "level": node.result.level_name,
        "depth": depth,
        "statement": said(node.result, "statement"),
        "illustrative": node.result.illustrative,
        "indicators": [_indicator(measured[each.indicator.pk], each) for each in node.indicators],
    }


def _indicator(measured: Measured, each: IndicatorStanding) -> Row:
    """`period_…` is of the days reported on alone, the others cumulative until their end."""
    indicator, standing = each.indicator, each.standing
    own = measured.between(measured.reading.start, measured.reading.end)
    by_group = disaggregated(measured)
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
        "period_target": _value(indicator, own.target, standing.target_point),
        "period_actual": _withheld(own.is_withheld) or _value(indicator, own.actual, own.last),
        "end_target": _value(indicator, standing.end_target, None),
        "variance": _variance(indicator, standing),
        "rating": str(standing.rating or ""),
        "rating_label": str(standing.rating.label) if standing.rating else "",
        "comment": _comment(indicator, standing),
        "share_of_end": share_of_end(indicator, standing),
        "by_group": [block for block in by_group if block["type"] == "table"],
        # Why there is no such table.
        "no_groups": [block["text"] for block in by_group if block["type"] == "paragraph"],
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
