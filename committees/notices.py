"""Writing to those who are invited to a meeting, each in their own language, with what of it
they may read, a file for their calendar, and a link by which they answer.

Nothing is written of a draft, or of an item to people outside its audience.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.links import absolute_url
from accounts.mail import send_to_person, short_text
from accounts.models import AccessLink, Attachment, OutgoingMail, User
from committees.calendars import CANCEL, REQUEST, invitation_file, subject_of
from committees.models import Document, Invitation, Meeting
from committees.permissions.meetings import audiences_invited, voters_on
from kernel.formats import join_list

PURPOSE = "invitation"
MESSAGE = "committees/email/meeting"
ANSWERED = "committees/email/meeting_answer"


class News(StrEnum):
    CONVENED = "convened"
    RECONVENED = "reconvened"
    CHANGED = "changed"
    REMINDER = "reminder"
    STANDS_IN = "stands_in"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"

    @property
    def calls_off(self) -> bool:
        return self in {News.POSTPONED, News.CANCELLED, News.WITHDRAWN}


@dataclass(frozen=True)
class Told:
    """How many people a message went to, and the seats of those who have no access yet."""

    people: int = 0
    without_access: list[str] = field(default_factory=list)

    def __add__(self, other: "Told") -> "Told":
        return Told(self.people + other.people, [*self.without_access, *other.without_access])

    @property
    def sentence(self) -> str:
        if not self.people and not self.without_access:
            return ""
        told = _("Messages sent: %(number)s.") % {"number": self.people}
        if not self.without_access:
            return told
        untold = _(
            "Without access to the portal, so please tell them yourself or invite them: %(seats)s."
        ) % {"seats": join_list(self.without_access)}
        return f"{told} {untold}"


def papers_of(meeting: Meeting) -> list[Document]:
    """The papers of the meeting and of the items on its agenda. Two queries.

    A paper of a reserved item goes to those of the item only, whatever it says itself.
    """
    found = meeting.documents.filter(category=Document.Category.PAPER).with_related()
    on_agenda = {None, *meeting.items.on_agenda().values_list("pk", flat=True)}
    papers = [paper for paper in found if paper.agenda_item_id in on_agenda]
    for paper in papers:
        if paper.agenda_item and paper.agenda_item.is_reserved:
            paper.audience = paper.agenda_item.audience
    return papers


class Writer:
    """Writes to those invited to one meeting; what all messages share is read once."""

    def __init__(
        self,
        meeting: Meeting,
        *,
        by: User | None,
        changes: Callable[[Collection[str]], list[Any]] = lambda audiences: [],
    ) -> None:
        self.meeting = meeting
        self.by = by
        self.changes = changes
        self.items = list(meeting.items.on_agenda())
        self.papers = papers_of(meeting)
        self.voters = voters_on(meeting)

    def write(self, invitation: Invitation, news: News, *, key: str = "") -> Told:
        """One message to one person; the row of the outbox stays with the invitation."""
        invitation.meeting = self.meeting
        person = invitation.person
        if person is None or not person.email:
            return Told(without_access=[named(invitation)])
        mail = send_to_person(
            person,
            MESSAGE,
            self.facts(invitation, person, news),
            subject=lambda: subject_of(self.meeting, person),
            key=key or f"meeting:{self.meeting.pk}:{self.meeting.sequence}:{invitation.pk}",
            attachments=[self.calendar(invitation, person, news)],
        )
        invitation.mail = mail
        Invitation.objects.filter(pk=invitation.pk).update(mail=mail)
        return Told(people=1)

    def facts(self, invitation: Invitation, person: User, news: News) -> dict[str, Any]:
        audiences = audiences_invited(invitation, self.voters)
        with translation.override(person.language):
            changes = [str(one) for one in self.changes(audiences)] if news == News.CHANGED else []
        return {
            "news": news.value,
            "meeting": self.meeting,
            "invitation": invitation,
            "changes": changes,
            "items": [item for item in self.items if item.audience in audiences],
            "papers": [
                (paper.title, absolute_url(paper.get_absolute_url()))
                for paper in self.papers
                if paper.audience in audiences
            ],
            "url": "" if news.calls_off else answer_url(invitation, person, by=self.by),
            "page": absolute_url(self.meeting.get_absolute_url()),
        }

    def calendar(self, invitation: Invitation, person: User, news: News) -> Attachment:
        method = CANCEL if news.calls_off else REQUEST
        with translation.override(person.language):
            content = invitation_file(invitation, person, method=method)
        return Attachment("meeting.ics", content, f"text/calendar; method={method}")


def named(invitation: Invitation) -> str:
    """The seat or the institution, never the person."""
    what = invitation.seat or invitation.contact.institution
    return f"{what} ({invitation.get_capacity_display()})"


# Links


def answer_url(invitation: Invitation, person: User, *, by: User | None) -> str:
    """A link by which the person answers, until the meeting; those sent before stay good."""
    left = invitation.meeting.ends_at - timezone.now()
    _link, token = AccessLink.issue(
        person, PURPOSE, invitation, by=by, lasts=max(left, timedelta(0))
    )
    return absolute_url(reverse("committees:invitation-link", args=[token]))


def invitation_short_text(invitation: Invitation, person: User, url: str) -> str:
    facts = {"meeting": invitation.meeting, "url": url}
    return short_text(person, MESSAGE, facts)


# Confirmations


def confirm_answer(invitation: Invitation) -> OutgoingMail | None:
    """Say back to the person what was kept, whoever entered it."""
    person = invitation.person
    if person is None or not invitation.answered_at:
        return None
    return send_to_person(
        person,
        ANSWERED,
        {
            "invitation": invitation,
            "meeting": invitation.meeting,
            "page": absolute_url(invitation.meeting.get_absolute_url()),
        },
        subject=lambda: subject_of(invitation.meeting, person),
        key=f"answer:{invitation.pk}:{invitation.answered_at.isoformat()}",
    )
