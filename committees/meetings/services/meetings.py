"""The life of a meeting: it is planned, convened, adjourned, reconvened, postponed or cancelled.

Locks are always taken in this order: the meeting, its committee, an amendment, its project.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.undo import messages_wait
from committees.agenda.services.agenda import lock_meeting, save_columns
from committees.agenda.services.carry_over import enter_provisional
from committees.meetings.services.announced import AgendaSent, late_papers
from committees.meetings.services.attendance import refuse_closed_records
from committees.meetings.services.convening import NoticeKind, announce
from committees.meetings.services.recipients import Invited, nobody_reached, recipients_of
from committees.meetings.services.session import end_sitting
from committees.models import Committee, Meeting
from committees.models.quorum import Quorum
from kernel.refusal import Refusal
from projects.sending.recipients import NoticeReceipt
from projects.training import hold_training

# The life of a meeting


@transaction.atomic
def create_meeting(meeting: Meeting) -> Meeting:
    """Plan a meeting under the number that was typed.

    The committee is locked, so that two meetings cannot take one number. Provisional decisions
    enter its agenda.
    """
    Committee.objects.select_for_update().get(pk=meeting.committee_id)
    meeting.full_clean()
    meeting.save()
    enter_provisional(meeting)
    return meeting


def next_meeting_number(committee: Committee) -> int:
    """Return the number of the committee's next meeting: one more than the largest given so far."""
    last = committee.meetings.aggregate(last=models.Max("number"))["last"]
    return (last or 0) + 1


@transaction.atomic
@messages_wait()
def convene_meeting(
    meeting: Meeting,
    *,
    by: User | None,
    on: date | None = None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
    sends: bool = True,
) -> NoticeReceipt:
    """Convene a meeting and invite the people who hold seats; without `sends` they were invited in
    another way, and no message is written.

    Short notice, late papers, and a notice that reaches nobody need a reason, but never prevent it.
    """
    hold_training(meeting.committee.project)
    lock_meeting(meeting)
    on = on or timezone.localdate(timezone=meeting.zone)
    agenda = AgendaSent(meeting)
    refuse_convening(meeting, agenda, on=on, why=why, sends=sends)
    meeting.take("convene", by=by, why=why, on=on, convened_on=on, quorum_is_stated=True)
    return announce(
        meeting, NoticeKind.CONVENED, by=by, why=why, lines=lines, agenda=agenda, sends=sends
    )


def refuse_convening(
    meeting: Meeting, agenda: AgendaSent, *, on: date, why: str, sends: bool
) -> None:
    committee = meeting.committee
    if not agenda.items:
        raise Refusal(_("There is no agenda yet: add an item, then convene the meeting."))
    if committee.status == Committee.Status.DRAFT and not meeting.is_constitutive:
        raise Refusal(
            _(
                "The committee is not constituted yet. Constitute it, or mark this meeting as "
                "the constitutive one."
            )
        )
    if committee.status in {Committee.Status.SUSPENDED, Committee.Status.DISSOLVED}:
        raise Refusal(
            _("The committee is “%(status)s”: it cannot be convened.")
            % {"status": committee.get_status_display()}
        )
    notice = (meeting.day - on).days
    if notice < 0:
        raise Refusal(_("A meeting is convened before it takes place: check the dates."))
    if why.strip():
        return
    found = recipients_of(meeting) if sends else None
    if concerns := concerns_before(meeting, agenda, found, on=on):
        raise Refusal(" ".join(each.sentence for each in concerns))


@dataclass(frozen=True)
class Concern:
    """What does not prevent convening a meeting, yet is answered first. `asks`: the question."""

    key: str
    sentence: str
    asks: str


def concerns_before(
    meeting: Meeting, agenda: AgendaSent, found: list[Invited] | None, *, on: date
) -> list[Concern]:
    """Return what is to be answered before the meeting is convened on that day: none of it hides
    another. `found`: who would be sent an invitation, or None if nobody is."""
    notice, short = (meeting.day - on).days, ""
    if notice < meeting.notice_asked:
        short = _(
            "The notice is %(given)s days, but the committee's rules require %(asked)s. Say "
            "why, and convene."
        ) % {"given": notice, "asked": meeting.notice_asked}
    late = late_papers(agenda)
    unreached = nobody_reached(found) if found is not None else ""
    concerns = [
        Concern("notice", short, _("Why the notice is short")),
        Concern("papers", late, _("Why the papers are late")),
        Concern("nobody", unreached, _("How these people hear of the meeting")),
    ]
    return [each for each in concerns if each.sentence]


@transaction.atomic
def record_afterwards(
    meeting: Meeting,
    *,
    by: User | None,
    convened_on: date | None = None,
    why: str = "",
) -> None:
    """Mark a meeting that took place without the portal, so that its records can be typed in."""
    lock_meeting(meeting)
    if not meeting.is_past:
        raise Refusal(
            _(
                "This meeting is still to come: convene it. Only a past meeting is recorded "
                "afterwards."
            )
        )
    if convened_on and convened_on > meeting.day:
        raise Refusal(_("A meeting is convened before it takes place: check the dates."))
    meeting.take(
        "record_afterwards",
        by=by,
        why=why,
        on=meeting.day,
        recorded_afterwards=True,
        convened_on=convened_on,
    )


@transaction.atomic
def adjourn_meeting(meeting: Meeting, *, by: User | None, on: date | None = None, why: str) -> None:
    """Adjourn a meeting that has no quorum. The history keeps how many seats were missing."""
    lock_meeting(meeting)
    quorum = meeting.quorum_at(timezone.now())
    if quorum.is_reached:
        raise Refusal(_("The quorum is reached: go on, or close the meeting."))
    meeting.take("adjourn", by=by, on=on, why=" ".join([presence_sentence(quorum), why]).strip())
    end_sitting(meeting)


@transaction.atomic
def reconvene_meeting(
    meeting: Meeting,
    *,
    by: User | None,
    starts_at: datetime,
    ends_at: datetime,
    on: date | None = None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Convene the second call, which has a quorum of its own. Presence at the first call does not
    count."""
    lock_meeting(meeting)
    refuse_closed_records(meeting)
    on = on or timezone.localdate(timezone=meeting.zone)
    if ends_at <= starts_at:
        raise Refusal(_("The meeting ends before it starts."))
    if starts_at <= timezone.now():
        raise Refusal(_("The second call is still to come: choose a later date."))
    meeting.take(
        "reconvene",
        by=by,
        on=on,
        why=why,
        convened_on=on,
        starts_at=starts_at,
        ends_at=ends_at,
        is_second_call=True,
        headcount=None,
    )
    meeting.attendances.all().delete()
    return announce(meeting, NoticeKind.RECONVENED, by=by, why=why, lines=lines)


@transaction.atomic
def postpone_meeting(
    meeting: Meeting,
    *,
    by: User | None,
    on: date | None = None,
    why: str,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Return the meeting to a plan and notify its members, who see it again when it is convened
    anew."""
    lock_meeting(meeting)
    meeting.take("postpone", by=by, on=on, why=why, convened_on=None)
    return announce(meeting, NoticeKind.POSTPONED, by=by, lines=lines)


@transaction.atomic
def cancel_meeting(
    meeting: Meeting,
    *,
    by: User | None,
    on: date | None = None,
    why: str,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Cancel the meeting and tell everybody invited, unless it was still a plan. `on` is the day
    of the step, where it is entered afterwards. Raises TransitionError if it can be cancelled no
    more."""
    lock_meeting(meeting)
    was_announced = meeting.status != Meeting.Status.PLANNED
    meeting.take("cancel", by=by, on=on, why=why)
    if not was_announced:
        return NoticeReceipt()
    return announce(meeting, NoticeKind.CANCELLED, by=by, lines=lines)


CHANGEABLE = (
    "number",
    "kind",
    "mode",
    "starts_at",
    "ends_at",
    "time_zone",
    "time_is_known",
    "place",
    "call_link",
    "call_number",
    "call_passcode",
    "is_constitutive",
    "quorum_is_stated",
)


OF_THE_DAY = ("starts_at", "ends_at", "time_zone", "time_is_known")


@transaction.atomic
def change_meeting(meeting: Meeting) -> None:
    """Save an edited meeting. People who were invited are notified by the next update."""
    held = lock_meeting(meeting)
    refuse_closed_records(meeting)
    if not held.may_change_dates:  # somebody may have opened it since the form was shown
        for name in OF_THE_DAY:
            setattr(meeting, name, getattr(held, name))
    meeting.full_clean()
    save_columns(meeting, *CHANGEABLE)
    meeting.keep_quorum()


def presence_sentence(quorum: Quorum) -> str:
    """Return a sentence with the voting seats present, of how many, and how many the quorum
    requires."""
    sentence = _("%(present)s of %(total)s voting seats present, %(required)s needed.") % {
        "present": quorum.present,
        "total": quorum.total,
        "required": quorum.required,
    }
    return f"{sentence} {quorum.kinds_sentence}".strip()
