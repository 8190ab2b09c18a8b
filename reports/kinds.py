"""Defines for each kind of document how it is composed, for whom, when it is final, and the name of
its file. Templates of the PDF are in `templates/reports/pdf/`.

`reports.permissions` decides who may request which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, Attendance, Audience, Meeting, Seat
from kernel.languages import working_in
from partners.models import Institution
from partners.naming import read_by
from reports.compose import (
    action_plan,
    compose as compose_report,
    letters,
    meetings,
    persons,
    plan_differences,
    seats,
)
from reports.compose.minutes import minutes_document, minutes_of, record_document
from reports.compose.persons import may_be_named_in, persons_annex
from reports.compose.reading import AUDIENCES, DocumentReading
from reports.compose.register import register
from reports.document_types import ComposedDocument
from reports.models import About, DocumentKind, Report

INSIDE = (Audience.COORDINATION,)
MEETING = (Audience.COMMITTEE, Audience.VOTING, Audience.COORDINATION)
PLAN = (Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR, Audience.COORDINATION)
EVERYBODY = (
    Audience.PUBLIC,
    Audience.COMMITTEE,
    Audience.VOTING,
    Audience.PARTNERS,
    Audience.DONOR,
    Audience.COORDINATION,
)


def always(about: About) -> bool:
    return True


def never(about: About) -> bool:
    return False


def today(about: About) -> date:
    return timezone.localdate()


@dataclass(frozen=True)
class DocumentDefinition:
    compose: Callable[[About, DocumentReading], ComposedDocument]
    # The audiences that it may be made for; the first is the default.
    audiences: tuple[str, ...]
    # Without project, person or institution: file names show up on screens that others see.
    file_name: str | Promise
    number: Callable[[About], int | None]
    is_draft: Callable[[About], bool] = never
    is_final: Callable[[About], bool] = never
    # The day of its data; for a final document it is the day of the event, not today.
    as_of: Callable[[About], date] = today
    has_word: bool = False
    # Whether it is shown to others although it is of the day: it has a code and a seal.
    is_given_out: bool = False
    # Whether it has a plain text: documents that are signed, framed or
    # sent on paper need none.
    has_text: bool = True
    # Whether the document has any content yet.
    applies: Callable[[About], bool] = always
    # The institutions that it may be addressed to; the versions that it may be compared with.
    addressees: Callable[[About], QuerySet[Institution]] | None = None
    bases: Callable[[About], QuerySet[ActionPlan]] | None = None


def _number_of_meeting(about: About) -> int:
    thing = about.thing
    return thing.meeting.number if isinstance(thing, Attendance) else about.of(Meeting).number


def _of_report(about: About, reading: DocumentReading) -> ComposedDocument:
    return compose_report(
        about.of(Report), language=reading.language, audience=reading.audience, as_of=reading.as_of
    )


def _has_agenda(about: About) -> bool:
    return about.of(Meeting).items.on_agenda().exists()


def _has_papers(about: About) -> bool:
    """Whether the meeting has papers for the whole committee.

    Reserved papers must leave no trace, so they do not make the document appear among the offers.
    """
    return meetings.has_appendable(about.of(Meeting)) and _has_agenda(about)


def _is_recorded(about: About) -> bool:
    return about.of(Meeting).was_begun


def _has_minutes(about: About) -> bool:
    return minutes_of(about.of(Meeting)) is not None


def _invited(about: About) -> QuerySet[Institution]:
    """Return the institutions with a seat on the day of the meeting."""
    meeting = about.of(Meeting)
    seats = meeting.committee.seats.on(meeting.day)
    return Institution.objects.filter(pk__in=seats.values("institution")).with_names()


def _was_there(about: About) -> bool:
    """Whether the person was present and may be named: no document names minors, and a certificate
    for a pseudonym certifies nothing."""
    row = about.of(Attendance)
    if row.presence not in Attendance.THERE or row.contact is None:
        return False
    return not (row.contact.is_minor or row.contact.is_pseudonymous)


def _earlier(about: About) -> QuerySet[ActionPlan]:
    return plan_differences.earlier_versions(about.of(ActionPlan))


def _is_validated(about: About) -> bool:
    return about.of(ActionPlan).is_validated


def _year_of_plan(about: About) -> int | None:
    return about.of(ActionPlan).period.number


def _is_planned(about: About) -> bool:
    """Whether the agenda is a draft: before the meeting is convened nobody outside the team has
    seen it."""
    return bool(about.of(Meeting).status == Meeting.Status.PLANNED)


def _minutes_unsettled(about: About) -> bool:
    minutes = minutes_of(about.of(Meeting))
    return minutes is None or not minutes.is_settled


def _minutes_sealed(about: About) -> bool:
    minutes = minutes_of(about.of(Meeting))
    return minutes is not None and minutes.is_sealed


def _day_of_seal(about: About) -> date:
    minutes = minutes_of(about.of(Meeting))
    return (minutes and minutes.sealed_on) or timezone.localdate()


def _plan_unvalidated(about: About) -> bool:
    return not about.of(ActionPlan).is_validated


def _day_of_validation(about: About) -> date:
    decision = about.of(ActionPlan).validated_by
    return (decision and decision.resolved_on) or timezone.localdate()


KINDS = {
    DocumentKind.ANNUAL_REPORT: DocumentDefinition(
        _of_report,
        AUDIENCES,
        _("Report"),
        lambda about: about.of(Report).period.number,
        is_draft=lambda about: not about.of(Report).is_frozen,
        is_final=lambda about: about.of(Report).is_frozen,
        has_word=True,
    ),
    # It names persons: for the donor and those who prepare it, and never final.
    DocumentKind.PERSONS: DocumentDefinition(
        persons_annex,
        (Audience.DONOR, Audience.COORDINATION),
        _("Confidential annex"),
        lambda about: about.of(Report).period.number,
        has_text=False,
        applies=lambda about: may_be_named_in(about.of(Report)).exists(),
    ),
    DocumentKind.AGENDA: DocumentDefinition(
        meetings.agenda,
        MEETING,
        _("Agenda"),
        _number_of_meeting,
        is_draft=_is_planned,
        has_word=True,
        applies=_has_agenda,
    ),
    DocumentKind.PACK: DocumentDefinition(
        meetings.pack,
        MEETING,
        _("Meeting pack"),
        _number_of_meeting,
        is_draft=_is_planned,
        has_word=True,
        applies=_has_agenda,
    ),
    DocumentKind.WHOLE_PACK: DocumentDefinition(
        meetings.whole_pack,
        MEETING,
        _("Meeting pack"),
        _number_of_meeting,
        is_draft=_is_planned,
        applies=_has_papers,
    ),
    DocumentKind.SHEET: DocumentDefinition(
        persons.attendance_sheet,
        INSIDE,
        _("Attendance sheet"),
        _number_of_meeting,
        has_text=False,
    ),
    # A letter is read by anybody at the institution, so it has only items of the whole committee.
    DocumentKind.LETTER: DocumentDefinition(
        letters.letter,
        (Audience.COMMITTEE,),
        _("Letter"),
        _number_of_meeting,
        is_draft=_is_planned,
        has_text=False,
        addressees=_invited,
    ),
    DocumentKind.ANNEX: DocumentDefinition(
        persons.attendance_annex,
        INSIDE,
        _("Attendance list"),
        _number_of_meeting,
        applies=_is_recorded,
    ),
    DocumentKind.CERTIFICATE: DocumentDefinition(
        letters.certificate,
        INSIDE,
        _("Certificate"),
        _number_of_meeting,
        is_given_out=True,
        has_text=False,
        applies=_was_there,
    ),
    DocumentKind.MINUTES: DocumentDefinition(
        minutes_document,
        (Audience.COMMITTEE, Audience.VOTING, Audience.PARTNERS, Audience.DONOR, *INSIDE),
        _("Minutes"),
        _number_of_meeting,
        is_draft=_minutes_unsettled,
        is_final=_minutes_sealed,
        as_of=_day_of_seal,
        has_word=True,
        applies=_has_minutes,
    ),
    # Its annex can be destroyed, so that it is never final.
    DocumentKind.NAMED_MINUTES: DocumentDefinition(
        persons.minutes_with_names,
        (Audience.COMMITTEE, *INSIDE),
        _("Minutes with names"),
        _number_of_meeting,
        is_draft=_minutes_unsettled,
        has_word=True,
        applies=_has_minutes,
    ),
    DocumentKind.RECORD: DocumentDefinition(
        record_document,
        EVERYBODY,
        _("Record of decisions"),
        _number_of_meeting,
        is_draft=_minutes_unsettled,
        is_final=_minutes_sealed,
        as_of=_day_of_seal,
        has_word=True,
        applies=lambda about: about.of(Meeting).resolutions.exists(),
    ),
    DocumentKind.HANDOVER: DocumentDefinition(
        seats.handover, (Audience.COMMITTEE,), _("Handover sheet"), lambda about: about.thing.pk
    ),
    DocumentKind.REGISTER: DocumentDefinition(
        register, PLAN, _("Register"), lambda about: about.thing.pk, has_word=True
    ),
    DocumentKind.PLAN: DocumentDefinition(
        action_plan.plan_document,
        PLAN,
        _("Plan"),
        _year_of_plan,
        is_draft=_plan_unvalidated,
        is_final=_is_validated,
        as_of=_day_of_validation,
        has_word=True,
    ),
    DocumentKind.PROGRESS: DocumentDefinition(
        action_plan.progress_document,
        PLAN,
        _("Progress"),
        _year_of_plan,
        has_word=True,
        applies=_is_validated,
    ),
    DocumentKind.DIFFERENCES: DocumentDefinition(
        plan_differences.differences_document,
        PLAN,
        _("Differences"),
        _year_of_plan,
        is_draft=_plan_unvalidated,
        has_word=True,
        applies=lambda about: _earlier(about).exists(),
        bases=_earlier,
    ),
}


def kind_of(about: About) -> DocumentDefinition:
    return KINDS[DocumentKind(about.kind)]


def compose(about: About, *, language: str, audience: str, as_of: date) -> ComposedDocument:
    """Return the document as data, in that language and for that audience alone."""
    with translation.override(language):
        reading = DocumentReading(
            about.project,
            language,
            audience,
            as_of,
            names_on=_named_on(about, as_of),
            addressees=addressees(about),
        )
        with read_by(reading.naming), working_in(about.project):
            return kind_of(about).compose(about, reading)


def addressees(about: About) -> frozenset[int]:
    """Return the keys of the institutions to which the document is given, if there are any."""
    thing = about.thing
    given = [about.addressee.pk] if about.addressee else []
    if isinstance(thing, Seat):
        given.append(thing.institution_id)
    return frozenset(given)


def _named_on(about: About, as_of: date) -> date:
    """Return the day whose names of institutions are used: that of the meeting, if there is one."""
    thing = about.page
    return thing.day if isinstance(thing, Meeting) else as_of


def file_name(about: About) -> str:
    """Return the name of a file without project, person or institution.

    Names of downloaded files show up on the screens of telephones that lie on tables.
    """
    kind = kind_of(about)
    return f"{kind.file_name} {kind.number(about)}"
