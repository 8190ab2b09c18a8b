"""What a decision brings about: a committee constituted, terms and minutes adopted, plans validated,
amendments recommended. Until the minutes circulate, it can be attached later and taken back. Later it
goes with a decision that holds no more, unless something depends on it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from simple_history.utils import update_change_reason

from accounts.models import User
from committees.agenda.services.agenda import in_languages, link_things
from committees.amendments.services import recommend_amendment
from committees.minutes.services.minutes import adopt_minutes, lock_minutes
from committees.models import (
    ActionPlan,
    Committee,
    Meeting,
    Minutes,
    Resolution,
    Subject,
    WrittenConsultation,
)
from committees.plans.services.lifecycle import validate_plan
from committees.seats.services.terms import take_committee_step
from kernel.formats import day
from kernel.languages import LANGUAGES, working_languages
from kernel.refusal import Refusal
from kernel.removal import Removal
from kernel.text import columns_of
from projects.models import Amendment, Project

Thing = ActionPlan | Amendment | Minutes
STEPS = {ActionPlan: "validate", Amendment: "recommend", Minutes: "adopt"}
TERMS, CLOSES = "terms", "closes"


@dataclass(frozen=True)
class DecisionEffects:
    """The plans that a decision validates, the amendments that it recommends, the minutes that it
    adopts, and what it does to its committee and project."""

    things: tuple[Thing, ...] = ()
    # Under draft terms, to adopt them constitutes the committee.
    adopts_terms: bool = False
    # The end to which it recommends to extend the project: the amendment is drafted with it.
    extends_to: date | None = None
    # The project is closed on its own page, with its own checks; there this is the decision behind it.
    closes_project: bool = False

    @property
    def keys(self) -> list[str]:
        """Return them as they are chosen in a form and kept."""
        others = {TERMS: self.adopts_terms, CLOSES: self.closes_project}
        return [*map(key_of, self.things), *(key for key, is_one in others.items() if is_one)]

    def without(self, others: "DecisionEffects") -> "DecisionEffects":
        return DecisionEffects(
            tuple(thing for thing in self.things if thing not in others.things),
            adopts_terms=self.adopts_terms and not others.adopts_terms,
            extends_to=self.extends_to,
            closes_project=self.closes_project and not others.closes_project,
        )


def key_of(thing: models.Model) -> str:
    return f"{thing._meta.model_name}-{thing.pk}"


def bring_about(decision: Resolution, effects: DecisionEffects, *, by: User | None) -> None:
    for thing in effects.things:
        if isinstance(thing, ActionPlan):
            link_things(decision, [thing])
            validate_plan(thing, decision=decision, by=by)
        elif isinstance(thing, Amendment):
            recommend_amendment(thing, decision=decision, by=by)
        else:
            adopt_minutes(thing, decision=decision, by=by)
    if effects.adopts_terms:
        _adopt_terms(decision, by=by)
    if effects.closes_project:
        _keep_closing(decision, closes=True)
    # Asked in writing, it may have been extended as far meanwhile.
    if effects.extends_to and effects.extends_to > decision.committee.project.current_end:
        extension = _extension(decision, effects.extends_to)
        recommend_amendment(extension, decision=decision, by=by)
        decision.subjects.filter(amendment=extension).update(is_drafted=True)


def effects_of(decision: Resolution) -> DecisionEffects:
    """Return what the decision has brought about and is still so."""
    if not decision.is_adopted:
        return DecisionEffects()
    linked = Amendment.objects.filter(subjects__resolution=decision).order_by("number")
    return DecisionEffects(
        things=(
            *ActionPlan.objects.filter(validated_by=decision).select_related("period", "project"),
            *(each for each in linked if recommends(decision, each)),
            *Minutes.objects.with_related().filter(adopted_by=decision),
        ),
        adopts_terms=decision.committee.terms_adopted_by_id == decision.pk,
        closes_project=decision.closes_project,
    )


def recommends(decision: Resolution, amendment: Amendment) -> bool:
    """Whether it was this decision that recommended the amendment, of those that name it."""
    step = amendment.last_step("recommend", ended_by=["ask_changes"])
    # The step keeps the decision in the language of whoever recorded it; its number has none.
    return bool(step and step.why.endswith(f" {decision.number}"))


def change_effects(decision: Resolution, effects: DecisionEffects, *, by: User | None) -> None:
    """Take back what is no more among the effects, then bring about what is new."""
    before = effects_of(decision)
    take_back_effects(decision, before.without(effects), by=by)
    bring_about(decision, effects.without(before), by=by)


# Taking back


def take_back_effects(decision: Resolution, effects: DecisionEffects, *, by: User | None) -> None:
    """Undo these effects. Raises Refusal with what to do where something depends on one."""
    for thing in effects.things:
        if isinstance(thing, Minutes):
            lock_minutes(thing)
        if reason := _why_kept(thing):
            raise Refusal(reason)
        if isinstance(thing, ActionPlan):
            thing.take_back("validate", by=by, why=str(decision), validated_by=None)
        elif isinstance(thing, Amendment):
            thing.take_back("recommend", by=by, why=str(decision))
        else:
            facts = {"adopted_how": "", "adopted_on": None, "adopted_by": None}
            thing.take_back("adopt", by=by, why=str(decision), **facts)
        if not isinstance(thing, Minutes):
            decision.subjects.filter(**{Subject.field_for(thing): thing}).delete()
    if effects.adopts_terms:
        _take_back_terms(decision, by=by)
    if effects.closes_project:
        _keep_closing(decision, closes=False)


def _keep_closing(decision: Resolution, *, closes: bool) -> None:
    decision.closes_project = closes
    decision.save(update_fields=["closes_project"])


def _why_kept(thing: Thing) -> str:
    """Say why the effect on it is taken back no more, and what to do; nothing if it may be."""
    if isinstance(thing, ActionPlan):
        status, advice = str(ActionPlan.Status.VALIDATED), _("Open a new version of the plan.")
    elif isinstance(thing, Amendment):
        status, advice = str(Amendment.Status.RECOMMENDED), _("Enter another amendment.")
    else:
        status, advice = str(Minutes.Status.ADOPTED), _("Correct them by an erratum.")
    if thing.status == status:
        return ""
    sentence = _("“%(thing)s” is “%(status)s” by now, so the decision keeps its effect. %(advice)s")
    return sentence % {"thing": thing, "status": thing.get_status_display(), "advice": advice}


def loose_effects(decision: Resolution) -> tuple[DecisionEffects, list[str]]:
    """Return the effects on which nothing depends yet, and of each other one a sentence on why it
    stays."""
    found = effects_of(decision)
    kept = {thing: _why_kept(thing) for thing in found.things}
    committee = decision.committee
    founds = found.adopts_terms and constituted(decision, committee)
    terms_kept = _why_constituted(committee) if founds else ""
    closed = _("The project was closed by it, and the record of that keeps it.")
    closed = closed if decision.pk and decision.closings.exists() else ""
    loose = DecisionEffects(
        tuple(thing for thing, reason in kept.items() if not reason),
        adopts_terms=found.adopts_terms and not terms_kept,
        closes_project=found.closes_project and not closed,
    )
    return loose, [reason for reason in (*kept.values(), terms_kept, closed) if reason]


def undo_effects(
    decision: Resolution,
    effects: DecisionEffects,
    *,
    by: User | None,
    passed: Collection[Thing] = (),
) -> None:
    """Take back these effects of a decision that holds no more, with the drafts that are its own.
    `passed`: what the decision in its place brings about now."""
    drafts = [each for each in own_drafts(decision, effects) if each not in passed]
    take_back_effects(decision, effects, by=by)
    for draft in drafts:
        draft.delete()


def returned_effects(earlier: Resolution, freed: DecisionEffects) -> DecisionEffects:
    """Return what a decision that was replaced can bring about again, of what it lost then. `freed`: what is
    taken back with the decision in its place."""
    keys, committee = earlier.effects_before or [], earlier.committee
    project = committee.project
    things: list[Thing] = [
        *project.plans.select_related("period", "project"),
        *project.amendments.all(),
        *Minutes.objects.with_related().filter(meeting__committee=committee),
    ]
    return DecisionEffects(
        tuple(
            thing
            for thing in things
            if key_of(thing) in keys
            and (thing in freed.things or thing.may_take(STEPS[type(thing)]))
        ),
        adopts_terms=TERMS in keys and (freed.adopts_terms or not committee.terms_adopted_by_id),
        closes_project=CLOSES in keys and not project.is_closed,
    )


# The committee


def _adopt_terms(decision: Resolution, *, by: User | None) -> None:
    committee = Committee.objects.select_for_update().get(pk=decision.committee_id)
    if committee.status == Committee.Status.DRAFT:
        on = decision.resolved_on
        assert on is not None  # it was adopted
        take_committee_step(committee, "constitute", by=by, on=on, why="", decision=decision)
    elif committee.terms_adopted_by_id is None:  # a vote in writing may come after a meeting
        _keep_terms(committee, decision)
    decision.committee = committee


def _keep_terms(committee: Committee, decision: Resolution | None) -> None:
    committee.terms_adopted_by = decision
    committee.save(update_fields=["terms_adopted_by"])


def _take_back_terms(decision: Resolution, *, by: User | None) -> None:
    committee = Committee.objects.select_for_update().get(pk=decision.committee_id)
    if not constituted(decision, committee):
        _keep_terms(committee, None)
    elif reason := _why_constituted(committee):
        raise Refusal(reason)
    else:
        committee.take_back("constitute", by=by, why=str(decision), terms_adopted_by=None)
    decision.committee = committee


def constituted(decision: Resolution, committee: Committee) -> bool:
    """Whether it was by this decision that the committee was constituted: after it was adopted."""
    if committee.terms_adopted_by_id != decision.pk or committee.status == Committee.Status.DRAFT:
        return False
    step = committee.status_changes.filter(verb="constitute").order_by("pk").last()
    adopted = decision.status_changes.filter(verb__in=["adopt", "ratify"]).order_by("pk").last()
    return bool(step and (adopted is None or step.pk > adopted.pk))


def _why_constituted(committee: Committee) -> str:
    """Say what depends on the committee being constituted; nothing if nothing does."""
    if committee.status != Committee.Status.ACTIVE:
        return _("The committee is “%(status)s” by now, so its constitution stays.") % {
            "status": committee.get_status_display()
        }
    later = committee.resolutions.decisions().adopted().exclude(meeting__is_constitutive=True)
    asked = committee.consultations.exclude(status=WrittenConsultation.Status.DRAFT)
    met = committee.meetings.filter(is_constitutive=False)
    met = met.exclude(status__in=[Meeting.Status.PLANNED, Meeting.Status.CANCELLED])
    since = later.first() or asked.first() or met.exclude(recorded_afterwards=True).first()
    if since is None:
        return ""
    return _(
        "The committee has worked since then (%(thing)s), so it remains constituted. To name another "
        "decision, change it under “Edit the terms of reference”."
    ) % {"thing": since}


# An extension


def _extension(decision: Resolution, end: date) -> Amendment:
    """Draft the amendment that extends the project, with the words of the decision as its reason."""
    project = Project.objects.select_for_update().get(pk=decision.committee.project_id)
    last = project.amendments.aggregate(last=models.Max("number"))["last"] or 0
    amendment = Amendment(
        project=project,
        number=last + 1,
        kind=Amendment.Kind.EXTENSION,
        end_before=project.current_end,
        end_after=end,
    )
    titles = in_languages(lambda: _("Extension until %(day)s") % {"day": day(end)})
    # Others than the readers of a reserved item read the amendment.
    item = decision.agenda_item
    reasons = (
        titles
        if item and item.is_reserved
        else {each: getattr(decision, f"text_{each}") for each in LANGUAGES}
    )
    for language in working_languages():
        setattr(amendment, f"title_{language}", titles[language])
    for language, reason in reasons.items():
        setattr(amendment, f"reason_{language}", Truncator(reason).chars(2000))
    amendment.note_translations(columns_of("title", "reason"))
    amendment.full_clean()
    amendment.save()
    # Its history says with which decision it was drafted.
    update_change_reason(amendment, str(decision))
    return amendment


# What a draft may consist of, by the names of the tables, to go with its decision.
DRAFT_FRAME = frozenset({"projects.Amendment", "committees.Subject", "kernel.StatusChange"})


def own_drafts(decision: Resolution, effects: DecisionEffects) -> list[Amendment]:
    """Return the amendments among the effects that were drafted with the decision, and that nobody has
    edited, submitted or referred to since."""
    amendments = [thing for thing in effects.things if isinstance(thing, Amendment)]
    return [each for each in amendments if _is_own_draft(decision, each)]


def _is_own_draft(decision: Resolution, amendment: Amendment) -> bool:
    if not decision.subjects.filter(amendment=amendment, is_drafted=True).exists():
        return False
    first = amendment.history.order_by("history_id").first()
    columns = [each.attname for each in Amendment._meta.concrete_fields if each.name != "status"]
    if any(getattr(first, name) != getattr(amendment, name) for name in columns):
        return False
    taken = set(amendment.status_changes.values_list("verb", flat=True))
    removal = Removal()
    removal.take(Amendment, [amendment.pk])
    return (
        taken <= {"recommend", "undo_recommend"}
        and {model._meta.label for model in removal.counts} <= DRAFT_FRAME
        and not removal.emptied
        and not amendment.subjects.exclude(resolution=decision).exists()
    )
