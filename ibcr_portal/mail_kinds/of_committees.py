"""Examples of messages about meetings, minutes, written procedures and plans."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import Letter, MakeLetter
from accounts.links import absolute_url
from accounts.mail import Envelope, MailText, words_for, write
from accounts.models import User
from accounts.reading import written_for
from committees import models as committees
from committees.agenda.letters import proposal_answered_letter
from committees.asking import asked_letter
from committees.consultations.letters import (
    ballot_entered_letter,
    ballot_receipt_letter,
    consultation_letter,
)
from committees.meetings import letters as meetings
from committees.meetings.services.convening import NoticeKind
from committees.minutes.letters import minutes_letter
from committees.plans import letters as plans
from committees.plans.services.due_actions import due_of
from committees.plans.services.progress import asking_for_progress
from committees.seats.letters import handover_letter
from projects.institutions.services.links import coordinator_of

# --- What an example of a message is made of, and how it reads for somebody ---

SomeModel = TypeVar("SomeModel", bound=Model)
TOKEN = "x" * 43
LINK = absolute_url(f"/example/{TOKEN}/")


class NoExample(Exception):
    """The portal has nothing yet that such a message could be about."""


@dataclass(frozen=True)
class Example:
    make: MakeLetter
    about: Model | None = None
    by: User | None = None
    recurrent: str = ""
    is_public: bool = False  # to somebody without an account

    def words_for(self, reader: User) -> MailText:
        """Return it as the reader would get it."""
        if self.is_public:
            with written_for(reader, self.about), timezone.override(reader.zone):
                return write(self.make(), reader, Envelope())
        return words_for(reader, self.make, about=self.about, by=self.by, recurrent=self.recurrent)


def newest(model: type[SomeModel], **conditions: Any) -> SomeModel:
    found = model._default_manager.filter(**conditions).order_by("-pk").first()
    if found is None:
        raise NoExample
    return found


# The name of an example to what makes it for a reader.
Kinds = dict[str, Callable[[User], Example]]

# --- Of committees ---

# Meetings


def notice(kind: NoticeKind, reader: User) -> Example:
    row = newest(committees.Invitation, seat__isnull=False)
    meeting = row.meeting
    by = coordinator_of(meeting.committee.project)
    told = meetings.MeetingNotice(
        invitation=row,
        kind=kind,
        items=list(meeting.items.on_agenda()),
        papers=[(paper, True) for paper in meeting.documents.all()],
        token="" if kind.calls_off else TOKEN,
    )

    def letter() -> Letter:
        changes = [_("The place is another one.")] if kind == NoticeKind.CHANGED else []
        return meetings.meeting_letter(replace(told, changes=changes))

    return Example(letter, meeting, by)


def answer(reader: User) -> Example:
    row = newest(committees.Invitation, answered_at__isnull=False)
    return Example(partial(meetings.meeting_answer_letter, row), row.meeting)


def feedback(reader: User) -> Example:
    meeting = newest(committees.Meeting, status=committees.Meeting.Status.HELD)
    return Example(partial(meetings.feedback_letter, meeting, LINK), meeting)


MEETINGS: Kinds = {
    **{f"meeting-{kind}": partial(notice, kind) for kind in NoticeKind},
    "meeting-answer": answer,
    "meeting-feedback": feedback,
}


# Committees


def consultation(reader: User) -> Example:
    row = newest(committees.WrittenConsultation)
    return Example(partial(consultation_letter, row, LINK), row)


def ballot(reader: User) -> Example:
    row = newest(committees.Ballot)
    return Example(partial(ballot_entered_letter, row), row)


def receipt(reader: User) -> Example:
    row = newest(committees.Ballot)
    return Example(partial(ballot_receipt_letter, row), row)


def minutes(reader: User) -> Example:
    row = newest(committees.Minutes)
    if row.comments_until is None:
        row.comments_until = row.meeting.day + timedelta(days=15)
    row.status = committees.Minutes.Status.IN_REVIEW
    return Example(partial(minutes_letter, row, LINK), row)


def handover(reader: User) -> Example:
    term = newest(committees.SeatTerm)
    letter = partial(handover_letter, term, term.seat.committee.get_absolute_url(), by=reader)
    return Example(letter, term.seat.committee, reader)


def proposal(reader: User) -> Example:
    item = newest(committees.AgendaItem)
    return Example(partial(proposal_answered_letter, item), item)


COMMITTEES: Kinds = {
    "written-procedure": consultation,
    "written-procedure-entered": ballot,
    "written-procedure-received": receipt,
    "minutes": minutes,
    "handover": handover,
    "proposal-answered": proposal,
}


# Plans


def terms(count: int) -> list[committees.ActionTerms]:
    rows = committees.ActionTerms.objects.with_related().order_by("ends_on")
    found = list(rows.filter(action__status__in=committees.Action.UNFINISHED)[:count])
    if not found:
        raise NoExample
    return found


def asked(reader: User) -> Example:
    row = newest(
        committees.ActionTerms,
        plan__status=committees.ActionPlan.Status.IN_EXECUTION,
        action__status__in=committees.Action.UNFINISHED,
    )
    asking = asking_for_progress(row.action)
    if asking is None:
        raise NoExample
    return Example(lambda: asked_letter(**asking.facts(LINK)), row.action, reader)


def review(reader: User) -> Example:
    plan = newest(committees.ActionPlan)
    until = plan.review_until or plan.project.today
    return Example(partial(plans.plan_review_letter, plan, LINK, until=until), plan)


def plan_for_donor(reader: User) -> Example:
    plan = newest(committees.ActionPlan)
    return Example(partial(plans.plan_for_donor_letter, plan), plan)


def entered(reader: User) -> Example:
    row = newest(committees.Position)
    return Example(partial(plans.plan_answer_entered_letter, row), row.plan)


def note(reader: User) -> Example:
    row = newest(committees.ProgressNote)
    row.institution = newest(committees.ActionTerms, action=row.action).responsible
    return Example(partial(plans.note_entered_letter, row), row)


def reminder(count: int, reader: User) -> Example:
    kinds = (committees.Reminder.Kind.BEFORE, committees.Reminder.Kind.AFTER)
    lines = [
        plans.ActionLine(kinds[number % 2], one, LINK) for number, one in enumerate(terms(count))
    ]
    place = lines[0].terms.plan.project
    return Example(partial(plans.action_reminder_letter, lines), place, recurrent="actions")


def digest(reader: User) -> Example:
    found = terms(6)
    letter = partial(plans.digest_letter, due_of(found), [], absolute_url("/due/"))
    return Example(letter, found[0].plan.project, recurrent="digest")


PLANS: Kinds = {
    "asked-by-link": asked,
    "plan-review": review,
    "plan-for-donor": plan_for_donor,
    "plan-answer-entered": entered,
    "progress-entered": note,
    "action-reminder": partial(reminder, 1),
    "action-reminders": partial(reminder, 3),
    "weekly-summary": digest,
}
