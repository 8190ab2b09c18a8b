"""Decisions and recommendations of the committee: the annex of a report, and the register of all
meetings and written procedures."""

from itertools import groupby

from django.utils.translation import gettext as _

from committees.models import Audience, Committee, Resolution
from kernel.formats import MISSING, day, day_short
from reports.compose.blocks import (
    box,
    cell,
    field,
    heading,
    pair,
    pair_line,
    paragraph,
    table_of,
    with_note_on_stars,
)
from reports.compose.frame import framed
from reports.compose.governance import SEES_REFUSED, governance_of, resolution, seats_present
from reports.compose.meetings import responsible_for
from reports.compose.minutes import charge
from reports.compose.reading import DocumentReading, ReportReading, as_written, local_text
from reports.document_types import Block, FramedDocument, TextLine
from reports.models import About


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
        pair(_("State"), row.state_words) if row.shows_status else "",
        _why_put_to_a_vote(reading, row),
        charge(
            reading.short_name(row.addressee) if row.addressee else "",
            day(row.due_on) if row.due_on else "",
        ),
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


def _answered(reading: DocumentReading, row: Resolution) -> str:
    """Return that there was an answer; only readers of the register read its words."""
    if not reading.knows(row.answered_on):
        return ""
    return pair(_("Answered on"), day(row.answered_on))


# The register of a committee


def register(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose what follows from the decisions in a table, then their words under their meetings.

    Reserved decisions that the readers may not know leave no trace.
    """
    committee = about.of(Committee)
    rows = _resolutions(committee, reading)
    blocks: list[Block] = []
    if rows:
        blocks = [heading(_("Overview")), _overview(rows, reading)]
    for (on, where), found in groupby(rows, key=lambda row: (row.resolved_on, row.where)):
        blocks.append(heading(f"{where}, {day(on)}"))
        blocks += [resolution_box(reading, row) for row in found]
    nothing = paragraph(_("The committee adopted no decision and issued no recommendation."))
    decisions = sum(row.is_decision for row in rows)
    return framed(
        about,
        reading,
        blocks or [nothing],
        title=str(committee),
        facts=[
            (_("Decisions"), str(decisions)),
            (_("Recommendations"), str(len(rows) - decisions)),
        ],
        has_contents=bool(rows),
    )


def _resolutions(committee: Committee, reading: DocumentReading) -> list[Resolution]:
    rows = Resolution.objects.filter(committee=committee, resolved_on__lte=reading.as_of)
    shown = rows.for_audiences(reading.audiences).exclude(status=Resolution.Status.DRAFTED)
    if reading.audience not in SEES_REFUSED:
        shown = shown.exclude(status__in=Resolution.NOT_ADOPTED)
    return list(shown.with_related().order_by("-resolved_on", "-meeting", "kind", "number"))


def _overview(rows: list[Resolution], reading: DocumentReading) -> Block:
    fields = [
        field(_("No."), lambda row: cell(row.number, small=row.get_kind_display()), 15),
        field(_("Text"), lambda row: cell(local_text(row, "text"))),
        field(_("Responsible"), lambda row: responsible_for(row, reading), 16),
        field(_("Due"), lambda row: day_short(row.due_on) if row.due_on else MISSING, 14),
        field(_("State"), lambda row: row.state_words, 15),
    ]
    return table_of(rows, fields, head=1)
