"""Documents with names of persons: the sheet to sign at a meeting, the attendance list, and the
confidential annex of a report, for the donor.

Each is a document of its own, so that no report names anybody. Like every document of the day they are
deleted after some weeks, and who downloads them is logged. The annex names neither minors nor people
with a pseudonym, nor anybody of whom it is not recorded that they may be named in documents, as of the
day on which it is made. Nor does it name staff of an institution that its readers may not know by
name: a director tells which institution it is.
"""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from committees.minutes.services.text import institutions_named, names_of
from committees.models import Attendance, Committee, Meeting, Seat, SeatTerm
from kernel.formats import MISSING, day, day_range
from partners.models import Contact
from reports.compose.blocks import (
    Cell,
    cell,
    column,
    field,
    heading,
    notice,
    paragraph,
    table,
    table_of,
)
from reports.compose.frame import framed
from reports.compose.meetings import facts_of, title_of
from reports.compose.minutes import legend, minutes_document, minutes_of
from reports.compose.reading import DocumentReading, as_named, as_written
from reports.document_types import Block, FramedDocument
from reports.models import About, Report

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
        blocks = [_present(people)]
    return framed(about, reading, blocks, title=title_of(meeting), facts=facts_of(meeting))


def _present(people: list[dict[str, Any]]) -> Block:
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


def minutes_with_names(about: About, reading: DocumentReading) -> FramedDocument:
    """Compose the minutes with the names of those present who agreed to be named in documents, as of
    today: neither of minors, of people with a pseudonym, nor of staff of an institution that the
    readers may not know."""
    there = names_of(about.of(Meeting), without=reading.naming.hidden)
    people = [row for row in there if row["may_be_named"] and row["name"]]
    note = _("Those present who agreed to be named. The annex is not part of the sealed text.")
    names = _present(people) if people else paragraph(_("Nobody present has agreed to be named."))
    return minutes_document(
        about, reading, [heading(_("Annex: names")), names, paragraph(note, "small")]
    )


# The annex of a report


def persons_annex(about: About, reading: DocumentReading) -> FramedDocument:
    report = about.of(Report)
    known = may_be_named_in(report).exclude(institution__in=reading.naming.hidden)
    people = list(known.select_related("institution"))
    blocks: list[Block] = [
        notice(
            _(
                "Confidential: for the donor alone. It is recorded of these persons that they may be "
                "named in documents. Do not copy it or pass it on."
            )
        ),
        _people(report, people, reading)
        if people
        else paragraph(_("None of those who took part may be named in it.")),
    ]
    facts = [(_("Reporting period"), day_range(report.start, report.end))]
    return framed(about, reading, blocks, title=str(report), facts=facts)


def may_be_named_in(report: Report) -> QuerySet[Contact]:
    """Return those who took part in a meeting of the period or held a seat in it, and may be named
    in documents."""
    committees = Committee.objects.filter(project=report.project)
    came = Attendance.objects.filter(meeting__in=_meetings(report), presence__in=Attendance.THERE)
    began = Q(since=None) | Q(since__lte=report.end)
    lasted = Q(until=None) | Q(until__gte=report.start)
    held = SeatTerm.objects.filter(began, lasted, seat__committee__in=committees)
    return Contact.objects.filter(
        Q(pk__in=came.values("contact")) | Q(pk__in=held.values("contact")),
        may_be_named=True,
        is_minor=False,
        is_pseudonymous=False,
    ).order_by("full_name", "pk")


def _meetings(report: Report) -> list[Meeting]:
    """Return those held in the period, by the days where they took place."""
    held = Meeting.objects.held().filter(committee__project=report.project)
    rows = held.select_related("committee__project").order_by("starts_at")
    return [meeting for meeting in rows if report.start <= meeting.day <= report.end]


def _people(report: Report, people: list[Contact], reading: DocumentReading) -> Block:
    there: dict[int | None, list[str]] = defaultdict(list)
    rows = Attendance.objects.filter(
        meeting__in=_meetings(report), contact__in=people, presence__in=Attendance.THERE
    )
    for row in rows.select_related("meeting__committee__project").order_by("meeting__starts_at"):
        there[row.contact_id].append(str(row.meeting))
    fields = [
        field(_("Name"), lambda one: cell(as_named(one.full_name), small=[as_written(one.title)])),
        field(_("Institution"), lambda one: reading.short_name(one.institution), 28),
        field(_("Meetings attended"), lambda one: ", ".join(there[one.pk]), 32),
    ]
    return table_of(people, fields, _("Persons who may be named in documents"))
