"""Guests of a meeting, answers to invitations, and reminders for people who have not answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import User
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.letters import meeting_answer_letter
from committees.meetings.services.convening import NoticeKind, NoticeWriter, revoke_links
from committees.models import Channel, Invitation, Meeting
from kernel.refusal import Refusal
from partners.models import Contact
from partners.services import invite_contact, let_in
from projects.sending.recipients import NoticeReceipt

Answer, Capacity = Invitation.Answer, Invitation.Capacity


# Guests


@transaction.atomic
def invite_guest(meeting: Meeting, contact: Contact, *, by: User) -> NoticeReceipt:
    """Invite somebody who holds no seat. They get access to the portal as the contact that they
    are; if the meeting is still a plan, they get the message when it is convened."""
    lock_meeting(meeting)
    if meeting.status not in Meeting.TO_COME or meeting.is_past:
        raise Refusal(_("Guests are invited before the meeting: record them as present."))
    known = meeting.invitations.filter(contact=contact).first()
    if known and not known.withdrawn_at:
        raise Refusal(_("This person has already been invited."))
    if contact.user is None and contact.gets_account:
        contact.user = invite_contact(contact, by=by)
    invitation = known or Invitation(meeting=meeting, contact=contact, capacity=Capacity.GUEST)
    invitation.capacity, invitation.seat, invitation.withdrawn_at = Capacity.GUEST, None, None
    invitation.save()
    if meeting.status == Meeting.Status.PLANNED:
        return NoticeReceipt()
    return NoticeWriter(meeting, by=by).write(
        invitation, NoticeKind.CONVENED, key=f"guest:{invitation.pk}"
    )


@transaction.atomic
def withdraw_guest(invitation: Invitation, *, by: User) -> NoticeReceipt:
    """Withdraw the invitation of a guest, end their links, and tell them if the meeting was
    announced and is still to come. Withdrawn twice, it counts once. Raises Refusal for somebody
    with a seat."""
    lock_meeting(invitation.meeting)
    if invitation.capacity != Capacity.GUEST:
        raise Refusal(_("Whoever holds a seat is invited for as long as the term of office lasts."))
    meeting = invitation.meeting
    if (
        not meeting.invitations.current()
        .filter(pk=invitation.pk)
        .update(withdrawn_at=timezone.now())
    ):
        return NoticeReceipt()
    revoke_links([invitation], by=by)
    if not meeting.is_announced or meeting.is_past:
        return NoticeReceipt()
    return NoticeWriter(meeting, by=by).write(
        invitation, NoticeKind.WITHDRAWN, key=f"guest:{invitation.pk}:{timezone.now().isoformat()}"
    )


# Writing again


@transaction.atomic
def write_again(
    *invitations: Invitation, by: User, lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send the invitation again, for example because it came back. Pressing the button twice
    before the page shows the first message sends one."""
    receipt = NoticeReceipt()
    if not invitations:
        return receipt
    meeting = lock_meeting(invitations[0].meeting)
    for invitation in invitations:
        invitation.meeting = meeting
    withdrawn = any(one.withdrawn_at for one in invitations)
    if not meeting.is_announced or meeting.is_past or withdrawn:
        raise Refusal(_("Nothing is sent about a meeting that has not been convened."))
    let_in([one.contact for one in invitations], by=by)
    writer = NoticeWriter(meeting, by=by, lines=lines)
    for invitation in invitations:
        key = f"again:{invitation.pk}:{meeting.sequence}:{invitation.mail_id or 0}"
        receipt += writer.write(invitation, NoticeKind.CONVENED, key=key)
    return receipt


@transaction.atomic
def remind(
    meeting: Meeting,
    *,
    by: User,
    only: Collection[int] | None = None,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Remind everybody who has not answered, or `only` those of these invitations, each person at
    most once a day."""
    lock_meeting(meeting)
    if not meeting.is_announced or meeting.starts_at <= timezone.now():
        raise Refusal(_("Nobody is reminded of a meeting that has not been convened."))
    today = timezone.localdate(timezone=meeting.zone)
    silent = [
        one
        for one in meeting.invitations.unanswered().with_related()
        if one.reminded_on != today and one.address and (only is None or one.pk in only)
    ]
    if not silent:
        raise Refusal(_("Everybody has answered or was reminded today."))
    let_in([one.contact for one in silent], by=by)
    writer, receipt = NoticeWriter(meeting, by=by, lines=lines), NoticeReceipt()
    for invitation in silent:
        receipt += writer.write(
            invitation, NoticeKind.REMINDER, key=f"reminder:{invitation.pk}:{today}"
        )
    Invitation.objects.filter(pk__in=[one.pk for one in silent]).update(reminded_on=today)
    return receipt


@transaction.atomic
def record_told(
    meeting: Meeting, found: Collection[Invitation], way: str, *, reminds: bool
) -> None:
    """Record that the coordination told these people today in another way, whom no message reaches."""
    lock_meeting(meeting)
    today = timezone.localdate(timezone=meeting.zone)
    reminded = {"reminded_on": today} if reminds else {}
    told = Invitation.objects.filter(pk__in=[one.pk for one in found])
    told.update(told_by=way, told_on=today, **reminded)


# Answers


@dataclass(frozen=True)
class InvitationAnswer:
    """An answer, how it came, and who entered it for somebody else."""

    answer: str
    channel: str = Channel.PORTAL
    note: str = ""
    alternate: Contact | None = None
    alternate_function: str = ""
    evidence: str = ""
    entered_by: User | None = None
    at: datetime | None = None


@transaction.atomic
def answer_invitation(invitation: Invitation, given: InvitationAnswer) -> bool:
    """Record an answer in place of the one before and confirm it to the person. Returns False
    if it was recorded already."""
    meeting = lock_meeting(invitation.meeting)
    held = Invitation.objects.select_for_update(of=["self"]).get(pk=invitation.pk)
    held.meeting = invitation.meeting = meeting
    _refuse_answer(held, given)
    sends = given.answer == Answer.ALTERNATE
    is_new = held.keep_answer(
        given.answer,
        at=given.at or timezone.now(),
        channel=given.channel,
        evidence=given.evidence.strip(),
        note=given.note.strip(),
        alternate=given.alternate if sends else None,
        alternate_function=given.alternate_function.strip() if sends else "",
        entered_by=given.entered_by,
    )
    if is_new:
        _confirm(held)
        _ask_alternate(held)
    invitation.refresh_from_db()
    invitation.meeting = meeting
    return is_new


def may_answer_now(invitation: Invitation, *, entered: bool = False) -> bool:
    """Whether an answer is taken: until the meeting starts, and for one that came by telephone
    until the coordination opens the meeting."""
    meeting = invitation.meeting
    is_asked = meeting.is_announced and not invitation.withdrawn_at
    return is_asked and (entered or meeting.starts_at > timezone.now())


def _refuse_answer(invitation: Invitation, given: InvitationAnswer) -> None:
    if not may_answer_now(invitation, entered=given.entered_by is not None):
        raise Refusal(
            _("Answers are taken until the meeting starts. Tell the coordination instead.")
        )
    if given.answer != Answer.ALTERNATE:
        return
    if invitation.capacity == Capacity.ALTERNATE:
        raise Refusal(_("An alternate either comes or does not come."))
    if given.alternate and given.alternate not in invitation.alternates():
        raise Refusal(_("This person is not an alternate of the seat on that day."))
    if not given.alternate and not given.alternate_function.strip():
        raise Refusal(_("Say who comes in your place: choose the alternate or their function."))


def _confirm(invitation: Invitation) -> None:
    """Confirm the recorded answer to the person, also if somebody else entered it."""
    if invitation.person and invitation.answered_at:
        send_to_person(
            invitation.person,
            partial(meeting_answer_letter, invitation),
            key=f"answer:{invitation.pk}:{invitation.answered_at.isoformat()}",
            about=invitation.meeting,
        )


def _ask_alternate(invitation: Invitation) -> None:
    """Ask the alternate who was chosen to come to the meeting."""
    if invitation.answer != Answer.ALTERNATE or not invitation.alternate_id:
        return
    meeting = invitation.meeting
    asked = meeting.invitations.current().with_related().filter(contact=invitation.alternate)
    if other := asked.first():
        assert invitation.answered_at is not None  # the answer names the alternate
        key = f"stands-in:{other.pk}:{invitation.answered_at.isoformat()}"
        NoticeWriter(meeting, by=None).write(other, NoticeKind.STANDS_IN, key=key)
