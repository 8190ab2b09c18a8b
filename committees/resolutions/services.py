"""Records the decisions and recommendations of a meeting, and their effects.

A decision is adopted under the meeting's lock, as attendance is recorded: nobody comes or goes
between the count of the quorum and the adoption.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.models import User
from committees.agenda.services.agenda import link_things, lock_meeting
from committees.asking import Asking
from committees.meetings.services.attendance import refuse_unless_recording
from committees.meetings.services.meetings import presence_sentence
from committees.meetings.services.session import refuse_out_of_office
from committees.models import (
    AgendaItem,
    Channel,
    Committee,
    Meeting,
    Resolution,
)
from committees.models.quorum import Quorum
from committees.models.subject import LinkedThing
from committees.resolutions.effects import DecisionEffects, bring_about
from kernel.refusal import Refusal


class NoQuorum(Refusal):
    """Too few voting seats are present for a decision."""


@dataclass(frozen=True)
class Vote:
    """The rule by which a decision was taken, and the votes if there were any."""

    rule: str = Resolution.Rule.CONSENSUS
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None
    # Why it was put to a vote where the committee's rules ask for more.
    rule_reason: str = ""


@transaction.atomic
def record_decision(
    decision: Resolution,
    *,
    by: User | None,
    adopt: bool = True,
    reject: bool = False,
    vote: Vote | None = None,
    moment: datetime | None = None,
    subjects: Iterable[LinkedThing] = (),
    effects: DecisionEffects | None = None,
) -> Resolution:
    """Number a new decision and keep it, adopted or voted down at once, or as a draft.

    `decision` is a new `Resolution` with its agenda item and text. `moment` is the time at which
    it was taken (None: whoever came to the meeting counts). Raises `NoQuorum`, or `Refusal`
    or `ValidationError` with a sentence. The same form sent twice records one.
    """
    item = item_of(decision)
    if item.purpose != AgendaItem.Purpose.DECIDE:
        raise Refusal(
            _(
                "“%(item)s” is not on the agenda for decision. Change the purpose of the item "
                "first, or record a recommendation."
            )
            % {"item": item}
        )
    decision.kind, decision.status = Resolution.Kind.DECISION, Resolution.Status.DRAFTED
    decision, is_new = _keep_new(decision, subjects, by=by)
    if reject and is_new:
        vote_down(decision, by=by, vote=vote or Vote(), moment=moment)
    elif adopt and is_new:
        adopt_resolution(decision, by=by, vote=vote or Vote(), moment=moment, effects=effects)
    return decision


@transaction.atomic
def record_recommendation(
    recommendation: Resolution,
    *,
    by: User | None,
    moment: datetime | None = None,
    subjects: Iterable[LinkedThing] = (),
) -> Resolution:
    """Number a new recommendation and issue it.

    It binds nobody and needs no quorum; the voting seats present are recorded."""
    recommendation.kind = Resolution.Kind.RECOMMENDATION
    recommendation.status = Resolution.Status.ISSUED
    item = item_of(recommendation)
    moment = moment or moment_now(item.meeting)
    recommendation.resolved_at, recommendation.rule = moment, ""
    for name, value in quorum_facts(quorum_of(item.meeting, moment, item)).items():
        setattr(recommendation, name, value)
    return _keep_new(recommendation, subjects, by=by)[0]


@transaction.atomic
def adopt_resolution(
    decision: Resolution,
    *,
    by: User | None,
    vote: Vote,
    moment: datetime | None = None,
    effects: DecisionEffects | None = None,
) -> None:
    """Adopt a drafted decision if the quorum is reached at that moment and the votes carry it."""
    facts = _put_to_vote(decision, vote, moment)
    if not decision.votes_carry:
        raise Refusal(
            _("With these votes the decision is not adopted: check the rule and the votes.")
        )
    decision.take("adopt", by=by, on=facts["resolved_on"], **facts)
    bring_about(decision, effects or DecisionEffects(), by=by)


@transaction.atomic
def vote_down(
    decision: Resolution, *, by: User | None, vote: Vote, moment: datetime | None = None
) -> None:
    """Record that the committee voted on a draft and rejected it, with the quorum and the votes."""
    facts = _put_to_vote(decision, vote, moment)
    if decision.votes_carry:
        raise Refusal(
            _(
                "With these votes the decision is adopted: check the outcome, the rule and the votes."
            )
        )
    decision.take("reject", by=by, on=facts["resolved_on"], **facts)


def _put_to_vote(decision: Resolution, vote: Vote, moment: datetime | None) -> dict[str, Any]:
    """Return what is recorded of a vote, and set it on the draft. Refuses it without a quorum."""
    meeting = lock_meeting(meeting_of(decision))
    refuse_unless_recording(meeting)
    refuse_undecided_terms(meeting)
    moment = moment or moment_now(meeting)
    quorum = quorum_of(meeting, moment, decision.agenda_item)
    if quorum is not None and not quorum.is_reached:
        raise NoQuorum(no_quorum_sentence(quorum))
    facts = vars(vote) | quorum_facts(quorum) | {"resolved_on": meeting.day, "resolved_at": moment}
    for name, value in facts.items():
        setattr(decision, name, value)
    decision.clean()
    return facts


@transaction.atomic
def set_aside(decision: Resolution, verb: str, *, by: User | None, why: str) -> None:
    """Reject or defers a draft."""
    meeting = meeting_of(decision)
    lock_meeting(meeting)
    refuse_unless_recording(meeting)
    decision.take(verb, by=by, why=why, on=meeting.day, resolved_on=meeting.day)


def refuse_undecided_terms(meeting: Meeting) -> None:
    """Refuse a decision before the committee is constituted, unless by the constitutive meeting,
    and a decision in session of a committee that is suspended or dissolved."""
    committee = meeting.committee
    if meeting.status == Meeting.Status.IN_SESSION:
        refuse_out_of_office(meeting)
    if committee.status == Committee.Status.DRAFT and not meeting.is_constitutive:
        raise Refusal(
            _(
                "The committee is not constituted yet, so it cannot decide. Constitute it, or "
                "mark this meeting as the constitutive one."
            )
        )


def quorum_of(meeting: Meeting, moment: datetime | None, item: AgendaItem | None) -> Quorum | None:
    """Return the quorum for the item at that moment, without the seats that are recused from it; None
    for an old meeting whose records do not state it."""
    return None if meeting.states_no_quorum else meeting.quorum_at(moment, item=item)


def moment_now(meeting: Meeting) -> datetime | None:
    """Return now for a meeting in session, so that seats that left by then do not count."""
    return timezone.now() if meeting.status == Meeting.Status.IN_SESSION else None


def quorum_facts(quorum: Quorum | None) -> dict[str, int | None]:
    """Return the numbers of voting seats that are recorded with a resolution: present, required
    and in total; none of them is known without a quorum."""
    if quorum is None:
        return {"seats_present": None, "seats_required": None, "seats_total": None}
    return {
        "seats_present": quorum.present,
        "seats_required": quorum.required,
        "seats_total": quorum.total,
    }


def no_quorum_sentence(quorum: Quorum) -> str:
    """Return the sentences of a refusal: how many seats are present and recused, and what can be
    done."""
    return "{} {}".format(
        presence_sentence(quorum) + recused_sentence(quorum),
        _(
            "Without a quorum nothing can be decided. Complete the attendance list or "
            "the time of the decision if they are not right; otherwise keep the text as "
            "a draft, record a recommendation, or adjourn the meeting to a second call."
        ),
    )


def recused_sentence(quorum: Quorum) -> str:
    """Return a sentence on the seats that are recused from the item, after a space; nothing if
    there are none."""
    if not quorum.recused:
        return ""
    sentence = ngettext(
        "%(number)s seat is recused from this item and does not count.",
        "%(number)s seats are recused from this item and do not count.",
        quorum.recused,
    )
    return " " + sentence % {"number": quorum.recused}


def _keep_new(
    resolution: Resolution, subjects: Iterable[LinkedThing], *, by: User | None
) -> tuple[Resolution, bool]:
    item = item_of(resolution)
    meeting = lock_meeting(item.meeting)
    refuse_unless_recording(meeting)
    if known := _sent_before(resolution):
        return known, False
    resolution.meeting, resolution.committee = meeting, meeting.committee
    resolution.number = next_number(meeting.committee, meeting.day.year, resolution.kind)
    if not resolution.is_decision:
        resolution.resolved_on = meeting.day
    resolution.clean()
    resolution.save()
    link_things(resolution, subjects)
    item.refresh_from_db(fields=["status"])
    if item.may_take("discuss"):
        item.take("discuss", by=by, on=meeting.day)
    return resolution, True


def _sent_before(resolution: Resolution) -> Resolution | None:
    if resolution.entry_key is None:
        return None
    return item_of(resolution).resolutions.filter(entry_key=resolution.entry_key).first()


def item_of(resolution: Resolution) -> AgendaItem:
    """Return the agenda item of what a meeting resolves."""
    assert resolution.agenda_item is not None  # only what was resolved in writing has none
    return resolution.agenda_item


def meeting_of(decision: Resolution) -> Meeting:
    """Return the meeting of a decision that was drafted in one."""
    assert decision.meeting is not None  # only what was resolved in writing has none
    return decision.meeting


def next_number(committee: Committee, year: int, kind: str) -> str:
    """Return the next number of the committee in the year, such as 2020-02 or 2020-R1.

    The committee's row stays locked until the transaction ends, so that two resolutions recorded
    at once get two numbers. That of one that was removed is not given again.
    """
    Committee.objects.select_for_update().get(pk=committee.pk)
    prefix = f"{year}-" + ("R" if kind == Resolution.Kind.RECOMMENDATION else "")
    of_year = {"committee": committee, "kind": kind, "number__startswith": prefix}
    removed = Resolution.history.filter(history_type="-", **of_year).values_list(
        "number", flat=True
    )
    numbers = [*Resolution.objects.filter(**of_year).values_list("number", flat=True), *removed]
    last = max(
        (int(match[1]) for number in numbers if (match := re.fullmatch(rf"{prefix}(\d+)", number))),
        default=0,
    )
    digits = 1 if kind == Resolution.Kind.RECOMMENDATION else 2
    return f"{prefix}{last + 1:0{digits}}"


# Follow-up


@dataclass(frozen=True)
class AnswerReceipt:
    """The day, channel and evidence of an answer that did not come online."""

    on: date | None = None
    channel: str = Channel.PORTAL
    evidence: str = ""


ANSWERS = frozenset({"accept", "accept_partly", "decline"})
OF_ADDRESSEE = ANSWERS | {"start", "implement"}
ANSWER_PURPOSE = "answer_recommendation"


def asking_for_answer(recommendation: Resolution) -> Asking | None:
    """Return what is asked of the addressee by link; None if it has nothing to do, or if the text is
    reserved: nobody knows who holds the telephone."""
    institution, project = recommendation.addressee, recommendation.committee.project
    if institution is None or not may_be_asked(recommendation):
        return None
    return Asking(
        thing=recommendation,
        project=project,
        institution=institution,
        purpose=ANSWER_PURPOSE,
        page="committees:resolution-link",
        request=gettext_lazy("Please answer this recommendation."),
        what=lambda: str(recommendation),
        due_on=recommendation.due_on,
    )


def may_be_asked(recommendation: Resolution) -> bool:
    """Return whether the addressee can be asked by link: a step of theirs is open, and the link
    may show it."""
    is_open = any(verb in OF_ADDRESSEE for verb in recommendation.open_steps)
    return is_open and is_read_by_link(recommendation)


def is_read_by_link(recommendation: Resolution) -> bool:
    """Return whether a page by link may show it: a recommendation of an item that is not
    reserved."""
    item = recommendation.agenda_item
    return not (recommendation.is_decision or (item and item.is_reserved))


def answer_recommendation(
    recommendation: Resolution,
    verb: str,
    *,
    by: User | None,
    text: str = "",
    received: AnswerReceipt | None = None,
) -> None:
    """The addressee accepts, in part or whole, or declines with a reason."""
    if verb in {"accept_partly", "decline"} and not text.strip():
        raise Refusal(_("Say which part is not accepted, or why it is declined."))
    received = received or AnswerReceipt()
    recommendation.take(
        verb,
        by=by,
        why=text,
        on=received.on,
        answer=text,
        answered_on=received.on or timezone.localdate(),
        answer_channel=received.channel,
        answer_evidence=received.evidence,
    )
