"""Documents with names of persons, for the coordination: the sheet to sign at a meeting, and the
attendance list."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from committees.minutes.services.text import institutions_named, names_of
from committees.models import Meeting, Seat
from kernel.formats import MISSING, day
from partners.models import Contact
from reports.block_types import Block
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    field,
    notice,
    paragraph,
    table,
    table_of,
)
from reports.compose.frame import framed
from reports.compose.meetings import facts_of, title_of
from reports.compose.minutes import legend, minutes_of
from reports.compose.reading import DocumentReading
from reports.document_types import FramedDocument
from reports.models import About

GUEST_ROWS = 6


def attendance_sheet(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the sheet to sign. It names neither minors nor people with a pseudonym."""
    meeting = about.of(Meeting)
    seats = list(meeting.committee.seats.on(meeting.day).with_people())
    fields = [
        field(_("No."), lambda row: str(row[0]), 7),
        field(_("Seat"), lambda row: _seat(row[1], reading), 20),
        field(_("Institution"), lambda row: reading.short_name(row[1].institution), 20),
        field(_("Name"), lambda row: _holder(row[1], meeting.day)),
        field(_("Signature"), lambda row: "", 27),
    ]
    guests = [[str(place), "", "", ""] for place in range(1, GUEST_ROWS + 1)]
    guest_columns = [
        column(_("No."), 7),
        column(_("Institution"), 32),
        column(_("Name")),
        column(_("Signature"), 27),
    ]
    return framed(
        about,
        reading,
        [
            table_of(enumerate(seats, 1), fields, _("Seats"), head=1, style="tosign"),
            legend(institutions_named(seat.institution for seat in seats)),
            table(_("Guests and observers"), guest_columns, guests, style="tosign"),
            paragraph(
                _(
                    "This sheet is kept by the coordination. It is not copied, photographed or "
                    "passed on."
                ),
                "small",
            ),
        ],
        title=title_of(meeting),
        facts=facts_of(meeting),
    )


def _seat(seat: Seat, reading: DocumentReading) -> str:
    is_called = seat.shown_label or seat.number
    return str(seat) if is_called else reading.short_name(seat.institution)


def _holder(seat: Seat, on: date) -> str:
    term = seat.holder_on(on)
    return _writable_name(term.contact) if term else ""


def _writable_name(contact: Contact) -> str:
    return "" if contact.is_minor or contact.is_pseudonymous else contact.full_name


def attendance_annex(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the list of names beside the minutes, which is kept apart so that it can be
    destroyed."""
    meeting = about.of(Meeting)
    minutes = minutes_of(meeting)
    if minutes and minutes.annex_destroyed_on:
        gone = _("The list of names was destroyed on %(day)s.")
        blocks: list[Block] = [notice(gone % {"day": day(minutes.annex_destroyed_on)})]
    else:
        people = (minutes and minutes.names) or names_of(meeting)
        blocks = [_people(people)]
    return framed(about, reading, blocks, title=title_of(meeting), facts=facts_of(meeting))


def _people(people: list[dict[str, Any]]) -> Block:
    if not people:
        return paragraph(_("Nobody was recorded as present."))
    fields = [
        field(_("No."), lambda row: str(row[0]), 8),
        field(_("Name"), lambda row: cell(row[1]["name"] or MISSING)),
        field(_("Institution"), lambda row: row[1]["institution"], 28),
        field(_("Seat"), lambda row: _place_of(row[1]), 28),
    ]
    return table_of(enumerate(people, 1), fields, _("Persons present"), head=1)


def _place_of(person: dict[str, Any]) -> Cell:
    small = _("by alternate") if person["by_alternate"] else ""
    return cell(person["seat"] or _("Guest"), small=small)
