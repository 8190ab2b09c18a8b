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
from reports.compose.blocks import Cell, cell, column, notice, paragraph, table
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
    rows: list[list[Cell]] = [
        [str(place), *_seat_and_institution(seat, reading), _holder(seat, meeting.day), ""]
        for place, seat in enumerate(seats, 1)
    ]
    columns = [
        column(_("No."), 7),
        column(_("Seat"), 20),
        column(_("Institution"), 20),
        column(_("Name")),
        column(_("Signature"), 27),
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
            table(_("Seats"), columns, rows, head=1, style="tosign"),
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


def _seat_and_institution(seat: Seat, reading: DocumentReading) -> list[str]:
    institution = reading.short_name(seat.institution)
    return [str(seat) if seat.shown_label or seat.number else institution, institution]


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
    rows: list[list[Cell]] = [
        [
            str(place),
            cell(person["name"] or MISSING),
            person["institution"],
            cell(
                person["seat"] or _("Guest"),
                small=_("by alternate") if person["by_alternate"] else "",
            ),
        ]
        for place, person in enumerate(people, 1)
    ]
    columns = [
        column(_("No."), 8),
        column(_("Name")),
        column(_("Institution"), 28),
        column(_("Seat"), 28),
    ]
    return table(_("Persons present"), columns, rows, head=1)
