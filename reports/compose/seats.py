"""The handover sheet, for a person who takes over the seat of an institution."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from committees.models import ActionPlan, Audience, Position, Resolution, Seat
from committees.seats.services.seats import Handover, handover_of
from kernel.formats import MISSING, day, day_short, percent
from reports.block_types import Block, TableColumn
from reports.compose.blocks import Cell, cell, column, heading, paragraph, table
from reports.compose.frame import framed
from reports.compose.reading import DocumentReading, as_written, local_text
from reports.document_types import FramedDocument
from reports.models import About


def handover(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the institution's positions, recommendations to answer and accepted, and actions due.

    It names no persons.
    """
    seat = about.of(Seat)
    resolutions = Resolution.objects.filter(committee=seat.committee).adopted()
    sheet = handover_of(
        reading.project,
        seat.institution,
        resolutions=resolutions.for_audiences(reading.audiences),
        plans=reading.project.plans.exclude(status=ActionPlan.Status.DRAFT),
    )
    if sheet.is_empty:
        blocks: list[Block] = [
            paragraph(_("This institution has taken no position yet and owes nothing."))
        ]
    else:
        blocks = [
            *_positions(sheet),
            *_resolved(_("Recommendations to answer"), sheet.to_answer),
            *_resolved(_("Recommendations accepted"), sheet.accepted),
            *_resolved(_("Decisions to carry out"), sheet.to_execute),
            *_actions(sheet, reading),
        ]
    return framed(
        about,
        reading,
        blocks,
        title=f"{seat.committee} · {seat}",
        facts=_facts(seat, reading),
        shows_audience=False,
        seat=seat.pk,
    )


def _facts(seat: Seat, reading: DocumentReading) -> list[tuple[str, str]]:
    name = seat.institution.name_on(reading.as_of)
    meeting = seat.committee.meetings.upcoming().order_by("starts_at").first()
    return [
        (_("Institution"), str(name or MISSING)),
        (_("Vote"), _("Voting") if seat.is_voting else _("Observer")),
        (_("Office"), seat.get_office_display() if seat.office else ""),
        (_("Next meeting"), day(meeting.day) if meeting and meeting.convened_on else ""),
    ]


def _positions(sheet: Handover) -> list[Block]:
    rows: list[list[Cell]] = [
        [str(one.plan), one.get_stance_display(), day_short(one.given_on), _reason(one)]
        for one in sheet.positions
    ]
    columns = [
        column(_("Action plan"), 28),
        column(_("Position"), 22),
        column(_("Given on"), 18),
        column(_("Reason or remark")),
    ]
    return _headed_table(_("Positions taken"), columns, rows, head=0)


def _reason(position: Position) -> Cell:
    """Return the reason of a position, unless it was meant for the coordination alone."""
    is_open = position.text and position.audience == Audience.COMMITTEE
    return cell(as_written(position.text)) if is_open else MISSING


def _resolved(title: str, found: Iterable[Resolution]) -> list[Block]:
    rows: list[list[Cell]] = [
        [
            row.number,
            cell(local_text(row, "text")),
            row.get_status_display(),
            day_short(row.due_on) if row.due_on else MISSING,
        ]
        for row in found
    ]
    columns = [
        column(_("No."), 12),
        column(_("Text")),
        column(_("State"), 18),
        column(_("Due"), 18),
    ]
    return _headed_table(title, columns, rows, head=1)


def _actions(sheet: Handover, reading: DocumentReading) -> list[Block]:
    rows: list[list[Cell]] = []
    for terms in sheet.actions:
        part = _("responsible") if sheet.leads(terms) else _("in support")
        late = _("late") if terms.last_day < reading.as_of else ""
        rows.append(
            [
                terms.action.reference,
                cell(local_text(terms, "title"), small=part),
                cell(day_short(terms.ends_on), small=late, tone="bad" if late else ""),
                percent(terms.action.share_done / 100),
            ]
        )
    columns = [
        column(_("No."), 10),
        column(_("Action")),
        column(_("Due"), 20),
        column(_("Done (share)"), 13, num=True),
    ]
    return _headed_table(_("Actions due"), columns, rows, head=1)


def _headed_table(
    title: str, columns: list[TableColumn], rows: Sequence[Sequence[Cell]], *, head: int
) -> list[Block]:
    return [heading(title), table("", columns, rows, head=head)] if rows else []
