"""Puts a donor's extension into effect: everything that moves is shown first, then applied as
shown.

`projects.amendments.services.extension` moves what belongs to the project. This module adds the
dates of actions in execution, and lists what does not move by itself.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from committees.agenda.services.agenda import link_things
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    Committee,
    Resolution,
    SeatTerm,
    Shift,
)
from committees.plans.services.shifts import written
from kernel.formats import day
from kernel.refusal import Refusal
from kernel.text import LANGUAGES
from projects.amendments.periods import ADD
from projects.amendments.services.amendments import take_effect
from projects.amendments.services.extension import (
    MOVE as MOVE_TARGETS,
    ExtensionGroup,
    ExtensionItem,
    PeriodsItem,
    TargetsItem,
    apply_extension,
    extension_items,
)
from projects.models import Amendment, Participation, Project
from projects.models.amendment import AMENDMENT_MOVE

SHIFT = "shift"


@dataclass(frozen=True, kw_only=True)
class ActionEndItem(ExtensionItem):
    """An unfinished action of a plan in execution that ends with the project."""

    terms: ActionTerms
    end_after: date

    def describe(self, way: str = "") -> str:
        return _("Action %(action)s ends on %(after)s instead of %(before)s.") % {
            "action": self.terms,
            "after": day(self.end_after),
            "before": day(self.terms.ends_on),
        }


@dataclass(frozen=True, kw_only=True)
class WatchItem(ExtensionItem):
    """Something that the extension touches and that somebody has to see to."""

    group: ExtensionGroup = ExtensionGroup.WATCH
    sentence: Callable[[], str]

    def describe(self, way: str = "") -> str:
        return self.sentence()


@dataclass(frozen=True)
class ExtensionChoice:
    """The way of each item that is to move, by key; and why others are left as they are."""

    ways: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExtensionPreview:
    items: Sequence[ExtensionItem]

    def groups(self) -> list[tuple[str, list[ExtensionItem]]]:
        found = [
            (group, [item for item in self.items if item.group == group])
            for group in ExtensionGroup
        ]
        return [(str(group.label), items) for group, items in found if items]

    @property
    def fingerprint(self) -> str:
        """The hash of all that is shown: it proves that what is confirmed was seen."""
        with translation.override("en"):
            shown = [
                f"{item.key}|{way}|{item.describe(way)}"
                for item in self.items
                for way in (item.ways or [""])
            ]
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]

    def by_default(self) -> ExtensionChoice:
        """Return the choice of every move as it is proposed."""
        return ExtensionChoice({item.key: item.default for item in self.items if item.ways})


def preview_of(amendment: Amendment) -> ExtensionPreview:
    """Return all that an extension moves or touches; nothing for other amendments."""
    end = amendment.end_after
    if amendment.kind != Amendment.Kind.EXTENSION or end is None:
        return ExtensionPreview([])
    if end <= amendment.project.current_end:
        return ExtensionPreview([])
    return ExtensionPreview(
        [
            *extension_items(amendment),
            *_windows(amendment, end),
            *_plans_in_preparation(amendment),
            *_agreements(amendment, end),
            *_committee_duty(amendment, end),
        ]
    )


@transaction.atomic
def recommend_amendment(amendment: Amendment, *, decision: Resolution, by: User | None) -> None:
    """The committee's decision recommends an amendment to the donor, who alone approves it."""
    decision.refresh_from_db(fields=["status"])
    if not decision.is_in_force or decision.committee.project_id != amendment.project_id:
        raise Refusal(
            _("Only an adopted decision of the project's own committee can recommend an amendment.")
        )
    link_things(decision, [amendment])
    amendment.take("recommend", by=by, on=decision.resolved_on, why=str(decision))


@transaction.atomic
def put_into_effect(
    amendment: Amendment,
    *,
    by: User | None,
    on: date | None = None,
    chosen: ExtensionChoice | None = None,
    seen: str = "",
) -> None:
    """Put what the donor approved into effect and move what was chosen, or nothing at all.

    `chosen`: without it, everything moves as it is proposed. `seen`: the fingerprint of the
    preview that the person confirmed. Raises Refusal where it is not what it would be now,
    TransitionError where the donor did not approve, or somebody was quicker.
    """
    held = Amendment.objects.select_for_update().get(pk=amendment.pk)
    held.project = Project.objects.select_for_update().get(pk=held.project_id)
    if not held.may_take("take_effect"):
        held.take("take_effect", by=by)  # says why not
    preview = preview_of(held)
    if seen and seen != preview.fingerprint:
        raise Refusal(
            _("Something has changed since you looked: check again what moves, then confirm.")
        )
    chosen = chosen or preview.by_default()
    take_effect(amendment, by=by, on=on, moves=_moves_to_keep(preview, chosen))
    held.project.refresh_from_db()
    apply_extension(held, preview.items, chosen.ways, by=by)
    _shift_windows(held, preview, chosen, by)


def _moves_to_keep(preview: ExtensionPreview, chosen: ExtensionChoice) -> list[dict]:
    """Return what the amendment keeps: the moves in three languages, and the reasons for those
    left out."""
    kept = []
    for item in preview.items:
        if item.group == ExtensionGroup.WATCH:
            continue
        sentences = {}
        for language in LANGUAGES:
            with translation.override(language):
                sentences[language] = item.describe(chosen.ways.get(item.key, ""))
        row = {"key": item.key, "way": chosen.ways.get(item.key, ""), "said": sentences}
        if item.is_optional and item.key not in chosen.ways:
            row["why"] = chosen.reasons.get(item.key, "") or "–"
        kept.append(AMENDMENT_MOVE.numbered(row))
    return kept


def targets_without_periods(preview: ExtensionPreview, ways: Mapping[str, str]) -> set[str]:
    """Return the keys of target items that would move to periods which are not added."""
    adds = {
        item.last.pk
        for item in preview.items
        if isinstance(item, PeriodsItem) and ways.get(item.key) == ADD
    }
    return {
        item.key
        for item in preview.items
        if isinstance(item, TargetsItem)
        and ways.get(item.key) == MOVE_TARGETS
        and item.period.pk not in adds
    }


# Plans


def _windows(amendment: Amendment, end: date) -> Iterator[ActionEndItem]:
    terms = ActionTerms.objects.filter(
        plan__project=amendment.project_id,
        plan__status=ActionPlan.Status.IN_EXECUTION,
        action__status__in=Action.UNFINISHED,
        ends_on=amendment.project.current_end,
    )
    for each in terms.select_related("action", "plan").order_by("plan__period__start", "pk"):
        yield ActionEndItem(
            key=f"window-{each.pk}",
            group=ExtensionGroup.PLAN,
            ways=(SHIFT,),
            default=SHIFT,
            is_optional=True,
            url=each.action.get_absolute_url(),
            terms=each,
            end_after=end,
        )


def _shift_windows(
    amendment: Amendment, preview: ExtensionPreview, chosen: ExtensionChoice, by: User | None
) -> None:
    """Move them even beyond the committee's tolerance, since the committee recommended it and the donor
    approved: later shifts are measured from the end that it sets."""
    windows = [
        item
        for item in preview.items
        if isinstance(item, ActionEndItem) and item.key in chosen.ways
    ]
    plans = {item.terms.plan_id for item in windows}
    list(ActionPlan.objects.select_for_update().filter(pk__in=plans).order_by("pk"))
    for item in windows:
        terms = ActionTerms.objects.get(pk=item.terms.pk)
        before, terms.ends_on = terms.ends_on, item.end_after
        terms.save(update_fields=["ends_on"])
        Shift.objects.create(
            terms=terms,
            field=Shift.Field.ENDS_ON,
            before=written(before),
            after=written(item.end_after),
            reason=f"{amendment}: {amendment.title}",
            amendment=amendment,
            by=by,
        )


def _plans_in_preparation(amendment: Amendment) -> Iterator[WatchItem]:
    """Find plans that are not in execution yet and count on the old end."""
    others = ActionPlan.OPEN_TERMS | ActionPlan.STARTABLE | {ActionPlan.Status.PRESENTED}
    plans = ActionPlan.objects.filter(
        project=amendment.project_id,
        status__in=others,
        terms__ends_on=amendment.project.current_end,
    )
    for plan in plans.with_related().distinct():
        yield WatchItem(
            key=f"plan-{plan.pk}",
            sentence=partial(_plan_ends_with_project, plan),
            url=plan.get_absolute_url(),
        )


def _plan_ends_with_project(plan: ActionPlan) -> str:
    return _("“%(plan)s” has actions that end with the project: move them in the plan itself.") % {
        "plan": plan
    }


# What does not move by itself


def _agreements(amendment: Amendment, end: date) -> Iterator[WatchItem]:
    ending = amendment.project.participations.filter(agreement__ends_on__lt=end)
    for part in ending.with_institutions().select_related("agreement"):
        yield WatchItem(
            key=f"agreement-{part.pk}",
            sentence=partial(_agreement_ends_before, part),
            url=part.institution.get_absolute_url(),
        )


def _agreement_ends_before(part: Participation) -> str:
    assert part.agreement is not None  # the query asks for the end of one
    return _("%(agreement)s with %(institution)s ends on %(day)s, before the new end.") % {
        "agreement": part.agreement,
        "institution": part.institution.short_name,
        "day": day(part.agreement.ends_on),
    }


def _committee_duty(amendment: Amendment, new_end: date) -> Iterator[WatchItem]:
    committee = Committee.objects.filter(project=amendment.project_id).first()
    if committee is None or committee.status == Committee.Status.DISSOLVED:
        return
    a_year = committee.meetings_per_year
    if a_year:
        yield WatchItem(
            key="committee",
            sentence=lambda: (
                ngettext(
                    "The committee meets at least %(count)d time a year: plan its meetings "
                    "until %(day)s.",
                    "The committee meets at least %(count)d times a year: plan its meetings "
                    "until %(day)s.",
                    a_year,
                )
                % {"count": a_year, "day": day(new_end)}
            ),
            url=committee.get_absolute_url(),
        )
    terms = SeatTerm.objects.current().filter(seat__committee=committee, until__lt=new_end)
    if count := terms.count():
        yield WatchItem(
            key="seats",
            sentence=lambda: (
                ngettext(
                    "%(count)d term of office in the committee ends before %(day)s.",
                    "%(count)d terms of office in the committee end before %(day)s.",
                    count,
                )
                % {"count": count, "day": day(new_end)}
            ),
            url=committee.get_absolute_url(),
        )
