"""The annex of the decisions and recommendations of the committee since the first day of the
period."""

from itertools import groupby

from django.utils.translation import gettext as _

from committees.models import Audience, Resolution
from kernel.formats import day
from reports.block_types import Block, TextLine
from reports.compose.blocks import (
    box,
    heading,
    pair,
    pair_line,
    paragraph,
    with_note_on_stars,
)
from reports.compose.governance import SEES_REFUSED, governance_of, resolution, seats_present
from reports.compose.reading import DocumentReading, ReportReading, as_written, local_text


def decisions_annex(reading: ReportReading) -> list[Block]:
    """Return the decisions and recommendations in the order of their days, under their meetings.

    Reserved decisions that the readers may not know leave no trace.
    """
    found = governance_of(reading)
    if found is None:
        return []
    sees_refused = reading.audience in SEES_REFUSED
    hidden = {Resolution.Status.DRAFTED} if sees_refused else Resolution.NOT_ADOPTED
    recommended = [row for row in found.recommendations if row.status not in hidden]
    rows = sorted([*found.decisions, *found.refused, *recommended], key=_order)
    blocks: list[Block] = []
    for (_on, where), below in groupby(rows, key=lambda row: (row.resolved_on, row.where)):
        first, *others = below
        title = f"{where}, {day(first.resolved_on)}"
        if first.meeting in found.meetings_after:
            title = _("%(meeting)s (after the period)") % {"meeting": title}
        blocks.append(heading(title, 2))
        blocks += [resolution(reading, found, row, below_meeting=True) for row in (first, *others)]
    if not blocks:
        return [paragraph(_("The committee adopted no decision and issued no recommendation."))]
    return with_note_on_stars(blocks, rows)


def _order(row: Resolution) -> tuple[str, str, str, str]:
    on = row.resolved_on.isoformat() if row.resolved_on else ""
    return (on, row.where, row.kind, str(row))


def resolution_box(reading: DocumentReading, row: Resolution) -> Block:
    """Return a resolution with how it was taken, its state, who carries it out until when, and the
    answer to it."""
    unstated = _("quorum not stated") if row.seats_present is None and row.is_decision else ""
    lines = [
        " · ".join(part for part in (row.how, seats_present(row) or unstated) if part),
        pair(_("State"), row.get_status_display()) if row.shows_status else "",
        _why_put_to_a_vote(reading, row),
        _charge(reading, row),
        _answered(reading, row),
        _("* Illustrative.") if row.illustrative else "",
    ]
    mark = " *" if row.illustrative else ""
    return box(row.kind, f"{row}{mark}", local_text(row, "text"), lines)


def _why_put_to_a_vote(reading: DocumentReading, row: Resolution) -> TextLine:
    """Return the reason that the committee gave; the public reads what was decided alone."""
    if not row.rule_reason or reading.audience == Audience.PUBLIC:
        return ""
    return pair_line(_("Why it was put to a vote"), as_written(row.rule_reason))


def _charge(reading: DocumentReading, row: Resolution) -> str:
    parts = []
    if row.addressee:
        parts.append(pair(_("Responsible"), reading.short_name(row.addressee)))
    if row.due_on:
        parts.append(pair(_("Due"), day(row.due_on)))
    return " · ".join(parts)


def _answered(reading: DocumentReading, row: Resolution) -> str:
    """Return that there was an answer; only readers of the register read its words."""
    if not reading.knows(row.answered_on):
        return ""
    return pair(_("Answered on"), day(row.answered_on))
