"""Reads what the pages of a plan show of it, in few statements of few columns, however many actions
there are: its actions, the institutions that are asked, and their answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from accounts.models import User
from committees.models import ActionPlan, ActionTerms, ProposedChange, Shift
from committees.models.plan import reviewer_keys_in
from committees.permissions.plans import AnswersRead, answers_read, answers_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from committees.plans.services.answers_reading import AnswersAsked
from kernel.lifecycle import StatusChange
from kernel.prepared import Question, prepared
from kernel.related import share
from kernel.text import columns_of
from kernel.together import ask_together
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.models import Result
from projects.permissions.roles import Role, roles_of

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
    "action__entered_on",
)


# What the page tells of the donor's answer.
DONOR_STEPS = ("submit_to_donor", "request_changes", "request_changes_under_way")


@dataclass
class PlanReading:
    """A plan as its pages show it to one reader. Who sees which of the positions is for
    `permissions` to say."""

    plan: ActionPlan
    terms: list[ActionTerms]
    # The institutions whose position is asked.
    reviewers: list[Institution]
    # The positions; the remarks and proposals as well, if the page shows them.
    answers: AnswersAsked
    sees_decision: bool
    # The last of the steps that `donor_facts` tells of.
    donor_step: StatusChange | None
    # The keys of the terms of which dates or amounts were shifted.
    shifted: set[int]
    institutions: dict[int, Institution]
    # The number of open proposals that the reader may read.
    open_proposals: int


@prepared
def plan_by_key(pk: int) -> QuerySet[ActionPlan]:
    return ActionPlan.objects.filter(pk=pk).for_page()


def plan_for_page(pk: int) -> ActionPlan | None:
    """Return the plan as `ActionPlanQuerySet.for_page` reads it."""
    return next(iter(plan_by_key(pk)), None)


def read_plan(
    user: User,
    plan: ActionPlan,
    *further: Question[Any],
    with_terms: bool = True,
    to_compare: bool = False,
    reads: AnswersRead | None = None,
) -> PlanReading:
    """Read the plan, which was read `for_page`, in one statement and one for the names.

    `to_compare` reads all of each action, if there is a version before with which to compare it.
    `reads` reads remarks and proposals as well. `further` questions of the page are asked with them.
    """
    is_compared = to_compare and plan.version > 1
    actions = TermsAsked(plan) if with_terms and not is_compared else None
    answers, reviewers = AnswersAsked(plan, reads), reviewer_keys_in.question(plan.project_id)
    decision, step = decision_asked(user, plan), donor_step_asked(plan)
    shifted = _shifted.question(plan.pk)
    proposed = [_open_proposals.question(plan.pk, *answers_read(user, plan))]
    proposed = proposed if plan.has_proposals else []
    ask_together(
        *(*answers.questions, reviewers, *(actions.questions if actions else ()), *further),
        *(decision, step, shifted, *proposed),
    )
    asked = {pk for (pk,) in reviewers.rows}
    keys = answers.complete() | asked | (actions.complete() if actions else set())
    institutions = named_institutions(keys)
    answers.name(institutions)
    terms = actions.named(institutions) if actions else []
    return PlanReading(
        plan=plan,
        terms=list(plan.terms.with_related()) if is_compared else terms,
        reviewers=in_order(institutions[key] for key in asked),
        answers=answers,
        sees_decision=bool(decision.rows),
        donor_step=next(iter(step.rows), None),
        shifted={pk for (pk,) in shifted.rows},
        institutions=institutions,
        open_proposals=sum(len(question.rows) for question in proposed),
    )


def terms_shown(plan: ActionPlan) -> list[ActionTerms]:
    """Return the plan's actions with their results and institutions, by their references.

    Other columns, such as those of the activity, cost a statement each where they are asked for;
    documents and comparisons read `with_related`.
    """
    asked = TermsAsked(plan)
    ask_together(*asked.questions)
    return asked.named(named_institutions(asked.complete()))


def in_order(institutions: Iterable[Institution]) -> list[Institution]:
    """Return the institutions in the order of their lists."""
    return sorted(institutions, key=lambda one: (one.kind, *shown_place(one), one.pk))


class TermsAsked:
    """Asks for the actions of a plan, their results and the institutions that support them."""

    def __init__(self, plan: ActionPlan) -> None:
        self.plan = plan
        self._terms, self._pairs = _terms_of.question(plan.pk), _pairs.question(plan.pk)
        self._results = _results.question(plan.pk)
        self.questions: tuple[Question[Any], ...] = (self._terms, self._pairs, self._results)

    def complete(self) -> set[int]:
        """Put together what was asked, and return the keys of the institutions that it names."""
        share(self._terms.rows, "plan", {self.plan.pk: self.plan})
        share(self._terms.rows, "result", {one.pk: one for one in self._results.rows})
        responsible = {one.responsible_id for one in self._terms.rows}
        return responsible.union(institution for _terms, institution in self._pairs.rows)

    def named(self, institutions: dict[int, Institution]) -> list[ActionTerms]:
        """Return the actions with their institutions."""
        supporting: dict[int, list[Institution]] = defaultdict(list)
        for terms, institution in self._pairs.rows:
            supporting[terms].append(institutions[institution])
        share(self._terms.rows, "responsible", institutions)
        for one in self._terms.rows:
            helping = supporting.get(one.pk)
            one.supported_by = in_order(helping) if helping else []
        return self._terms.rows


@prepared
def _terms_of(plan: int) -> QuerySet[ActionTerms]:
    rows = ActionTerms.objects.filter(plan=plan).select_related("action").only(*COLUMNS)
    return rows.order_by("action__reference")


@prepared
def _pairs(plan: int) -> QuerySet[Any, tuple[int, int]]:
    pairs = ActionTerms.supporting.through.objects.filter(actionterms__plan=plan)
    return pairs.values_list("actionterms", "institution")


@prepared
def _results(plan: int) -> QuerySet[Result]:
    served = ActionTerms.objects.filter(plan=plan).values("result")
    return Result.objects.filter(pk__in=served).only("code", *columns_of("statement")).order_by()


@prepared
def _shifted(plan: int) -> QuerySet[Shift, tuple[int]]:
    return Shift.objects.filter(terms__plan=plan).order_by().values_list("terms").distinct()


@prepared
def _open_proposals(
    plan: int, all_of_them: bool, audiences: frozenset[str], own: list[int]
) -> QuerySet[ProposedChange, tuple[int]]:
    proposals = ProposedChange.objects.filter(plan=plan).open()
    return answers_seen(proposals, all_of_them, audiences, own).order_by().values_list("pk")


def decision_asked(user: User, plan: ActionPlan) -> Question[Any]:
    """Return the question whether the reader sees the decision that validated the plan."""
    project = plan.project
    roles = roles_of(user, project)
    left = resolutions_left(user, [project], roles) if plan.validated_by_id else ([], [])
    audiences = audiences_of(user, project) if plan.validated_by_id else frozenset()
    return _decision.question(plan.validated_by_id or 0, [project.pk], roles, audiences, *left)


@prepared
def _decision(
    decision: int,
    projects: list[int],
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> QuerySet[Any, tuple[int]]:
    seen = resolutions_seen(projects, roles, audiences, left, left_unless_adopted)
    return seen.filter(pk=decision).order_by().values_list("pk")


def donor_step_asked(plan: ActionPlan) -> Question[StatusChange]:
    kind = ContentType.objects.get_for_model(ActionPlan)
    return _donor_steps.question(kind.pk, plan.pk)


@prepared
def _donor_steps(kind: int, plan: int) -> QuerySet[StatusChange]:
    steps = StatusChange.objects.filter(content_type=kind, object_id=plan, verb__in=DONOR_STEPS)
    return steps.only("verb", "happened_on", "why").order_by("-pk")[:1]
