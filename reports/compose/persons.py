"""The confidential annex of a report: the persons who may be named in documents, for the donor.

It is a document of its own, so that no report names anybody. Like every document of the day it is
deleted after some weeks, and who downloads it is logged. It names neither minors nor people with a
pseudonym, nor anybody of whom it is not recorded that they may be named in documents, as of the day
on which it is made. Nor does it name staff of an institution that its readers may not know by name:
a director tells which institution it is.
"""

from collections import defaultdict

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from committees.models import Attendance, Committee, Meeting, SeatTerm
from kernel.formats import day_range
from partners.models import Contact
from reports.block_types import Block
from reports.compose.blocks import cell, field, notice, paragraph, table_of
from reports.compose.frame import framed
from reports.compose.reading import DocumentReading, as_named, as_written
from reports.document_types import FramedDocument
from reports.models import About, Report


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
