"""The handover sheet, for a person who takes over the seat of an institution."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from committees.models import ActionPlan, ActionTerms, Audience, Position, Resolution, Seat
from committees.seats.services.seats import Handover, handover_of
from kernel.formats import MISSING, day, day_short, percent
from reports.compose.blocks import Cell, Field, cell, field, heading, paragraph, table_of
from reports.compose.frame import framed
from reports.compose.reading import DocumentReading, as_written, local_text
from reports.document_types import Block, FramedDocument
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
    fields = [
        field(_("Action plan"), lambda one: str(one.plan), 28),
        field(_("Position"), lambda one: one.get_stance_display(), 22),
        field(_("Given on"), lambda one: day_short(one.given_on), 18),
        field(_("Reason or remark"), _reason),
    ]
    return _listed(_("Positions taken"), sheet.positions, fields)


def _reason(position: Position) -> Cell:
    """Return the reason of a position, unless it was meant for the coordination alone."""
    is_open = position.text and position.audience == Audience.COMMITTEE
    return cell(as_written(position.text)) if is_open else MISSING


def _resolved(title: str, found: Sequence[Resolution]) -> list[Block]:
    fields = [
        field(_("No."), lambda row: row.number, 12),
        field(_("Text"), lambda row: cell(local_text(row, "text"))),
        field(_("State"), lambda row: row.get_status_display(), 18),
        field(_("Due"), lambda row: day_short(row.due_on) if row.due_on else MISSING, 18),
    ]
    return _listed(title, found, fields, head=1)


def _actions(sheet: Handover, reading: DocumentReading) -> list[Block]:
    def action(terms: ActionTerms) -> Cell:
        part = _("responsible") if sheet.leads(terms) else _("in support")
        return cell(local_text(terms, "title"), small=part)

    def due(terms: ActionTerms) -> Cell:
        late = _("late") if terms.last_day < reading.as_of else ""
        return cell(day_short(terms.ends_on), small=late, tone="bad" if late else "")

    def done(terms: ActionTerms) -> str:
        return percent(terms.action.share_done / 100)

    fields = [
        field(_("No."), lambda terms: terms.action.reference, 10),
        field(_("Action"), action),
        field(_("Due"), due, 20),
        field(_("Done (share)"), done, 13, num=True),
    ]
    return _listed(_("Actions due"), sheet.actions, fields, head=1)


def _listed(
    title: str, rows: Sequence[object], fields: list[Field], *, head: int = 0
) -> list[Block]:
    return [heading(title), table_of(rows, fields, head=head)] if rows else []
