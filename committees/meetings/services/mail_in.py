"""Answers to invitations that calendars send by mail (`accounts.mail_in`)."""

import re
import unicodedata
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext as _, override

from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.models import AccessLink, IncomingMail, User
from committees.meetings.letters import invitation_url
from committees.meetings.services.convening import issue_link
from committees.meetings.services.invitations import (
    InvitationAnswer,
    answer_invitation,
    may_answer_now,
)
from committees.models import Channel, Invitation, Meeting
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
    if given.uid.casefold() != meeting.uid.casefold():
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


# Plain answers


# All in small letters, without accents and signs, as `_words` returns them.
GREETINGS = (
    *("hola", "buenos dias", "buenas tardes", "buenas noches", "estimado", "estimada"),
    *("estimados", "estimadas", "bonjour", "bonsoir", "madame", "monsieur", "chere", "cher"),
    *("hello", "hi", "dear", "good morning", "good afternoon"),
)
# Words with which a yes or a no begins, and those that may follow if nothing else does.
YES = (
    "si",
    "claro que si",
    "oui",
    "yes",
    "con gusto",
    "con mucho gusto",
    "avec plaisir",
    "confirmado",
)
NO = (
    *("no", "non", "lamentablemente", "desgraciadamente", "lo siento", "malheureusement"),
    *("desole", "desolee", "unfortunately", "sorry"),
)
THANKS = ("gracias", "muchas gracias", "merci", "merci beaucoup", "thanks", "thank you", "")
COMING = (
    *("asistire", "asistiremos", "ire", "iremos", "participare", "participaremos"),
    *("estare presente", "estaremos presentes", "ahi estare", "ahi estaremos", "alli estare"),
    *("voy a asistir", "voy a ir", "confirmo mi asistencia", "confirmo mi participacion"),
    *("confirmamos nuestra asistencia", "confirmamos nuestra participacion"),
    *("je serai present", "je serai presente", "je serai la", "j y serai", "je viendrai"),
    *("je participerai", "j assisterai", "je confirme ma presence", "je confirme ma participation"),
    *("nous serons presents", "nous serons presentes", "nous viendrons", "nous participerons"),
    *("i will attend", "i will come", "i will be there", "i will participate", "i am coming"),
    *("i ll attend", "i ll come", "i ll be there", "i m coming", "i confirm my attendance"),
    *("we will attend", "we will come", "we will be there", "we are coming"),
)
NOT_COMING = (
    *("no podre asistir", "no podre ir", "no podre participar", "no puedo asistir", "no puedo ir"),
    *("no podremos asistir", "no podremos ir", "no asistire", "no asistiremos", "no ire"),
    *("no voy a poder asistir", "no participare"),
    *("je ne pourrai pas", "je ne peux pas", "je ne viendrai pas", "je ne serai pas present"),
    *("je ne serai pas presente", "je ne serai pas la", "je serai absent", "je serai absente"),
    *("je ne participerai pas", "nous ne pourrons pas", "nous ne viendrons pas"),
    *("i cannot attend", "i cannot come", "i can t attend", "i can t come", "i can t make it"),
    *("i cannot make it", "i will not attend", "i will not come", "i won t attend", "i won t come"),
    *("i won t be able to", "i will not be able to", "i am unable to attend", "i am not coming"),
    *("we cannot attend", "we will not attend", "we are not coming"),
)
# “Yes, but …”, a question and what depends on something are not plain.
OPEN = re.compile(
    r"\b(?:pero|aunque|quizas?|tal vez|mais|peut etre|but|if|unless|maybe|perhaps|solo si|sauf)\b"
)
LONGEST = 120


def plain_answer(text: str) -> str:
    """Return `Answer.ACCEPTED` or `DECLINED`, or nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines[:2]:  # the first, or the one below the greeting
        greeting, _comma, rest = line.replace(":", ",").partition(",")
        if _begins(_words(greeting), GREETINGS) is not None:
            line = rest
        if words := _words(line):
            return "" if "?" in line or len(words) > LONGEST else _answer_in(words)
    return ""


def _answer_in(words: str) -> str:
    """Return what is said: behind “yes” or “unfortunately”, if that is there."""
    if OPEN.search(words):
        return ""
    after_yes, after_no = _begins(words, YES), _begins(words, NO)
    if after_yes in THANKS or _begins(after_yes or words, COMING) is not None:
        return str(Answer.ACCEPTED)
    is_no = words.startswith(("no", "non")) and after_no in THANKS
    is_not_coming = any(_begins(each or "", NOT_COMING) is not None for each in (words, after_no))
    return str(Answer.DECLINED) if is_no or is_not_coming else ""


def _begins(words: str, phrases: tuple[str, ...]) -> str | None:
    """Return what follows the first of these phrases with which the words begin, or None."""
    found = (each for each in phrases if words == each or words.startswith(f"{each} "))
    phrase = max(found, key=len, default=None)
    return None if phrase is None else words[len(phrase) :].strip()


def _words(line: str) -> str:
    letters = unicodedata.normalize("NFKD", line.casefold())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]", " ", bare).split())
