"""Decisions between two meetings: in a written procedure, or provisionally by telephone.

A written procedure counts seats as a meeting does: those that answered are present. A provisional
decision has no effect before a meeting ratifies it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import new_link
from accounts.mail import send_to_person
from accounts.models import User
from committees.agenda.services.agenda import lock_meeting
from committees.agenda.services.carry_over import enter_next_agenda
from committees.asking import ask_seats_by_link, reachable_person, replace_link, seat_terms_today
from committees.consultations.letters import (
    ballot_entered_letter,
    ballot_receipt_letter,
    consultation_letter,
)
from committees.meetings.services.attendance import refuse_unless_recording
from committees.models import (
    AgendaItem,
    Ballot,
    Committee,
    Resolution,
    Seat,
    SeatTerm,
    WrittenConsultation,
)
from committees.models.quorum import Quorum, count_quorum
from committees.resolutions.effects import DecisionEffects, bring_about
from committees.resolutions.services import (
    NoQuorum,
    Vote,
    moment_now,
    next_number,
    no_quorum_sentence,
    quorum_facts,
    quorum_of,
    refuse_undecided_terms,
)
from kernel.formats import day as written_day
from kernel.languages import LANGUAGES
from kernel.refusal import Refusal
from projects.sending.recipients import NoticeReceipt

# Written procedure


@transaction.atomic
def keep_consultation(consultation: WrittenConsultation) -> WrittenConsultation:
    """Save a draft; the same form sent twice saves one."""
    Committee.objects.select_for_update().get(pk=consultation.committee_id)
    known = WrittenConsultation.objects.filter(entry_key=consultation.entry_key).first()
    if consultation.pk is None and consultation.entry_key and known:
        return known
    if consultation.pk is not None:
        _refuse_unless_draft(consultation)
    consultation.full_clean()
    consultation.save()
    return consultation


def _refuse_unless_draft(consultation: WrittenConsultation) -> None:
    fresh = WrittenConsultation.objects.get(pk=consultation.pk)
    if fresh.status != fresh.Status.DRAFT:
        raise Refusal(
            _(
                "The proposal has been sent: its wording can no longer change. Withdraw it "
                "and write another one."
            )
        )


@transaction.atomic
def open_consultation(
    consultation: WrittenConsultation, *, by: User, on: date | None = None, why: str = ""
) -> None:
    """Ask the voting seats. Nothing is asked of a committee that cannot decide. `on`: the day it
    was done, where that was not today."""
    committee = Committee.objects.select_for_update().get(pk=consultation.committee_id)
    _refuse_unless_active(committee)
    if not voting_seats(consultation):
        raise Refusal(_("The committee has no voting seat yet: add its seats first."))
    on = on or timezone.localdate()
    _refuse_past(consultation.answers_until, on)
    consultation.take("open", by=by, on=on, why=why, opened_on=on)


def _refuse_unless_active(committee: Committee) -> None:
    if committee.status != Committee.Status.ACTIVE:
        raise Refusal(
            _("The committee is “%(status)s”: it cannot decide in writing now.")
            % {"status": committee.get_status_display()}
        )


@transaction.atomic
def extend_consultation(
    consultation: WrittenConsultation, *, until: date, why: str, by: User
) -> None:
    _refuse_past(until)
    if until <= consultation.answers_until:
        raise Refusal(
            _("Answers are taken until %(day)s: choose a later day.")
            % {"day": written_day(consultation.answers_until)}
        )
    consultation.take("extend", by=by, why=why, answers_until=until)


def _refuse_past(until: date, on: date | None = None) -> None:
    if until < (on or timezone.localdate()):
        raise Refusal(_("The deadline is in the past: choose today or a later day."))


@transaction.atomic
def cast_ballot(ballot: Ballot) -> Ballot:
    """A voting seat answers, or changes its answer until the closing. The same form sent twice
    is one answer."""
    held = _locked(ballot.consultation)
    known = Ballot.objects.filter(entry_key=ballot.entry_key).first()
    if ballot.entry_key and known:
        return known
    if not held.takes_answers:
        raise Refusal(_("This written procedure is closed: it no longer takes answers."))
    if ballot.seat.committee_id != held.committee_id or not ballot.seat.is_voting:
        raise Refusal(_("Only voting seats of this committee can answer."))
    ballot.full_clean()
    ballot.save()
    return ballot


def _locked(consultation: WrittenConsultation) -> WrittenConsultation:
    held = WrittenConsultation.objects.select_for_update().get(pk=consultation.pk)
    consultation.status = held.status
    return held


def voting_seats(consultation: WrittenConsultation, on: date | None = None) -> list[Seat]:
    seats = consultation.committee.seats.on(on or timezone.localdate()).with_people()
    return [seat for seat in seats if seat.is_voting]


def silent_seats(consultation: WrittenConsultation) -> list[Seat]:
    """Return the voting seats that have not answered yet."""
    answered = set(consultation.ballots.values_list("seat", flat=True))
    return [seat for seat in voting_seats(consultation) if seat.pk not in answered]


def quorum_of_answers(
    consultation: WrittenConsultation,
    ballots: Iterable[Ballot],
    on: date | None = None,
    seats: list[Seat] | None = None,
) -> Quorum:
    """The quorum of a written procedure on a day (None: today): a seat that answered counts as one
    that is present in a meeting does. `seats`: the voting ones of that day, if they were read."""
    on = on or timezone.localdate()
    return count_quorum(
        voting_seats(consultation, on) if seats is None else seats,
        {ballot.seat_id for ballot in ballots},
        consultation.committee.quorum_rules(),
        day=on,
    )


@transaction.atomic
def close_consultation(
    consultation: WrittenConsultation, *, by: User, why: str = "", on: date | None = None
) -> Resolution | None:
    """Count the answers. Gives the resolution, adopted or rejected; None without a quorum.
    `on`: the day they were counted, where that was not today.

    Before the deadline it is closed only when every voting seat has answered, or with a reason.
    """
    _locked(consultation)
    on = on or timezone.localdate()
    # A seat that ended meanwhile counts neither for the quorum nor for the vote.
    seats = voting_seats(consultation, on)
    ballots = list(consultation.ballots.latest_each().filter(seat__in=seats))
    quorum = quorum_of_answers(consultation, ballots, on, seats)
    waits = on <= consultation.answers_until and quorum.present < quorum.total
    if waits and not why.strip():
        raise Refusal(
            _("Seats may still answer until %(day)s: wait, or say why you close it now.")
            % {"day": written_day(consultation.answers_until)}
        )
    if not quorum.is_reached:
        consultation.take("close_without_quorum", by=by, why=why, on=on, closed_on=on)
        return None
    _refuse_unless_active(consultation.committee)
    resolution = _resolution(consultation, ballots, quorum, on)
    verb = "adopt" if resolution.votes_carry else "reject"
    consultation.take(verb, by=by, why=why, on=on, closed_on=on)
    resolution.save()
    resolution.take(verb, by=by, on=on, resolved_on=on)
    if verb == "adopt":
        bring_about(resolution, effects_of(consultation), by=by)
    return resolution


def effects_of(consultation: WrittenConsultation) -> DecisionEffects:
    things = (consultation.validates, consultation.recommends, consultation.adopts_minutes)
    return DecisionEffects(
        tuple(thing for thing in things if thing),
        adopts_terms=consultation.adopts_terms,
        extends_to=consultation.extends_to,
        closes_project=consultation.closes_project,
    )


def _resolution(
    consultation: WrittenConsultation, ballots: list[Ballot], quorum: Quorum, on: date
) -> Resolution:
    counts = dict.fromkeys(Ballot.Choice.values, 0)
    for ballot in ballots:
        counts[ballot.choice] += 1
    committee = consultation.committee
    resolution = Resolution(
        committee=committee,
        consultation=consultation,
        kind=Resolution.Kind.DECISION,
        number=next_number(committee, on.year, Resolution.Kind.DECISION),
        rule=consultation.rule,
        votes_for=counts[Ballot.Choice.AGREE],
        votes_against=counts[Ballot.Choice.OBJECT],
        abstentions=counts[Ballot.Choice.ABSTAIN],
        **quorum_facts(quorum),
    )
    for language in LANGUAGES:
        setattr(resolution, f"text_{language}", getattr(consultation, f"text_{language}"))
    return resolution


# Provisional decisions


@transaction.atomic
def record_provisional(resolution: Resolution, *, by: User) -> Resolution:
    """Keep what was agreed by telephone. It is no decision until a meeting ratifies it, so it
    enters the next agenda by itself."""
    committee = Committee.objects.select_for_update().get(pk=resolution.committee_id)
    known = committee.resolutions.filter(entry_key=resolution.entry_key).first()
    if resolution.entry_key and known:
        return known
    if resolution.agreed_on and resolution.agreed_on > timezone.localdate():
        raise Refusal(_("This day is still to come: choose today or earlier."))
    resolution.kind = Resolution.Kind.DECISION
    resolution.status = Resolution.Status.PROVISIONAL
    year = (resolution.agreed_on or timezone.localdate()).year
    resolution.number = next_number(committee, year, resolution.kind)
    resolution.full_clean()
    resolution.save()
    enter_next_agenda(resolution)
    return resolution


@transaction.atomic
def ratify(
    resolution: Resolution,
    item: AgendaItem,
    *,
    by: User,
    vote: Vote,
    moment: datetime | None = None,
) -> None:
    """A meeting makes a decision of it, under its own quorum and rule."""
    meeting = lock_meeting(item.meeting)
    refuse_unless_recording(meeting)
    if item.purpose != AgendaItem.Purpose.DECIDE:
        raise Refusal(_("This item is not on the agenda for decision: change its purpose."))
    if meeting.committee_id != resolution.committee_id:
        raise Refusal(_("That meeting belongs to another committee."))
    refuse_undecided_terms(meeting)
    moment = moment or moment_now(meeting)
    quorum = quorum_of(meeting, moment, item)
    if quorum is not None and not quorum.is_reached:
        raise NoQuorum(no_quorum_sentence(quorum))
    facts = {
        **vars(vote),
        **quorum_facts(quorum),
        "resolved_on": meeting.day,
        "resolved_at": moment,
        "meeting": meeting,
        "agenda_item": item,
    }
    for name, value in facts.items():
        setattr(resolution, name, value)
    resolution.clean()
    if not resolution.votes_carry:
        raise Refusal(
            _("With these votes the decision is not adopted: check the rule and the votes.")
        )
    resolution.take("ratify", by=by, on=meeting.day, **facts)
    item.refresh_from_db(fields=["status"])
    if item.may_take("discuss"):
        item.take("discuss", by=by, on=meeting.day)


# Messages


PURPOSE = "answer_consultation"
# How long the page can be read after the last day for answers.
GRACE = timedelta(days=30)


def terms_asked(consultation: WrittenConsultation, *, silent_only: bool) -> list[SeatTerm]:
    """Return who holds the voting seats, or those of them that have not answered yet, and their
    alternates."""
    seats = silent_seats(consultation) if silent_only else voting_seats(consultation)
    return seat_terms_today(seats)


def ask_seats(
    consultation: WrittenConsultation,
    *,
    by: User,
    silent_only: bool = False,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Send each holder of a voting seat, or their alternate, a link to the procedure.

    With `silent_only`, only the seats that have not answered yet are asked, once a day.
    """
    occasion = f"consultation:{consultation.pk}:{consultation.answers_until}"
    if silent_only:
        occasion += f":{timezone.localdate()}"
    return ask_seats_by_link(
        terms_asked(consultation, silent_only=silent_only),
        partial(consultation_letter, consultation),
        about=consultation,
        by=by,
        link=lambda person: issue_link(consultation, person, by=by),
        occasion=occasion,
        lines=lines,
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
