"""Items that members propose for the next meeting whose agenda is not frozen. The coordination
answers each, and the answer is sent to the person who proposed it."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import User
from committees.agenda.letters import proposal_answered_letter
from committees.agenda.services.agenda import (
    lock_meeting,
    next_position,
    refuse_unless_agenda_is_open,
)
from committees.models import AgendaItem, Committee, Meeting
from kernel.refusal import Refusal

TAKES_PROPOSALS = (Meeting.Status.PLANNED, Meeting.Status.CONVENED)


def meeting_for_proposals(committee: Committee) -> Meeting | None:
    """Return the next meeting whose agenda is still open for proposals, if there is one."""
    meetings = committee.meetings.filter(status__in=TAKES_PROPOSALS, ends_at__gt=timezone.now())
    return meetings.with_related().order_by("starts_at").first()


@transaction.atomic
def propose_item(item: AgendaItem) -> AgendaItem:
    """Keep a proposal, with its seat and reason; the same form sent twice keeps one."""
    meeting = lock_meeting(item.meeting)
    if item.entry_key and (known := meeting.items.filter(entry_key=item.entry_key).first()):
        return known
    if meeting.status not in TAKES_PROPOSALS or meeting.is_past:
        raise Refusal(
            _("The agenda no longer takes proposals: propose the item for the following meeting.")
        )
    item.status, item.source = AgendaItem.Status.PROPOSED, AgendaItem.Source.PROPOSED
    item.save()
    return item


@transaction.atomic
def answer_proposal(item: AgendaItem, *, accept: bool, reason: str, by: User) -> None:
    """Put a proposed item at the end of the agenda, or decline it with a reason; send the answer
    by mail."""
    meeting = lock_meeting(item.meeting)
    if accept:
        refuse_unless_agenda_is_open(meeting)
        item.clean()
        item.take(
            "accept", by=by, why=reason, proposal_answer=reason, position=next_position(meeting)
        )
    elif not reason.strip():
        raise Refusal(_("Say why the proposal is declined: the person who made it will read this."))
    else:
        item.take("decline", by=by, why=reason, proposal_answer=reason)
    _send_answer(item, by=by)


def _send_answer(item: AgendaItem, *, by: User) -> None:
    person = item.proposed_by
    if person is None or not person.is_active:
        return
    letter = partial(proposal_answered_letter, item)
    send_to_person(person, letter, by=by, about=item, thread=item.meeting)
