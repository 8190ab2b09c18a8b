"""Corrects what was resolved, removes it, or records what became of it.

Until the minutes of its meeting circulate, a resolution is corrected in all that was recorded, or
removed with a reason. After that a decision is replaced or withdrawn, and its state is printed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from accounts.models import User
from committees.agenda.services.agenda import lock_meeting, save_columns
from committees.history import CORRECT, REMOVE
from committees.meetings.services.attendance import refuse_unless_recording
from committees.models import AgendaItem, Committee, Resolution
from committees.resolutions.effects import (
    DecisionEffects,
    bring_about,
    change_effects,
    effects_of,
    loose_effects,
    returned_effects,
    undo_effects,
)
from committees.resolutions.services import (
    NoQuorum,
    Vote,
    meeting_of,
    moment_now,
    no_quorum_sentence,
    quorum_facts,
    quorum_of,
)
from kernel.formats import MISSING, clock, day
from kernel.lifecycle import StatusChange
from kernel.refusal import Refusal

WORDS = ("text", "addressee", "due_on")


@transaction.atomic
def change_text(resolution: Resolution) -> None:
    """Correct the words, the addressee and the due day of what was resolved between meetings; a text
    that seats answered in writing keeps its words: they agreed to these."""
    names = WORDS if resolution.is_provisional else WORDS[1:]
    resolution.clean()
    save_columns(resolution, *names)


@dataclass(frozen=True)
class Correction:
    """Where, when and by which votes it was resolved; `vote` and `effects` of a decision that was put
    to a vote."""

    item: AgendaItem
    moment: datetime | None
    vote: Vote | None = None
    effects: DecisionEffects | None = None


@transaction.atomic
def correct_resolution(resolution: Resolution, correction: Correction, *, by: User) -> None:
    """Write what was recorded anew, with the words that the resolution has now. Effects that it has
    no more are taken back, new ones brought about."""
    stored = _held(resolution)
    resolution.agenda_item = correction.item
    facts = _facts_of(resolution, stored, correction)
    for name, value in facts.items():
        setattr(resolution, name, value)
    resolution.clean()
    if facts:
        _refuse_other_outcome(resolution)
    save_columns(resolution, *WORDS, "agenda_item", *facts)
    _note(resolution, CORRECT, by=by, why=_as_it_was(stored, resolution))
    if correction.item.may_take("discuss"):
        correction.item.take("discuss", by=by, on=resolution.resolved_on)
    if correction.effects is not None and resolution.is_adopted:
        change_effects(resolution, correction.effects, by=by)


def _held(resolution: Resolution) -> Resolution:
    """Lock its meeting, whose records must be open, and return the resolution as it is stored."""
    refuse_unless_recording(lock_meeting(meeting_of(resolution)))
    if stored := Resolution.objects.with_related().filter(pk=resolution.pk).first():
        return stored
    raise Refusal(_("%(resolution)s was removed meanwhile.") % {"resolution": resolution})


def _facts_of(
    resolution: Resolution, stored: Resolution, correction: Correction
) -> dict[str, object]:
    """Return the vote and the quorum of the moment, if anything of it is corrected: what is left as
    it was keeps the quorum that was recorded. A draft has neither."""
    vote = correction.vote or Vote(rule="")
    now = vars(vote) | {"agenda_item": correction.item, "resolved_at": correction.moment}
    is_as_it_was = all(getattr(stored, name) == value for name, value in now.items())
    if is_as_it_was or (resolution.is_decision and correction.vote is None):
        return {}
    meeting = meeting_of(resolution)
    moment = correction.moment or moment_now(meeting)
    quorum = quorum_of(meeting, moment, correction.item)
    if resolution.is_decision and quorum is not None and not quorum.is_reached:
        raise NoQuorum(no_quorum_sentence(quorum))
    if resolution.is_adopted:
        resolution.refuse_without_minima(meeting, moment, correction.item)
    return vars(vote) | quorum_facts(quorum) | {"resolved_at": moment}


def _refuse_other_outcome(resolution: Resolution) -> None:
    votes_against_outcome = (resolution.is_adopted and not resolution.votes_carry) or (
        resolution.was_voted_down and resolution.votes_carry
    )
    if resolution.is_decision and votes_against_outcome:
        raise Refusal(
            _(
                "With these votes the outcome is another one: check them, or remove the decision and "
                "record it anew."
            )
        )


def _as_it_was(before: Resolution, after: Resolution) -> str:
    """Say what was corrected, and what was recorded before. The words of a reserved item stay out:
    others may read the decision where it is now, or later."""
    text, place = before.text, str(before.agenda_item)
    if before.agenda_item and before.agenda_item.is_reserved:
        text, place = MISSING, _("It was recorded on a reserved item.")
    parts = [
        (_("Text"), text, before.text != after.text),
        (_("Adopted"), before.how, before.how != after.how),
        (
            _("Time"),
            clock(before.resolved_at, meeting_of(before).zone),
            before.resolved_at != after.resolved_at,
        ),
        (_("Agenda item"), place, before.agenda_item != after.agenda_item),
        (_("Responsible"), str(before.addressee or ""), before.addressee != after.addressee),
        (_("Due"), day(before.due_on), before.due_on != after.due_on),
    ]
    colon = pgettext("between a label and its value", ":")
    told = [f"{label}{colon} {was or MISSING}" for label, was, is_other in parts if is_other]
    return " · ".join(told) or _("What it brings about")


def _note(resolution: Resolution, verb: str, *, by: User, why: str, to: str = "") -> None:
    StatusChange.objects.create(
        content_type=ContentType.objects.get_for_model(Resolution),
        object_id=resolution.pk,
        verb=verb,
        from_status=resolution.status,
        to_status=to or resolution.status,
        by=by,
        happened_on=timezone.localdate(),
        why=why,
    )


# Removing


@transaction.atomic
def remove_resolution(resolution: Resolution, *, by: User, why: str) -> None:
    """Remove what was recorded by mistake, with what it brought about. Its number, words, author and
    reason stay in the history of the meeting; what was agreed by telephone is provisional again. What it
    had replaced holds again, with its effects."""
    resolution = _held(resolution)
    if resolution.answered_on:
        raise Refusal(
            _("%(resolution)s has been answered, so it stays: correct it instead.")
            % {"resolution": resolution}
        )
    undo_effects(resolution, effects_of(resolution), by=by)
    for earlier in resolution.superseded.all():
        again = returned_effects(earlier, DecisionEffects())
        facts = {"superseded_by": None, "effects_before": None}
        earlier.take_back("supersede", by=by, why=str(resolution), **facts)
        bring_about(earlier, again, by=by)
    if resolution.was_ratified:
        nowhere = dict.fromkeys(["meeting", "agenda_item", "resolved_on", "resolved_at"])
        resolution.take_back("ratify", by=by, why=why, **nowhere)
        return
    told = _("“%(text)s” %(why)s") % {"text": resolution.text, "why": why}
    _note(resolution, REMOVE, by=by, why=told, to=REMOVE)
    resolution.delete()


# What became of it


@transaction.atomic
def supersede(
    decision: Resolution,
    *,
    by: User,
    why: str,
    successor: Resolution,
    effects: DecisionEffects | None = None,
) -> None:
    """Record that another decision of the committee takes its place, and brings about these `effects`
    instead. The others are taken back, except those on which something depends."""
    committee = Committee.objects.select_for_update().get(pk=decision.committee_id)
    others = committee.resolutions.in_force().exclude(pk=decision.pk)
    if not others.filter(pk=successor.pk).exists():
        raise Refusal(_("Choose another decision of the same committee."))
    loose, _kept = loose_effects(decision)
    passed = loose.without(loose.without(effects or DecisionEffects()))
    facts = {"superseded_by": successor, "effects_before": loose.keys}
    decision.take("supersede", by=by, why=why, **facts)
    undo_effects(decision, loose, by=by, passed=passed.things)
    bring_about(successor, passed, by=by)


@transaction.atomic
def withdraw(decision: Resolution, *, by: User, why: str) -> None:
    Committee.objects.select_for_update().get(pk=decision.committee_id)
    loose, _kept = loose_effects(decision)
    decision.take("withdraw", by=by, why=why, withdrawn_on=timezone.localdate())
    undo_effects(decision, loose, by=by)
