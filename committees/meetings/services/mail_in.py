"""Answers to invitations that calendars send by mail (`accounts.mail_in`)."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext as _, override

from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.models import AccessLink, IncomingMail, User
from committees.meetings.letters import invitation_url
from committees.meetings.services.invitations import (
    InvitationAnswer,
    answer_invitation,
    may_answer_now,
)
from committees.meetings.services.notices import issue_link
from committees.meetings.services.plain_answers import plain_answer
from committees.models import Channel, Invitation, Meeting
from committees.notices import uid_of
from kernel.formats import moment
from kernel.refusal import Refusal
from projects.institutions.services.links import coordinator_of
from projects.mail_notes.letters import OpenQuestion
from projects.mail_notes.services import refuse_closed, take_reply

Answer = Invitation.Answer
ANSWERS = {
    "accepted": Answer.ACCEPTED,
    "declined": Answer.DECLINED,
    "tentative": Answer.TENTATIVE,
}
LONGEST_NOTE = 500
LASTS = timedelta(days=30)  # so long after a meeting guests may write about it


def take_calendar_answer(person: User, thing: models.Model, given: CalendarAnswer) -> str | None:
    """Record the answer as that of the person's invitation to this meeting, and no other. Raises
    Refusal."""
    if not isinstance(thing, Invitation | Meeting):
        return None
    meeting = thing.meeting if isinstance(thing, Invitation) else thing
    own = Invitation.objects.of_person(person).select_related("meeting__committee__project")
    invitation = own.filter(meeting=meeting).first()
    if invitation is None:
        return str(IncomingMail.Reason.NOT_ASKED)
    if AccessLink.objects.are_revoked(person, invitation):
        return str(IncomingMail.Reason.REVOKED)
    refuse_closed(meeting.committee.project)
    if given.uid.casefold() != uid_of(meeting).casefold():
        return str(IncomingMail.Reason.EVENT)
    if given.answer not in ANSWERS:
        raise Refusal(
            _(
                "Your calendar passed the invitation on. Say on the page of your invitation who "
                "comes in your place."
            )
        )
    if 0 < given.sequence < invitation.meeting.sequence:
        raise Refusal(
            _("The meeting has changed since. Please answer the newest message about it.")
        )
    note = note_of(given, meeting)
    short = note if len(note) <= LONGEST_NOTE else f"{note[: LONGEST_NOTE - 1]}…"
    facts = InvitationAnswer(
        ANSWERS[given.answer], channel=Channel.REPLY, note=short or invitation.note
    )
    answer_invitation(invitation, facts)
    if short != note:
        take_reply(person, meeting, note)
    return ""


def open_invitation(person: User, thing: models.Model, text: str) -> OpenQuestion | None:
    """Return what to tell somebody who wrote about a meeting to which their answer is open. What they
    wrote in words is suggested to them, and never recorded."""
    invitation = _invitation_of(person, thing)
    if invitation is None or invitation.answer or not may_answer_now(invitation):
        return None
    written = plain_answer(text)
    labels = {
        Answer.ACCEPTED: _("Confirm that I am coming"),
        Answer.DECLINED: _("Confirm that I am not coming"),
    }
    url = invitation_url(issue_link(invitation, person, by=None))
    return OpenQuestion(
        _(
            "Your answer to the invitation is not recorded yet: words in an e-mail do not count as "
            "an answer. Please give it with the button below."
        ),
        labels.get(Answer(written), _("Answer the invitation")),
        f"{url}?written={written}" if written else url,
    )


def page_of_invitation(person: User, thing: models.Model) -> str | None:
    """Return where the person answers an invitation without mail."""
    invitation = _invitation_of(person, thing)
    if invitation is None or not may_answer_now(invitation):
        return None
    return invitation_url(issue_link(invitation, person, by=None))


def _invitation_of(person: User, thing: models.Model) -> Invitation | None:
    """Return the person's invitation to this meeting, unless their links to it were revoked: a new link
    would open it again."""
    if not isinstance(thing, Invitation | Meeting):
        return None
    meeting = thing.meeting if isinstance(thing, Invitation) else thing
    own = Invitation.objects.of_person(person).select_related("meeting__committee__project")
    invitation = own.filter(meeting=meeting).first()
    is_closed = invitation is None or AccessLink.objects.are_revoked(person, invitation)
    return None if is_closed else invitation


def is_invited(person: User, thing: models.Model) -> bool:
    """Whether the person is invited to this meeting, as guests are who have no place in the project."""
    if not isinstance(thing, Invitation | Meeting):
        return False
    meeting = thing.meeting if isinstance(thing, Invitation) else thing
    own = Invitation.objects.of_person(person).filter(meeting=meeting)
    return meeting.starts_at > timezone.now() - LASTS and own.exists()


def note_of(given: CalendarAnswer, meeting: Meeting) -> str:
    """Return what the coordination reads of the answer, on the clocks of the meeting's place."""
    proposed = ""
    if when := given.proposed:
        when = when if timezone.is_aware(when) else when.replace(tzinfo=meeting.zone)
        reader = coordinator_of(meeting.committee.project)
        with override(reader.language if reader else get_language()):
            proposed = _("Proposes another time: %(time)s, time in %(city)s.") % {
                "time": moment(when, meeting.zone),
                "city": meeting.city,
            }
    return "\n".join(part for part in (proposed, given.comment) if part)
