"""A meeting in session: its opening and closing, the current item, notes as they are typed,
interests declared, and the code by which people check in.

All of it is recorded under a lock on the meeting, as attendance and decisions are.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.services.attendance import (
    refuse_unless_notes_are_open,
    refuse_unless_recording,
)
from committees.models import AgendaItem, Committee, InterestDeclaration, Meeting, Sitting
from kernel.formats import day as written_day
from kernel.refusal import Refusal


def sitting_of(meeting: Meeting) -> Sitting:
    """Return the meeting's sitting, creating it if needed. The caller has locked the meeting."""
    sitting, _is_new = Sitting.objects.get_or_create(meeting=meeting)
    sitting.meeting = meeting
    return sitting


# Opening and closing


@transaction.atomic
def open_meeting(meeting: Meeting, *, by: User | None, on: date | None = None, why: str) -> None:
    """Open the session. If it is recorded for an earlier day, its hours are not known."""
    lock_meeting(meeting)
    today = timezone.localdate(timezone=meeting.zone)
    _refuse_opening(meeting, today=today, why=why)
    meeting.take("open", by=by, on=on, why=why)
    sitting = sitting_of(meeting)
    sitting.opened_at = this_minute() if on in {None, today, timezone.localdate()} else None
    sitting.closed_at = sitting.informative_since = None
    sitting.interests_asked = False
    sitting.save()


def _refuse_opening(meeting: Meeting, *, today: date, why: str) -> None:
    refuse_out_of_office(meeting)
    if meeting.day > today and not why.strip():
        raise Refusal(
            _("The meeting is on %(day)s: say why it is opened earlier, or change its day first.")
            % {"day": written_day(meeting.day)}
        )


def refuse_out_of_office(meeting: Meeting) -> None:
    """Refuse a session or a decision of a committee that is suspended or dissolved. Earlier
    decisions can still be recorded."""
    committee = meeting.committee
    status = Committee.objects.values_list("status", flat=True).get(pk=committee.pk)
    if status in {Committee.Status.SUSPENDED, Committee.Status.DISSOLVED}:
        raise Refusal(
            _("The committee is “%(status)s”: it neither meets nor decides. Resume it first.")
            % {"status": Committee.Status(status).label}
        )


@transaction.atomic
def close_meeting(meeting: Meeting, *, by: User | None, on: date | None = None, why: str) -> None:
    lock_meeting(meeting)
    meeting.refresh_from_db(fields=["current_item"])
    last = meeting.current_item
    meeting.take("close", by=by, on=on, why=why)
    end_sitting(meeting)
    if last and last.status == AgendaItem.Status.ACCEPTED:
        last.take("discuss", by=by)


def end_sitting(meeting: Meeting) -> None:
    """Stop the clock and close the check-in. The caller has locked the meeting."""
    sitting = sitting_of(meeting)
    _leave_item(meeting, sitting)
    sitting.closed_at = this_minute() if sitting.opened_at else None
    sitting.check_in_is_open = False
    sitting.save()


@transaction.atomic
def go_on_informing(meeting: Meeting) -> None:
    """Record that the meeting goes on without a quorum, to inform only, and since when."""
    lock_meeting(meeting)
    refuse_unless_in_session(meeting)
    if meeting.quorum_at(timezone.now()).is_reached:
        raise Refusal(_("The quorum is reached: the meeting can decide."))
    sitting = sitting_of(meeting)
    if sitting.informative_since is None:
        sitting.informative_since = this_minute()
        sitting.save(update_fields=["informative_since"])


def this_minute() -> datetime:
    """Return the present time without seconds, as clocks of meetings show it."""
    return timezone.now().replace(second=0, microsecond=0)


def refuse_unless_in_session(meeting: Meeting) -> None:
    if meeting.status != Meeting.Status.IN_SESSION:
        raise Refusal(
            _("The meeting is “%(status)s”: this is for a meeting in session.")
            % {"status": meeting.get_status_display()}
        )


# The item that is spoken of


@transaction.atomic
def go_to_item(meeting: Meeting, item: AgendaItem | None, *, by: User | None) -> None:
    """Make this the current item (None: no item). The item before it counts as discussed."""
    lock_meeting(meeting)
    refuse_unless_in_session(meeting)
    meeting.refresh_from_db(fields=["current_item"])
    if item and item.pk == meeting.current_item_id:
        return
    if item and item.status not in AgendaItem.SPOKEN_OF:
        raise Refusal(
            _("“%(item)s” is “%(status)s”: choose an item of the agenda.")
            % {"item": item, "status": item.get_status_display()}
        )
    sitting = sitting_of(meeting)
    before = _leave_item(meeting, sitting)
    if before and before.status == AgendaItem.Status.ACCEPTED:
        before.take("discuss", by=by)
    Meeting.objects.filter(pk=meeting.pk).update(current_item=item)
    meeting.current_item = item
    sitting.item_since = timezone.now() if item else None
    sitting.save(update_fields=["item_since"])


def _leave_item(meeting: Meeting, sitting: Sitting) -> AgendaItem | None:
    """Add the time spent on the current item to it, and leave the meeting without a current item."""
    key = meeting.current_item_id
    before = AgendaItem.objects.filter(pk=key).first() if key else None
    if before and sitting.item_since:
        spent = max(int((timezone.now() - sitting.item_since).total_seconds()), 0)
        AgendaItem.objects.filter(pk=before.pk).update(seconds_spent=F("seconds_spent") + spent)
    Meeting.objects.filter(pk=meeting.pk).update(current_item=None)
    meeting.current_item, sitting.item_since = None, None
    return before


# Notes


@transaction.atomic
def keep_notes(item: AgendaItem, *, by: User, while_typing: bool = False, **typed: Any) -> bool:
    """Save notes on top of the version that their writer saw.

    Returns False, and overwrites nothing, if somebody else saved meanwhile.
    """
    lock_meeting(item.meeting)
    refuse_unless_notes_are_open(item.meeting)
    return item.save_notes(**typed, by=by, while_typing=while_typing)


# Interests


@transaction.atomic
def declare_interest(
    declaration: InterestDeclaration, items: Iterable[AgendaItem]
) -> InterestDeclaration:
    """Record a seat's interest in items of the agenda. The same form sent twice records it once."""
    meeting = declaration.meeting
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    known = declaration.entry_key and meeting.declarations.filter(entry_key=declaration.entry_key)
    if known and (first := known.first()):
        return first
    declaration.clean()
    declaration.save()
    declaration.items.set(items)
    _interests_were_asked(meeting)
    return declaration


@transaction.atomic
def withdraw_declaration(declaration: InterestDeclaration) -> None:
    lock_meeting(declaration.meeting)
    refuse_unless_recording(declaration.meeting)
    declaration.delete()


@transaction.atomic
def note_no_interests(meeting: Meeting) -> None:
    """Record that members were asked for interests and nobody declared one."""
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    _interests_were_asked(meeting)


def _interests_were_asked(meeting: Meeting) -> None:
    sitting = sitting_of(meeting)
    sitting.interests_asked = True
    sitting.save(update_fields=["interests_asked"])


# The code by which people check in


@transaction.atomic
def new_check_in_code(meeting: Meeting) -> None:
    """Open the check-in with a new code; earlier codes are no longer valid."""
    lock_meeting(meeting)
    refuse_unless_in_session(meeting)
    if meeting.mode == Meeting.Mode.ONLINE:
        raise Refusal(_("Nobody attends an online meeting in person: check the seats in."))
    sitting = sitting_of(meeting)
    sitting.check_in_round += 1
    sitting.check_in_is_open = True
    sitting.save(update_fields=["check_in_round", "check_in_is_open"])


@transaction.atomic
def end_check_in(meeting: Meeting) -> None:
    lock_meeting(meeting)
    sitting = sitting_of(meeting)
    sitting.check_in_is_open = False
    sitting.save(update_fields=["check_in_is_open"])
