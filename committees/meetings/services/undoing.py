"""What was done with a meeting by mistake is undone: it is removed, or a session is reopened or taken
back. Nothing of it is undone once somebody relies on it."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import undo
from accounts.models import AccessEvent, User
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.services.attendance import refuse_closed_records
from committees.meetings.services.convening import revoke_links
from committees.meetings.services.meetings import presence_sentence
from committees.meetings.services.session import (
    end_sitting,
    refuse_out_of_office,
    sitting_of,
)
from committees.models import AgendaItem, Invitation, Meeting, Minutes, Resolution
from kernel.refusal import Refusal
from kernel.removal import Removal

Status = Meeting.Status

# What a meeting has that was only planned, by the names of the tables.
FRAME = frozenset(
    {
        *("committees.Meeting", "committees.AgendaItem", "committees.Subject"),
        *("committees.Sitting", "projects.Translation", "kernel.StatusChange"),
    }
)


@transaction.atomic
def remove_meeting(meeting: Meeting, *, by: User) -> None:
    """Remove a meeting that was never convened, with its agenda: its number is free again.

    Raises Refusal where others know of it, or worked with it.
    """
    lock_meeting(meeting)
    was_convened = meeting.announced or meeting.convened_on or meeting.recorded_afterwards
    if was_convened or not meeting.is_draft:
        raise Refusal(
            _("This meeting was convened or held: it stays on record. Cancel or postpone it.")
        )
    if meeting.items.proposals().exists():
        raise Refusal(
            _("Members proposed items for this meeting: cancel it, so that they stay on record.")
        )
    removal = Removal()
    removal.take(Meeting, [meeting.pk])
    removal.refuse_beyond(
        FRAME, _("This meeting has records: %(things)s. Remove these first, or cancel the meeting.")
    )
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=meeting, change="removed")
    meeting.status_changes.delete()
    meeting.delete()


@transaction.atomic
def take_back_convening(meeting: Meeting, *, by: User) -> None:
    """Undo a first convening of this half minute: nobody got a message, and the meeting is a plan again."""
    lock_meeting(meeting)
    undo.take_back(meeting, "convene", by=by, convened_on=None, announced=None)
    seated = meeting.invitations.exclude(capacity=Invitation.Capacity.GUEST)
    if was_convened_before(meeting) or seated.exclude(answer="").exists():
        raise Refusal(undo.OVER)
    revoke_links(meeting.invitations.all(), by=by)
    seated.delete()


def take_back_opening(meeting: Meeting, *, by: User) -> None:
    """Undo the opening of this half minute: nobody is marked as present yet."""
    if not undo.can_be_undone(meeting, "open", by) or meeting.attendances.exists():
        raise Refusal(undo.OVER)
    take_back(meeting, "take_back", by=by, why="")


def was_convened_before(meeting: Meeting) -> bool:
    """Whether people were invited to it before it was postponed: then they know of it."""
    return meeting.status_changes.filter(verb="postpone").exists()


@transaction.atomic
def reopen_meeting(meeting: Meeting, *, by: User | None, on: date | None = None, why: str) -> None:
    """Go on with a session that was closed or adjourned by mistake."""
    lock_meeting(meeting)
    refuse_closed_records(meeting)
    refuse_out_of_office(meeting)
    if meeting.recorded_afterwards:
        raise Refusal(
            _("This meeting was recorded afterwards: correct its records, there is no session.")
        )
    _refuse_after_the_draft(meeting)
    meeting.take("reopen", by=by, on=on, why=why, quorum_kept=None)
    sitting = sitting_of(meeting)
    sitting.closed_at = None
    sitting.save(update_fields=["closed_at"])


def _refuse_after_the_draft(meeting: Meeting) -> None:
    minutes = Minutes.objects.filter(meeting=meeting).exclude(status=Minutes.Status.DRAFT)
    if minutes.exists():
        raise Refusal(
            _("The minutes are no longer a draft. Return them to draft first: “Return to draft”.")
        )


@transaction.atomic
def take_back(
    meeting: Meeting, verb: str, *, by: User | None, on: date | None = None, why: str
) -> None:
    """Return a meeting that was opened, or recorded afterwards, by mistake to what it was before.

    The notes stay at their items. The attendance is removed, and the history keeps how many were
    there.
    """
    lock_meeting(meeting)
    refuse_closed_records(meeting)
    _refuse_what_was_recorded(meeting)
    if verb == "take_back_record" and not meeting.recorded_afterwards:
        raise Refusal(
            _("This meeting was recorded live: reopen it, and then take the session back.")
        )
    if meeting.attendances.exists():
        why = f"{presence_sentence(meeting.quorum_at())} {why}"
    opened = meeting.status_changes.filter(verb="open").last()
    _end_as_if_never_opened(meeting)
    facts = {"recorded_afterwards": False, "convened_on": None}
    meeting.take(
        verb,
        by=by,
        on=on,
        why=why,
        headcount=None,
        quorum_kept=None,
        **facts if verb == "take_back_record" else {},
    )
    meeting.attendances.all().delete()
    _restore_agenda(meeting, by=by)
    if verb == "take_back" and opened and opened.from_status == Status.FROZEN:
        meeting.take("freeze", by=by, on=on)


def _end_as_if_never_opened(meeting: Meeting) -> None:
    end_sitting(meeting)
    sitting = sitting_of(meeting)
    sitting.opened_at = sitting.closed_at = sitting.informative_since = None
    sitting.save()


def _refuse_what_was_recorded(meeting: Meeting) -> None:
    if Minutes.objects.filter(meeting=meeting).exists():
        raise Refusal(
            _("The minutes of this meeting are begun, so it stays a meeting that was held.")
        )
    decided = meeting.resolutions.exclude(status=Resolution.Status.DRAFTED)
    if decided.exists() or meeting.declarations.exists():
        raise Refusal(
            _(
                "Decisions, recommendations or interests are recorded in this session: remove them "
                "first, or close the meeting as it is."
            )
        )


def _restore_agenda(meeting: Meeting, *, by: User | None) -> None:
    meeting.items.update(seconds_spent=0)
    spoken_of = {AgendaItem.Status.DISCUSSED, AgendaItem.Status.DEFERRED}
    for item in meeting.items.filter(status__in=spoken_of):
        item.take("restore", by=by)
