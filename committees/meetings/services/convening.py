"""Convenes: who is invited to a meeting, and what is written to them, each in their own language,
with the part of it that they may read, a file for their calendar, and a link by which they answer.

Holders and observers are asked, alternates are informed, guests are invited one by one. Nobody gets
a message about a draft, and nobody reads of an item if they are outside its audience.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mail import MailText, envelope_of, send_to_person
from accounts.mail_in.addresses import takes_mail
from accounts.models import AccessLink, AccessLinkQuerySet, Attachment, User
from accounts.reading import written_for
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.letters import MeetingNotice, meeting_letter
from committees.meetings.services.announced import (
    AgendaSent,
    changes_of,
    compare,
    last_announced,
    late_papers,
)
from committees.models import Invitation, Meeting, Seat, SeatTerm
from committees.permissions.meetings import audiences_invited, voters_of
from kernel.refusal import Refusal
from partners.services import let_in
from projects.sending.recipients import (
    NoticeReceipt,
    Recipient,
    own_line,
    words_before_sending,
)

PURPOSE = "invitation"

Capacity = Invitation.Capacity


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


# Who is invited


def people_to_invite(meeting: Meeting) -> list[Invitation]:
    """Return invitations, not saved, of everybody who holds a seat or is an alternate on the meeting's
    day. A person with several seats comes once: as a holder before an alternate, for a voting seat
    before another."""
    seats = Seat.objects.filter(committee=meeting.committee_id).on(meeting.day)
    terms = SeatTerm.objects.on(meeting.day).filter(seat__in=seats, contact__ended_on=None)
    terms = terms.select_related("contact__user", "contact__institution", "seat__institution")
    found: dict[tuple[str, int], Invitation] = {}
    for term in sorted(terms, key=_rank):
        capacity = Capacity.HOLDER if term.seat.is_voting else Capacity.OBSERVER
        if term.capacity == SeatTerm.Capacity.ALTERNATE:
            capacity = Capacity.ALTERNATE
        invitation = Invitation(
            meeting=meeting, contact=term.contact, seat=term.seat, capacity=capacity
        )
        user = term.contact.user_id
        found.setdefault(("user", user) if user else ("contact", term.contact_id), invitation)
    return list(found.values())


def _rank(term: SeatTerm) -> tuple[bool, bool, int, int]:
    is_alternate = term.capacity == SeatTerm.Capacity.ALTERNATE
    return is_alternate, not term.seat.is_voting, term.seat.position, term.pk


def sync_invitations(meeting: Meeting, *, by: User | None) -> tuple[set[int], list[Invitation]]:
    """Invite people who hold a seat and were not invited, and withdraw the invitations of those
    who hold none any more.

    The caller has locked the meeting. Returns the keys of the new ones, and those withdrawn.
    """
    known = {one.contact_id: one for one in meeting.invitations.with_related()}
    new, holding = set(), set()
    for due in people_to_invite(meeting):
        holding.add(due.contact_id)
        invitation = known.get(due.contact_id, due)
        is_new = invitation is due or invitation.withdrawn_at is not None
        if is_new or (invitation.seat_id, invitation.capacity) != (due.seat_id, due.capacity):
            invitation.seat, invitation.capacity = due.seat, due.capacity
            invitation.withdrawn_at = None
            invitation.save()
        if is_new:
            new.add(invitation.pk)
    gone = [
        one
        for one in known.values()
        if one.capacity != Capacity.GUEST and not one.withdrawn_at and one.contact_id not in holding
    ]
    for invitation in gone:
        invitation.withdrawn_at = timezone.now()
        invitation.save(update_fields=["withdrawn_at"])
    revoke_links(gone, by=by)
    extend_links(meeting)
    return new, gone


# Writing to one person


class NoticeWriter:
    """Writes to the people invited to one meeting; what all messages share is read once. They get
    their accounts before (`let_in`), since it asks who has a vote.

    `lines` are a few words of the sender's own, by language. `before` and `now` are the facts of
    which an update says what has changed.
    """

    def __init__(
        self,
        meeting: Meeting,
        *,
        by: User | None,
        lines: Mapping[str, str] | None = None,
        agenda: AgendaSent | None = None,
        before: dict[str, Any] | None = None,
        now: dict[str, Any] | None = None,
    ) -> None:
        self.meeting, self.by, self.lines = meeting, by, lines or {}
        self.agenda, self.voters = agenda or AgendaSent(meeting), voters_of(meeting)
        self.before, self.now = before, now

    def write(self, invitation: Invitation, kind: NoticeKind, *, key: str = "") -> NoticeReceipt:
        """Send one message to one person; the invitation keeps its row of the outbox."""
        person = invitation.person
        if person is None or not person.email:
            # The name of the seat or of the institution, never that of the person.
            what = invitation.seat or invitation.contact.institution
            return NoticeReceipt(without_access=[f"{what} ({invitation.get_capacity_display()})"])
        invitation.meeting = self.meeting
        token = "" if kind.calls_off else issue_link(invitation, person, by=self.by)
        mail = send_to_person(
            person,
            partial(meeting_letter, self._notice(invitation, person, kind, token)),
            by=self.by,
            key=key or f"meeting:{self.meeting.pk}:{self.meeting.sequence}:{invitation.pk}",
            attachments=[self._calendar(invitation, person, kind)],
            about=self.meeting,
        )
        invitation.mail = mail
        Invitation.objects.filter(pk=invitation.pk).update(mail=mail)
        return NoticeReceipt(people=1)

    def preview(self, one: Recipient, invitation: Invitation, kind: NoticeKind) -> MailText:
        """Return the message as the person will read it. Nothing is sent, and no link is made."""
        invitation.meeting = self.meeting
        notice = self._notice(invitation, one.reader, kind, "" if kind.calls_off else "…")
        return words_before_sending(
            one,
            partial(meeting_letter, notice),
            about=self.meeting,
            project=self.meeting.committee.project,
            by=self.by,
        )

    def _notice(
        self, invitation: Invitation, person: User, kind: NoticeKind, token: str
    ) -> MeetingNotice:
        audiences = audiences_invited(invitation, self.voters)
        changes: list[str] = []
        if kind == NoticeKind.CHANGED and invitation.person and self.before and self.now:
            with written_for(person, self.meeting), translation.override(person.language):
                found = compare(self.meeting, self.before, self.now, audiences)
                changes = [str(one) for one in found]
        line = own_line(self.lines, person.language)
        return MeetingNotice(
            invitation=invitation,
            kind=kind,
            items=self.agenda.items_for(audiences),
            papers=self.agenda.papers_for(audiences),
            changes=changes,
            line="" if kind == NoticeKind.WITHDRAWN else line,
            token=token,
        )

    def _calendar(self, invitation: Invitation, person: User, kind: NoticeKind) -> Attachment:
        from committees.calendars import invitation_file  # noqa: PLC0415  (it imports icalendar)

        method = "CANCEL" if kind.calls_off else "REQUEST"
        with written_for(person, self.meeting), translation.override(person.language):
            sender = envelope_of(person, self.meeting, self.by).sender if takes_mail() else ""
            content = invitation_file(invitation, person, method=method, organizer=sender)
        return Attachment("meeting.ics", content, f"text/calendar; method={method}")


# Writing to everybody


CALLED_OFF = frozenset({NoticeKind.CANCELLED, NoticeKind.POSTPONED})


def announce(
    meeting: Meeting,
    occasion: NoticeKind,
    *,
    by: User | None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
    agenda: AgendaSent | None = None,
    sends: bool = True,
) -> NoticeReceipt:
    """Write to everybody invited, with the sender's own lines by language; without `sends` they are only
    invited. The caller has locked the meeting. Nothing is sent about a meeting that is past."""
    if meeting.is_past:
        return NoticeReceipt()
    agenda = agenda or AgendaSent(meeting)
    before = last_announced(meeting)
    new, gone = set[int](), list[Invitation]()
    meeting.sequence += 1
    meeting.announced = None
    if occasion not in CALLED_OFF:
        new, gone = sync_invitations(meeting, by=by)
        meeting.announced = agenda.facts() | _said(why)
    meeting.save(update_fields=["sequence", "announced"])
    invitations = list(meeting.invitations.current().with_related())
    if occasion not in CALLED_OFF:
        let_in([one.contact for one in invitations], by=by)
    if not sends:
        return NoticeReceipt()
    writer = NoticeWriter(
        meeting, by=by, lines=lines, agenda=agenda, before=before, now=meeting.announced
    )
    receipt = NoticeReceipt()
    for invitation in invitations:
        is_new = occasion == NoticeKind.CHANGED and invitation.pk in new
        receipt += writer.write(invitation, NoticeKind.CONVENED if is_new else occasion)
    for invitation in gone:
        writer.write(invitation, NoticeKind.WITHDRAWN)
    if occasion in CALLED_OFF:
        revoke_links(invitations, by=by)
    return receipt


def _said(why: str) -> dict[str, str]:
    return {"at": timezone.now().isoformat(), "why": why.strip()}


@transaction.atomic
def send_update(
    meeting: Meeting, *, by: User, why: str = "", lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send each person one message with all that has changed since the last one. Late papers need
    a reason."""
    fresh = lock_meeting(meeting)
    if not fresh.is_announced:
        raise Refusal(_("Nothing is sent about a meeting that has not been convened."))
    agenda = AgendaSent(fresh)
    if not (changes_of(agenda) or any(changes_of_people(fresh))):
        raise Refusal(_("Nothing has changed since the last notice: there is nothing to send."))
    late = late_papers(agenda, since_announced=True)
    if late and not why.strip():
        raise Refusal(late)
    return announce(fresh, NoticeKind.CHANGED, by=by, why=why, lines=lines, agenda=agenda)


def changes_of_people(meeting: Meeting) -> tuple[int, int]:
    """Return how many people hold a seat on the meeting's day and are not invited yet, and how many
    are invited but hold none any more."""
    holding = {due.contact_id for due in people_to_invite(meeting)}
    members = meeting.invitations.current().exclude(capacity=Capacity.GUEST)
    invited = set(members.order_by().values_list("contact", flat=True))
    return len(holding - invited), len(invited - holding)


def pending(meeting: Meeting, agenda: AgendaSent | None = None) -> list[str]:
    """Return the content of the next update, in sentences for the coordination."""
    if not meeting.is_announced or meeting.is_past:
        return []
    sentences = [str(change) for change in changes_of(agenda or AgendaSent(meeting))]
    new, gone = changes_of_people(meeting)
    if new:
        sentences.append(_("Newly in office, to be invited: %(number)s") % {"number": new})
    if gone:
        sentences.append(_("No longer in office, to be informed: %(number)s") % {"number": gone})
    return sentences


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


def links_of(invitations: Iterable[Invitation]) -> AccessLinkQuerySet:
    """Return all links to these invitations, valid or not."""
    kind = ContentType.objects.get_for_model(Invitation)
    keys = [invitation.pk for invitation in invitations]
    return AccessLink.objects.filter(content_type=kind, object_id__in=keys)


def revoke_links(invitations: Iterable[Invitation], *, by: User | None) -> int:
    """Revoke the links that these people got for the meeting; return how many there were."""
    return links_of(invitations).revoke(by=by)


def extend_links(meeting: Meeting) -> None:
    """Let the links last until the end of the meeting, which may have moved. A link that a code
    opened for its person ends with its day."""
    sent = links_of(meeting.invitations.current()).filter(revoked_at=None)
    sent.exclude(created_by=F("user")).update(expires_at=meeting.ends_at)
