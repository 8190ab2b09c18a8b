"""Asking the voting seats of a written procedure, each person with a link of their own."""

from datetime import timedelta
from functools import partial

from django.utils import timezone

from accounts.links import new_link
from accounts.mail import send_to_person
from accounts.models import User
from committees.asking_seats import (
    ask_seats_by_link,
    reachable_person,
    replace_link,
    seat_terms_today,
)
from committees.consultations.letters import (
    ballot_entered_letter,
    ballot_receipt_letter,
    consultation_letter,
)
from committees.consultations.services.consultations import voting_seats
from committees.models import Ballot, WrittenConsultation
from committees.notices import NoticeReceipt

PURPOSE = "answer_consultation"
# How long the page can be read after the last day for answers.
GRACE = timedelta(days=30)


def ask_seats(
    consultation: WrittenConsultation, *, by: User, silent_only: bool = False
) -> NoticeReceipt:
    """Send each holder of a voting seat, or their alternate, a link to the procedure.

    With `silent_only`, only the seats that have not answered yet are asked, once a day.
    """
    terms = seat_terms_today(voting_seats(consultation))
    occasion = f"consultation:{consultation.pk}:{consultation.answers_until}"
    if silent_only:
        answered = set(consultation.ballots.values_list("seat", flat=True))
        terms = [term for term in terms if term.seat_id not in answered]
        occasion += f":{timezone.localdate()}"
    return ask_seats_by_link(
        terms,
        partial(consultation_letter, consultation),
        about=consultation,
        by=by,
        link=lambda person: issue_link(consultation, person, by=by),
        occasion=occasion,
    )


def issue_link(
    consultation: WrittenConsultation,
    person: User,
    *,
    by: User | None,
    lasts: timedelta | None = None,
) -> str:
    """Return the address of a new link in place of the one before; beside it, if the new one only
    `lasts` for some hours."""
    page = "committees:consultation-link"
    if lasts is not None:
        return new_link(person, PURPOSE, consultation, page, by=by, lasts=lasts)
    lasts = max(consultation.answers_until - timezone.localdate(), timedelta()) + GRACE
    return replace_link(person, PURPOSE, consultation, page, by=by, lasts=lasts)


def confirm_cast(ballot: Ballot) -> None:
    """Send whoever answered a receipt, also for an answer that replaces another."""
    send_to_person(
        ballot.by,
        partial(ballot_receipt_letter, ballot),
        key=f"ballot-receipt:{ballot.pk}",
        about=ballot,
        thread=ballot.consultation,
    )


def confirm_entered(ballot: Ballot) -> list[User]:
    """Send the holder of a seat what the coordination entered for it. Returns who was written to."""
    told = []
    for term in seat_terms_today([ballot.seat]):
        person = reachable_person(term)
        if person and term.seat_id == ballot.seat_id:
            send_to_person(
                person,
                partial(ballot_entered_letter, ballot),
                key=f"ballot:{ballot.pk}:{term.contact.user_id}",
                about=ballot,
                thread=ballot.consultation,
            )
            told.append(person)
    return told
