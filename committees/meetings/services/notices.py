"""Writes to the people invited to a meeting, each in their own language, with the part of it that
they may read, a file for their calendar, and a link by which they answer.

Nobody gets a message about a draft, and nobody reads of an item if they are outside its audience.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from functools import partial

from django.utils import timezone, translation

from accounts.envelopes import envelope_of
from accounts.mail import MailText, send_to_person, short_text, write
from accounts.mail_in.addresses import takes_mail
from accounts.models import AccessLink, Attachment, OutgoingMail, User
from accounts.reading import written_for
from committees.meetings.letters import MeetingNotice, meeting_answer_letter, meeting_letter
from committees.models import AgendaItem, Audience, Document, Invitation, Meeting
from committees.models.agenda import AgendaItemQuerySet
from committees.models.document import DocumentQuerySet
from committees.notices import CANCEL, REQUEST, NoticeReceipt
from committees.permissions.meetings import audiences_invited, voters_of
from kernel.languages import working_in
from kernel.prepared import prepared
from kernel.text import columns_of
from partners.naming import read_by
from projects.models import NamedTo
from projects.permissions.naming import NamesForAudience, Readers

PURPOSE = "invitation"
SHORT = "committees/email/meeting"


class NoticeKind(StrEnum):
    """The occasion of a message."""

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
        return self in {NoticeKind.POSTPONED, NoticeKind.CANCELLED, NoticeKind.WITHDRAWN}


def papers_on(agenda: set[int], found: Iterable[Document]) -> list[Document]:
    """Return those of the papers that are of the meeting as a whole or of these items.

    A paper of a reserved item has the audience of the item, whatever its own field contains.
    """
    papers = [
        paper for paper in found if not paper.agenda_item_id or paper.agenda_item_id in agenda
    ]
    for paper in papers:
        if paper.agenda_item and paper.agenda_item.is_reserved:
            paper.audience = paper.agenda_item.audience
    return papers


class AgendaSent:
    """The agenda and the papers of a meeting, as far as notices tell of them."""

    def __init__(self, meeting: Meeting) -> None:
        self.items = _items(meeting.pk)
        # Those of the meeting and of the items on its agenda.
        self.papers = papers_on({item.pk for item in self.items}, _papers(meeting.pk))
        for paper in self.papers:
            paper.meeting, paper.committee = meeting, meeting.committee

    def items_for(self, audiences: Collection[str]) -> list[AgendaItem]:
        return [item for item in self.items if item.audience in audiences]

    def papers_for(self, audiences: Collection[str]) -> list[tuple[Document, bool]]:
        """Return the papers for these audiences, each with whether it opens by a link: none that is
        reserved does, since nobody knows who holds the telephone."""
        reserved = {Audience.COORDINATION, Audience.VOTING}
        papers = [paper for paper in self.papers if paper.audience in audiences]
        return [(paper, paper.audience not in reserved) for paper in papers]


@prepared
def _items(meeting: int) -> AgendaItemQuerySet:
    items = AgendaItem.objects.filter(meeting=meeting).on_agenda()
    return items.only("audience", *columns_of("title")).order_by("position", "pk")


@prepared
def _papers(meeting: int) -> DocumentQuerySet:
    papers = Document.objects.filter(meeting=meeting, category=Document.Category.PAPER)
    columns = ("meeting", "committee", "category", "title", "audience", "uploaded_at")
    return papers.select_related("agenda_item").only(*columns, "agenda_item__audience")


class NoticeWriter:
    """Writes to the people invited to one meeting; what all messages share is read once. They get
    their accounts before (`let_in`), since it asks who has a vote.

    `lines` are a few words of the sender's own, by language.
    """

    def __init__(
        self, meeting: Meeting, *, by: User | None, lines: Mapping[str, str] | None = None
    ) -> None:
        self.meeting = meeting
        self.by = by
        self.lines = lines or {}
        self.agenda, self.voters = AgendaSent(meeting), voters_of(meeting)

    def write(
        self,
        invitation: Invitation,
        kind: NoticeKind,
        *,
        key: str = "",
        changes: Sequence[str] = (),
    ) -> NoticeReceipt:
        """Send one message to one person; the invitation keeps its row of the outbox.

        `changes`: sentences in the person's language, for an update.
        """
        invitation.meeting = self.meeting
        person = invitation.person
        if person is None or not person.email:
            return NoticeReceipt(without_access=[named(invitation)])
        token = "" if kind.calls_off else issue_link(invitation, person, by=self.by)
        notice = self.notice(invitation, person, kind, token=token, changes=changes)
        mail = send_to_person(
            person,
            partial(meeting_letter, notice),
            by=self.by,
            key=key or f"meeting:{self.meeting.pk}:{self.meeting.sequence}:{invitation.pk}",
            attachments=[self.calendar(invitation, person, kind)],
            about=self.meeting,
        )
        invitation.mail = mail
        Invitation.objects.filter(pk=invitation.pk).update(mail=mail)
        return NoticeReceipt(people=1)

    def preview(
        self, invitation: Invitation, kind: NoticeKind, *, changes: Sequence[str] = ()
    ) -> MailText:
        """Return the message as the person will read it. Nothing is sent, and no link is made."""
        invitation.meeting = self.meeting
        person, token = _reader_of(invitation), "" if kind.calls_off else "…"
        notice = self.notice(invitation, person, kind, token=token, changes=changes)
        with (
            _written_to(invitation),
            translation.override(person.language),
            timezone.override(person.zone),
        ):
            envelope = envelope_of(invitation.person, self.meeting, self.by)
            return write(meeting_letter(notice), person, envelope)

    def audiences_of(self, invitation: Invitation) -> frozenset[str]:
        return audiences_invited(invitation, self.voters)

    def _line(self, person: User) -> str:
        return self.lines.get(person.language) or next(iter(self.lines.values()), "")

    def notice(
        self,
        invitation: Invitation,
        person: User,
        kind: NoticeKind,
        *,
        token: str,
        changes: Sequence[str],
    ) -> MeetingNotice:
        audiences = self.audiences_of(invitation)
        return MeetingNotice(
            invitation=invitation,
            kind=kind,
            items=self.agenda.items_for(audiences),
            papers=self.agenda.papers_for(audiences),
            changes=changes,
            line="" if kind == NoticeKind.WITHDRAWN else self._line(person),
            token=token,
        )

    def calendar(self, invitation: Invitation, person: User, kind: NoticeKind) -> Attachment:
        from committees.calendars import invitation_file  # noqa: PLC0415  (it imports icalendar)

        method = CANCEL if kind.calls_off else REQUEST
        with written_for(person, self.meeting), translation.override(person.language):
            sender = envelope_of(person, self.meeting, self.by).sender if takes_mail() else ""
            content = invitation_file(invitation, person, method=method, organizer=sender)
        return Attachment("meeting.ics", content, f"text/calendar; method={method}")


def _reader_of(invitation: Invitation) -> User:
    """Return the person invited; without an account, what theirs will say of them at first."""
    contact = invitation.contact
    return invitation.person or User(
        full_name=contact.full_name, email=contact.email, language=contact.language
    )


@contextmanager
def _written_to(invitation: Invitation) -> Iterator[None]:
    """Name only the institutions that the person may know. Whoever has no account reads as a member
    who speaks for their institution, since that is what the account will be of."""
    meeting, institution = invitation.meeting, invitation.contact.institution
    if invitation.person:
        with written_for(invitation.person, meeting):
            yield
        return
    readers = Readers(
        audiences=frozenset({NamedTo.COMMITTEE, NamedTo.PUBLIC}),
        own=frozenset({institution.pk}),
        belong_to=lambda: {institution.pk: institution.kind},
    )
    project = meeting.committee.project
    with working_in(project), read_by(NamesForAudience(project, readers)):
        yield


def named(invitation: Invitation) -> str:
    """Return the name of the seat or of the institution, never that of the person."""
    what = invitation.seat or invitation.contact.institution
    return f"{what} ({invitation.get_capacity_display()})"


# Links


def issue_link(
    invitation: Invitation, person: User, *, by: User | None, lasts: timedelta | None = None
) -> str:
    """Return the token of a new link by which the person answers until the meeting, or at the longest
    for `lasts`; earlier ones stay valid."""
    left = max(invitation.meeting.ends_at - timezone.now(), timedelta(0))
    _link, token = AccessLink.issue(
        person, PURPOSE, invitation, by=by, lasts=min(left, lasts or left)
    )
    return token


def invitation_short_text(invitation: Invitation, person: User, url: str) -> str:
    """Return the invitation in a few words and the person's language, with the address of their
    link."""
    facts = {"meeting": invitation.meeting, "url": url}
    return short_text(person, SHORT, facts, about=invitation.meeting)


# Confirmations


def confirm_answer(invitation: Invitation) -> OutgoingMail | None:
    """Confirm the recorded answer to the person, also if somebody else entered it."""
    person = invitation.person
    if person is None or not invitation.answered_at:
        return None
    return send_to_person(
        person,
        partial(meeting_answer_letter, invitation),
        key=f"answer:{invitation.pk}:{invitation.answered_at.isoformat()}",
        about=invitation.meeting,
    )
