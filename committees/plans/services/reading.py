"""Reads what the pages of a plan show of it, in few statements of few columns, however many actions
there are: its actions, the institutions that are asked, and their answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from committees.models import ActionPlan, ActionTerms, Position, Silence
from kernel.prepared import prepared
from kernel.related import share
from kernel.text import columns_of
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.models import Result

COLUMNS = (
    "plan",
    "result",
    "responsible",
    "starts_on",
    "ends_on",
    "budget",
    "position",
    *columns_of("title", "deliverable"),
    "action__reference",
    "action__status",
    "action__share_done",
)


@dataclass
class PlanReading:
    """A plan as its pages show it. Who may see which of the answers is for `permissions` to say."""

    plan: ActionPlan
    terms: list[ActionTerms]
    # The institutions whose position is asked.
    reviewers: list[Institution]
    positions: list[Position]
    silences: list[Silence]


@prepared
def _plan(pk: int) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(pk=pk).for_page()


def plan_for_page(pk: int) -> ActionPlan | None:
    """Return the plan as `ActionPlanQuerySet.for_page` reads it."""
    return next(iter(_plan(pk)), None)


def read_plan(
    plan: ActionPlan, *, with_terms: bool = True, to_compare: bool = False
) -> PlanReading:
    """Read the plan, which was read `for_page`. Whatever names an institution shares its names.

    `to_compare` reads all of each action, if there is a version before with which to compare it.
    """
    is_compared = to_compare and plan.version > 1
    terms = _terms(plan) if with_terms and not is_compared else []
    supporting = _supporting(plan) if terms else {}
    reviewers = plan.reviewer_keys
    positions, silences = _positions(plan), _silences(plan)
    answers: list[Position | Silence] = [*positions, *silences]
    keys = {one.institution_id for one in answers}
    keys |= reviewers.union((one.responsible_id for one in terms), *supporting.values())
    institutions = named_institutions(keys)
    share(answers, "institution", institutions)
    _complete(terms, supporting, institutions)
    if is_compared:
        terms = list(plan.terms.with_related())
    asked = in_order(institutions[key] for key in reviewers)
    return PlanReading(plan, terms, asked, positions, silences)


def terms_shown(plan: ActionPlan) -> list[ActionTerms]:
    """Return the plan's actions with their results and institutions, by their references.

    Other columns, such as those of the activity, cost a statement each where they are asked for;
    documents and comparisons read `with_related`.
    """
    terms, supporting = _terms(plan), _supporting(plan)
    keys = {one.responsible_id for one in terms}.union(*supporting.values())
    return _complete(terms, supporting, named_institutions(keys))


def in_order(institutions: Iterable[Institution]) -> list[Institution]:
    """Return the institutions in the order of their lists."""
    return sorted(institutions, key=lambda one: (one.kind, *shown_place(one), one.pk))


def _terms(plan: ActionPlan) -> list[ActionTerms]:
    terms = _terms_of(plan.pk)
    share(terms, "plan", {plan.pk: plan})
    return terms


@prepared
def _terms_of(plan: int) -> QuerySet[ActionTerms]:
    rows = ActionTerms.objects.filter(plan=plan).select_related("action").only(*COLUMNS)
    return rows.order_by("action__reference")


@prepared
def _pairs(plan: int) -> QuerySet[Any, tuple[int, int]]:
    pairs = ActionTerms.supporting.through.objects.filter(actionterms__plan=plan)
    return pairs.values_list("actionterms", "institution")


@prepared
def _results(keys: list[int]) -> QuerySet[Result]:
    return Result.objects.filter(pk__in=keys).only("code", *columns_of("statement")).order_by()


def _positions(plan: ActionPlan) -> list[Position]:
    if not plan.has_positions:
        return []
    return list(plan.positions.select_related("by").order_by("pk"))


def _silences(plan: ActionPlan) -> list[Silence]:
    return list(plan.silences.all()) if plan.has_silences else []


def _supporting(plan: ActionPlan) -> dict[int, list[int]]:
    """Return the keys of the supporting institutions by those of the terms."""
    found: dict[int, list[int]] = defaultdict(list)
    for terms, institution in _pairs(plan.pk):
        found[terms].append(institution)
    return found


def _complete(
    terms: list[ActionTerms], supporting: dict[int, list[int]], institutions: dict[int, Institution]
) -> list[ActionTerms]:
    keys = sorted({one.result_id for one in terms if one.result_id})
    results = {one.pk: one for one in (_results(keys) if keys else ())}
    share(terms, "responsible", institutions)
    share(terms, "result", results)
    for one in terms:
        helping = supporting.get(one.pk, ())
        one.supported_by = in_order(institutions[key] for key in helping) if helping else []
    return terms
