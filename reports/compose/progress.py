"""The chapters of results, with their indicators in tables and figures."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext

from kernel.formats import MISSING, NO_BREAK
from kernel.stacked_bars import MAX_ROWS
from projects.framework.figures import Rating
from projects.framework.tree import Node
from projects.models import Indicator
from reports.compose.blocks import (
    Cell,
    Field,
    cell,
    coded,
    column,
    field,
    figure,
    heading,
    note_on_stars,
    notice,
    pair,
    paragraph,
    prose,
    starred,
    table,
    table_of,
)
from reports.compose.citing import texts_on_results
from reports.compose.reading import ReportReading, as_written, text_of
from reports.compose.results import IndicatorRow, ResultRow, downwards, results_of
from reports.document_types import Block, CellText, LocalText
from reports.models import SectionKind

# With more bars a table is clearer.
MOST_IN_CHART = 6
RATED = (Rating.MET, Rating.CLOSE, Rating.BEHIND)
# The states of indicators in the figure, from good to unknown. Tones of neighbours differ in
# black and white as well.
STANDS = (
    (Rating.MET.label, "brand", (Rating.MET,)),
    (Rating.CLOSE.label, "sky", (Rating.CLOSE,)),
    (Rating.BEHIND.label, "sun", (Rating.BEHIND,)),
    (gettext_lazy("Not rated"), "neutral", (Rating.NOT_MEASURED, Rating.NO_TARGET, "")),
)
TONES: dict[str, str] = {Rating.MET: "ok", Rating.CLOSE: "warn", Rating.BEHIND: "bad"}


def progress(reading: ReportReading) -> list[Block]:
    """Return the outcomes, from the ultimate one down; outputs are in the chapter on activities."""
    results = results_of(reading, outputs=False)
    if not results:
        return []
    return [
        _in_short(results),
        *_by_result(results),
        *([] if reading.section_name(SectionKind.ANNEX_FRAMEWORK) else chart_blocks(reading)),
        *_blocks_of(reading, results, _("Results without an indicator of their own")),
    ]


def outputs(reading: ReportReading) -> list[Block]:
    """Return the outputs with their indicators, if there are any."""
    results = results_of(reading, outputs=True)
    return _blocks_of(reading, results, _("Outputs without an indicator of their own"))


def _blocks_of(reading: ReportReading, results: list[ResultRow], others: str) -> list[Block]:
    """Return a heading with its text and a table for each result that is measured or written about,
    and one table of all others."""
    texts = texts_on_results(reading, [result.code for result in results])
    measured = [result for result in results if result.indicators or result.code in texts]
    rest = [result for result in results if result not in measured]
    two = has_period_columns(measured)
    blocks: list[Block] = []
    for result in measured:
        blocks += result_blocks(result, two, texts.get(result.code))
    if rest:
        blocks += (
            [heading(others), _unmeasured("", rest)] if measured else [_unmeasured(others, rest)]
        )
    return [*blocks, note_on_stars()] if has_illustrative(results) else blocks


def has_illustrative(results: list[ResultRow]) -> bool:
    return any(
        result.illustrative or any(row.illustrative for row in result.indicators)
        for result in results
    )


def has_period_columns(results: list[ResultRow]) -> bool:
    """Whether values of the period differ anywhere from cumulative ones, so that both are shown."""
    rows = [row for result in results for row in result.indicators if not row.is_words]
    return any((row.period_target, row.period_actual) != (row.target, row.actual) for row in rows)


def _in_short(results: list[ResultRow]) -> Block:
    indicators = [row for result in results for row in result.indicators]
    counts = [(rating, sum(row.rating == rating for row in indicators)) for rating in Rating]
    shown = " · ".join(pair(rating.label, count) for rating, count in counts if count)
    cumulative = _("Values are cumulative, from the start of the project to the end of the period.")
    if has_period_columns(results):
        cumulative = _(
            "Cumulative values run from the start of the project to the end of the period; variance and rating compare them with the cumulative target."
        )
    return notice(f"{shown}. {cumulative}" if shown else cumulative)


def _by_result(results: list[ResultRow]) -> list[Block]:
    """Return the states of the indicators by result, as a figure, and as a table if the figure has no
    room for all.

    For a single result the sentence above has these numbers already.
    """
    measured = [result for result in results if result.indicators]
    if len(measured) < 2:
        return []
    counts = {
        result.code: [
            sum(row.rating in ratings for row in result.indicators)
            for _name, _tone, ratings in STANDS
        ]
        for result in measured
    }
    names = [f"{one.code}{NO_BREAK} {(one.statement or {'text': ''})['text']}" for one in measured]
    parts: list[dict[str, Any]] = [
        {"name": str(name), "tone": tone, "counts": [row[place] for row in counts.values()]}
        for place, (name, tone, _ratings) in enumerate(STANDS)
        if any(row[place] for row in counts.values())
    ]
    title = _("Progress by result: number of indicators")
    data = {"labels": names, "parts": parts, "heading": _("Result")}
    chart = figure("progress", title, data)
    if len(names) <= MAX_ROWS:
        return [chart]
    columns = [column(_("Result")), *(column(part["name"], 13, num=True) for part in parts)]
    rows: list[list[Cell]] = [
        [
            cell(name.replace(NO_BREAK, "", 1), to=one.anchor),
            *(str(p["counts"][place]) for p in parts),
        ]
        for place, (name, one) in enumerate(zip(names, measured, strict=True))
    ]
    total = [_("Total"), *(str(sum(part["counts"])) for part in parts)]
    return [chart, table(title, columns, rows, total=total)]


def chart_blocks(reading: ReportReading) -> list[Block]:
    """Return the figure of indicators against their targets, which is in the annex of the framework, if
    the report has it."""
    chart = _chart(downwards(reading.tree))
    if not chart["labels"]:
        return []
    return [figure("indicators", _("Indicators against their targets"), chart)]


def _chart(nodes: Iterable[Node]) -> dict[str, list[str]]:
    """Return target and actual value of the indicators that can be rated, each on its own scale."""
    chart: dict[str, list[str]] = {"labels": [], "units": [], "targets": [], "actuals": []}
    for node in nodes:
        for each in node.indicators:
            if each.standing.rating not in RATED or len(chart["labels"]) == MOST_IN_CHART:
                continue
            name = coded(each.indicator.code, text_of(each.indicator, "name"))
            is_share = each.indicator.measure == Indicator.Measure.PERCENTAGE
            chart["labels"].append(name["text"])
            chart["units"].append("%" if is_share else "")
            chart["targets"].append(str(each.standing.target))
            chart["actuals"].append(str(each.standing.actual))
    return chart


def result_blocks(result: ResultRow, two: bool, text: LocalText | None = None) -> list[Block]:
    """`two`: whether there are columns for the period beside the cumulative ones. `text`: what was
    written about the result."""
    title = starred(result.statement or result.code, result.illustrative)
    over = f"{result.level} {result.code}"
    blocks: list[Block] = [heading(title, 1, anchor=result.anchor, over=over)]
    if text:
        blocks.append(prose(text))
    counted = [row for row in result.indicators if not row.is_words]
    worded = [row for row in result.indicators if row.is_words]
    if counted:
        blocks.append(_counted_table(result, counted, two))
    if two:  # the table has no room for sentences
        blocks += [_explanation(row) for row in counted if row.comment]
    if worded:
        blocks.append(_worded_table(result, worded))
    by_group = [block for row in result.indicators for block in row.by_group]
    return [*blocks, *by_group]


def _explanation(row: IndicatorRow) -> Block:
    return paragraph([f"{row.code} – ", as_written(row.comment)], "small after")


def _unmeasured(caption: str, results: list[ResultRow]) -> Block:
    fields = [
        field(_("Code"), lambda result: cell(result.code, anchor=result.anchor), 10),
        field(_("Result"), lambda result: cell(starred(result.statement, result.illustrative))),
    ]
    has_levels = len({result.level for result in results}) > 1
    if has_levels:
        fields.insert(0, field(_("Level"), lambda result: result.level, 24))
    return table_of(results, fields, caption, head=int(has_levels))


def _counted_table(result: ResultRow, rows: list[IndicatorRow], two: bool) -> Block:
    caption = _("Indicators of result %(code)s") % {"code": result.code}
    return table_of(rows, _fields_of_two() if two else _fields_of_one(), caption, key="indicators")


def _fields_of_one() -> list[Field]:
    return [
        field(_("Indicator"), _name, key="name"),
        _number(_("Baseline"), "baseline", 11),
        _number(_("Target"), "target", 10),
        _number(_("Actual value"), "actual", 11),
        *_compared(11, 18),
    ]


def _fields_of_two() -> list[Field]:
    target, actual = _("Target"), _("Actual value")
    period = pgettext("values of the period, above their columns", "Period")
    until = _("Cumulative")
    return [
        field(_("Indicator"), lambda row: _name(row, shows_why=False), key="name"),
        _number(_("Baseline"), "baseline", 9),
        _number(_("Target of the period"), "period_target", 9, (period, target)),
        _number(_("Actual value of the period"), "period_actual", 9, (period, actual)),
        _number(_("Cumulative target"), "target", 9, (until, target)),
        _number(_("Cumulative actual value"), "actual", 9, (until, actual)),
        *_compared(10, 15),
    ]


def _number(label: str, name: str, width: int, below: tuple[str, str] | None = None) -> Field:
    return field(label, attrgetter(name), width, num=True, below=below, key=name)


def _compared(variance: int, rating: int) -> list[Field]:
    """Return the last columns, with their widths."""
    return [
        field(
            _("Variance"), lambda row: row.variance or MISSING, variance, num=True, key="variance"
        ),
        field(_("Rating"), _rating, rating, key="rating"),
    ]


def _rating(row: IndicatorRow) -> Cell:
    return cell(row.rating_label, tone=TONES.get(row.rating, ""))


def _worded_table(result: ResultRow, rows: list[IndicatorRow]) -> Block:
    fields = [
        field(_("Indicator"), _name, key="name"),
        field(_("Target"), lambda row: cell(as_written(row.target)), 32, key="target"),
        field(_("Actual value"), lambda row: cell(as_written(row.actual)), 36, key="actual"),
    ]
    caption = _("Indicators of result %(code)s reported in words") % {"code": result.code}
    return table_of(rows, fields, caption, key="indicators")


def _name(row: IndicatorRow, *, shows_why: bool = True) -> CellText:
    text = coded(row.code, row.name or {"text": "", "lang": ""})
    why = row.comment if shows_why else ""
    small = [_end_target(row), as_written(why) if why else "", *row.no_groups]
    made = cell(starred(text, row.illustrative), small=small, anchor=row.anchor)
    made["why"] = row.comment
    return made


def _end_target(row: IndicatorRow) -> str:
    """Return the target of the whole project, if it differs, and how much of it was reached."""
    if row.is_words or row.end_target in (row.target, MISSING):
        return ""
    shown = pair(_("Target at the end"), row.end_target)
    if not row.share_of_end:
        return shown
    return _("%(target)s (%(share)s reached)") % {"target": shown, "share": row.share_of_end}
