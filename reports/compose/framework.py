"""The annexes of the performance measurement framework with actual values, a table for each result, and
of the logic model as it was approved.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kernel.formats import NO_BREAK, day
from kernel.frozen import Content
from kernel.text import LANGUAGES
from projects.framework.outline import Branch, LocalizedText, branches, content_of, level_name
from projects.framework.tree import logic_model
from projects.framework.values_due import SpanFigures
from projects.models import Indicator, LogicModelVersion, Period, Result
from projects.models.value import Cell as Place
from reports.compose.blocks import (
    Cell,
    cell,
    coded,
    column,
    field,
    figure,
    heading,
    joined,
    landscape,
    note_on_stars,
    notice,
    pair,
    pair_line,
    paragraph,
    starred,
    table,
    table_of,
)
from reports.compose.measured import (
    IndicatorValues,
    actual_text,
    digits_of,
    measured_of,
    withheld_text,
    written,
)
from reports.compose.progress import chart_blocks
from reports.compose.reading import ReportReading, as_written, in_language, local_text, text_of
from reports.compose.results import CellRow, cell_rows, hides_cells
from reports.document_types import Block, LocalText, Text, TextLine

# With more periods the table would not be legible, even on a landscape page.
MOST_PERIODS = 5
MOST_UPRIGHT = 3  # with more it is legible on a landscape page alone
MOST_WHOLE = 6  # a table of at most so many rows is not split between two pages


def framework_annex(reading: ReportReading) -> list[Block]:
    return reading.once_for_such_readers("framework", lambda: _blocks(reading))


def _blocks(reading: ReportReading) -> list[Block]:
    measured = list(measured_of(reading).values())
    if not measured:
        return []
    by_result: dict[int, list[IndicatorValues]] = defaultdict(list)
    for one in measured:
        by_result[one.indicator.result_id].append(one)
    periods = _periods(reading)
    results = [
        node.result
        for root in reading.once("results", lambda: logic_model(reading.project, []))
        for node in root.walk()
        if node.result.pk in by_result
    ]
    parts = [part for each in results for part in _of_result(each, by_result[each.pk], periods)]
    blocks = [_how_to_read(measured), *parts, *chart_blocks(reading)]
    return blocks if len(periods) <= MOST_UPRIGHT else landscape([*blocks])


def _how_to_read(measured: list[IndicatorValues]) -> Block:
    text = _(
        "Each cell shows the actual value, and below it the target of the same period. Actual values are those approved by the day of this document; cumulative ones are those at the end of the period reported on."
    )
    if any(one.indicator.illustrative for one in measured):
        text += " " + _("* Illustrative.")
    return paragraph(text, "small before")


def _periods(reading: ReportReading) -> list[Period]:
    """Return the periods to show, of the report's kind: the latest up to the report's own, and if
    these are few the ones that follow."""
    own = reading.report.period
    rows = reading.project.periods.filter(kind=own.kind).order_by("start")
    found = reading.once("periods of the kind", lambda: list(rows))
    past = [period for period in found if period.start <= own.start][-MOST_PERIODS:]
    coming = [period for period in found if period.start > own.start]
    return past + coming[: MOST_PERIODS - len(past)]


def _of_result(result: Result, rows: list[IndicatorValues], periods: list[Period]) -> list[Block]:
    name = f"{result.level_name} {result.code}"
    lines = [line for one in rows for line in _rows(one, periods)]
    style = "narrow whole" if len(lines) <= MOST_WHOLE else "narrow"
    # On landscape pages there is room for smaller shares.
    narrow, wide = (10, 12) if len(periods) <= MOST_UPRIGHT else (7, 8)
    columns = [
        column(_("Indicator")),
        column(_("Baseline"), wide, num=True),
        *(column(str(period), narrow, num=True) for period in periods),
        column(_("Cumulative"), wide, num=True),
        column(_("Target at the end"), narrow, num=True),
    ]
    return [
        heading(name, 2),
        paragraph(text_of(result, "statement"), "before"),
        table("", columns, lines, style=style),
    ]


def _rows(measured: IndicatorValues, periods: list[Period]) -> list[list[Cell]]:
    indicator, now = measured.indicator, measured.standing
    until = measured.reading.report.period.end
    own = [_until(measured.of(period), period, until) for period in periods]
    cells = [] if hides_cells(measured) else cell_rows(measured)
    by_cell = [_cells_of(measured, period, until) for period in periods]
    shown = [value for within in own for value in (within.target, within.actual)]
    shown += [now.baseline, now.actual, now.end_target, *(row.baseline for row in cells)]
    shown += [each.actual for found in by_cell for each in found.values()]
    digits = digits_of(shown)
    # What an indicator has at its beginning and at its end is written as what it has in a period.
    start = SpanFigures(None, now.baseline, now.baseline_point, now.baseline_is_withheld)
    end = SpanFigures(None, now.actual, now.actual_point, now.is_withheld)
    total: list[Cell] = [
        _name(measured),
        actual_text(indicator, start, digits=digits),
        *(_period(indicator, within, digits) for within in own),
        actual_text(indicator, end, digits=digits),
        written(indicator, now.end_target, digits=digits),
    ]
    return [total, *(_cell_row(indicator, row, by_cell, digits) for row in cells)]


def _until(within: SpanFigures, period: Period, until: date) -> SpanFigures:
    """Return the values of a period; of one after the report's own only the targets are known."""
    return within if period.end <= until else SpanFigures(target=within.target)


def _cells_of(measured: IndicatorValues, period: Period, until: date) -> dict[Place, SpanFigures]:
    found = measured.cells_between(period.start, period.end)
    return {place: _until(within, period, until) for place, within in found.items()}


def _name(measured: IndicatorValues) -> Cell:
    indicator = measured.indicator
    code = starred(indicator.code, indicator.illustrative)
    kind = [str(Indicator.Measure(indicator.measure).label)]
    if indicator.measure != Indicator.Measure.QUALITATIVE:
        kind.append(str(Indicator.Cumulative(indicator.cumulative).label))
    small: list[TextLine] = [" · ".join(kind)]
    if indicator.dimension_id:
        small.append(pair(_("Broken down by"), indicator.dimension_names))
        if hides_cells(measured):
            small.append(pair(_("By group"), withheld_text()))
    small += _where_from(measured)
    return cell(coded(str(code), text_of(indicator, "name")), small=small)


def _period(indicator: Indicator, within: SpanFigures, digits: int) -> Cell:
    target = ""
    if within.target is not None:
        target = pair(_("Target"), written(indicator, within.target, digits=digits))
    return cell(actual_text(indicator, within, digits=digits), small=target)


def _cell_row(
    indicator: Indicator, row: CellRow, by_cell: list[dict[Place, SpanFigures]], digits: int
) -> list[Cell]:
    def text_of(value: Decimal | None) -> str:
        return written(indicator, value, digits=digits)

    hidden = row.until.is_withheld
    return [
        cell("", small=f"{indicator.code} – {row.name}"),
        cell("", small=text_of(row.baseline)),
        *(cell("", small=text_of(found.get(row.key, SpanFigures()).actual)) for found in by_cell),
        cell("", small="" if hidden else text_of(row.until.actual)),
        "",
    ]


def _where_from(measured: IndicatorValues) -> list[TextLine]:
    indicator = measured.indicator
    who = indicator.responsible
    facts = [
        (_("Source"), indicator.source),
        (_("Method"), indicator.method),
        (_("Frequency"), indicator.frequency),
        (_("Responsible"), measured.reading.short_name(who) if who else ""),
    ]
    return [pair_line(label, as_written(value)) for label, value in facts if value]


# The logic model as it was approved


def logic_model_annex(reading: ReportReading) -> list[Block]:
    """Return the version that was approved last by the day of the document, or else the present
    tree with a sentence that says so; nothing if the project has no results."""
    version = reading.once("version of the logic model", lambda: _version_of(reading))
    content = version.outline if version else _present(reading)
    if not content["results"]:
        return []
    head = [_approval(reading, version), _reason(version)] if version else [_unapproved()]
    blocks = [figure("tree", _title(version), _tree(content)), *head, _table(content)]
    if any(row["illustrative"] for row in content["results"]):
        blocks.append(note_on_stars())
    return [block for block in blocks if block]


def _version_of(reading: ReportReading) -> LogicModelVersion | None:
    versions = reading.project.logic_versions.filter(approved_on__lte=reading.as_of)
    return versions.order_by("-number").first()


def _present(reading: ReportReading) -> Content:
    results = reading.once("results", lambda: logic_model(reading.project, []))
    return content_of(reading.project, results)


def _title(version: LogicModelVersion | None) -> str:
    return f"{_('Logic model')} · {version}" if version else _("Logic model")


def _unapproved() -> Block:
    return notice(
        _(
            "No version of the logic model had been approved by the day of this "
            "document. This is the tree as it is now."
        )
    )


def _approval(reading: ReportReading, version: LogicModelVersion) -> Block:
    """Return who approved the version; the committee's validation and the donor's approval are
    separate."""
    by = version.get_approver_display()
    facts: list[TextLine] = [
        f"{version}.",
        [pair(by, ""), *_on(version.approved_on, version.reference), "."],
    ]
    if version.approver != LogicModelVersion.Approver.DONOR:
        known = reading.knows(version.donor_approved_on)
        answer = (
            _on(version.donor_approved_on, version.donor_reference)
            if known
            else [_("not approved yet")]
        )
        facts.append([pair(LogicModelVersion.Approver.DONOR.label, ""), *answer, "."])
    return paragraph(joined(" ", facts))


def _on(approved_on: date | None, reference: str) -> list[Text]:
    shown = _("approved on %(day)s") % {"day": day(approved_on)}
    return [shown, " (", as_written(reference), ")"] if reference else [shown]


def _reason(version: LogicModelVersion) -> Block | None:
    reason = local_text(version, "reason")
    if reason is None:
        return None
    return paragraph(
        {"text": pair(_("Reason of the change"), reason["text"]), "lang": reason["lang"]}
    )


def _tree(content: Content) -> dict[str, Any]:
    keys = [level["key"] for level in content["preset"]["levels"]]
    return {
        "rows": [level_name(content, key, "plural") for key in keys],
        "boxes": [_box(branch, keys) for branch in branches(content)],
    }


def _box(branch: Branch, keys: list[str]) -> dict[str, Any]:
    return {
        "head": _code(branch),
        "text": branch.statement.text,
        "row": keys.index(branch.level) if branch.level in keys else len(keys) - 1,
        "below": [_box(child, keys) for child in branch.children],
    }


def _code(branch: Branch) -> str:
    return str(starred(branch.code, branch.illustrative))


def _table(content: Content) -> Block:
    """Return every result with its indicators, which the tree does not have, and in words that can
    be read aloud."""
    rows = [branch for root in branches(content) for branch in root.walk()]
    fields = [
        field(_("code"), lambda branch: cell(_code(branch), small=branch.level_name), 20),
        field(_("Result"), lambda branch: cell(_words(branch.statement))),
        field(_("Indicators"), _indicators, 40),
    ]
    return table_of(rows, fields, _("Results and their indicators"))


def _indicators(branch: Branch) -> Cell:
    lines: list[TextLine] = [
        [f"{code}{NO_BREAK} ", _words(name)] for code, name in branch.indicators
    ]
    return cell("", small=lines)


def _words(named: LocalizedText) -> LocalText:
    return in_language(named.text, named.language if named.language in LANGUAGES else "")
