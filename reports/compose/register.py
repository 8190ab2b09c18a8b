"""The register of a committee: its decisions and recommendations, of all meetings and written
procedures."""

from itertools import groupby

from django.utils.translation import gettext as _

from committees.models import Committee, Resolution
from kernel.formats import MISSING, day, day_short
from reports.block_types import Block
from reports.compose.annexes.decisions import resolution_box
from reports.compose.blocks import cell, field, heading, paragraph, table_of
from reports.compose.frame import framed
from reports.compose.governance import SEES_REFUSED
from reports.compose.meetings import responsible_for
from reports.compose.reading import DocumentReading, local_text
from reports.document_types import FramedDocument
from reports.models import About


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
        field(_("State"), lambda row: row.get_status_display(), 15),
    ]
    return table_of(rows, fields, head=1)
