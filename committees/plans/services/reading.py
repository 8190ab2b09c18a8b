"""Reads what the pages of a plan show of it, in few statements however many actions there are: its
actions, the institutions that are asked, and their answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from committees.models import (
    ActionPlan,
    ActionTerms,
    Position,
    ProposedChange,
    Remark,
    Reply,
    Shift,
    Silence,
)
from committees.permissions.plans import AnswersRead, answers_read, answers_seen
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from committees.plans.services.proposals import named_in
from kernel.lifecycle import StatusChange, that_hold
from kernel.text import columns_of
from partners.models import Institution
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.models import Result
from projects.permissions.roles import roles_of


@dataclass(frozen=True)
class PlanAnswers:
    """The positions on a plan and, if they were read, the remarks and proposals that the reader may
    read. Who sees which position is for `permissions` to say."""

    positions: list[Position]
    silences: list[Silence]
    remarks: list[Remark]
    proposals: list[ProposedChange]


def read_answers(plan: ActionPlan, reads: AnswersRead | None) -> PlanAnswers:
    """Read the positions and, with `reads`, the remarks and proposals, with their institutions."""
    prefetch_related_objects([plan], "extensions")
    positions = plan.positions.select_related("by").order_by("pk")
    related = ("by", "action")
    answers = PlanAnswers(
        positions=list(positions) if plan.has_positions else [],
        silences=list(plan.silences.all()) if plan.has_silences else [],
        remarks=list(answers_seen(plan.remarks.select_related(*related), *reads))
        if reads and plan.has_remarks
        else [],
        proposals=list(answers_seen(plan.proposals.select_related(*related), *reads))
        if reads and plan.has_proposals
        else [],
    )
    replies = Prefetch("replies", Reply.objects.select_related("by"))
    prefetch_related_objects(answers.remarks, replies)
    said: list[Any] = [
        *(*answers.positions, *answers.silences, *answers.remarks, *answers.proposals)
    ]
    for one in said:
        one.plan = plan
    said += [reply for remark in answers.remarks for reply in remark.replies.all()]
    institutions = named_institutions(one.institution_id for one in said)
    for one in said:
        one.institution = institutions[one.institution_id] if one.institution_id else None
    return answers


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


@dataclass(frozen=True)
class PlanOverview:
    """A plan as its pages show it to one reader. Who sees which of the positions is for
    `permissions` to say."""

    plan: ActionPlan
    terms: list[ActionTerms]
    # The institutions whose position is asked.
    reviewers: list[Institution]
    # The positions; the remarks and proposals as well, if the page shows them.
    answers: PlanAnswers
    # The reviewers, and those whom actions or proposals name as responsible.
    institutions: dict[int, Institution]


def read_plan(
    plan: ActionPlan,
    *,
    with_terms: bool = True,
    to_compare: bool = False,
    reads: AnswersRead | None = None,
) -> PlanOverview:
    """Read the plan, which was read `for_page`.

    `to_compare` reads all of each action, if there is a version before with which to compare it.
    `reads` reads remarks and proposals as well.
    """
    terms: list[ActionTerms] = []
    if with_terms:
        is_compared = to_compare and plan.version > 1
        terms = list(plan.terms.with_related()) if is_compared else terms_shown(plan)
    answers, asked = read_answers(plan, reads), plan.reviewer_keys
    institutions = named_institutions(asked | named_in(answers.proposals))
    institutions |= {one.responsible_id: one.responsible for one in terms}
    return PlanOverview(
        plan=plan,
        terms=terms,
        reviewers=in_order(institutions[key] for key in asked),
        answers=answers,
        institutions=institutions,
    )


def terms_shown(plan: ActionPlan) -> list[ActionTerms]:
    """Return the plan's actions with their results and institutions, by their references.

    Other columns, such as those of the activity, cost a statement each where they are asked for;
    documents and comparisons read `with_related`.
    """
    rows = ActionTerms.objects.filter(plan=plan)
    terms = list(rows.select_related("action").only(*COLUMNS).order_by("action__reference"))
    pairs = list(
        ActionTerms.supporting.through.objects.filter(actionterms__plan=plan).values_list(
            "actionterms", "institution"
        )
    )
    served = Result.objects.filter(pk__in=rows.order_by().values("result")).order_by()
    results = {one.pk: one for one in served.only("code", *columns_of("statement"))}
    responsible = {one.responsible_id for one in terms}
    institutions = named_institutions(
        responsible.union(institution for _terms, institution in pairs)
    )
    supporting: dict[int, list[Institution]] = defaultdict(list)
    for key, institution in pairs:
        supporting[key].append(institutions[institution])
    for one in terms:
        one.plan = plan
        one.result = results[one.result_id] if one.result_id else None
        one.responsible = institutions[one.responsible_id]
        helping = supporting.get(one.pk)
        one.supported_by = in_order(helping) if helping else []
    return terms


def in_order(institutions: Iterable[Institution]) -> list[Institution]:
    """Return the institutions in the order of their lists."""
    return sorted(institutions, key=lambda one: (one.kind, *shown_place(one), one.pk))


def shifted_terms(plan: ActionPlan) -> set[int]:
    """Return the keys of the terms of which dates or amounts were shifted."""
    shifts = Shift.objects.filter(terms__plan=plan).order_by()
    return set(shifts.values_list("terms", flat=True))


def count_open_proposals(user: User, plan: ActionPlan) -> int:
    """Return the number of open proposals that the reader may read."""
    if not plan.has_proposals:
        return 0
    return answers_seen(plan.proposals.open(), *answers_read(user, plan)).count()


def sees_decision(user: User, plan: ActionPlan) -> bool:
    """Whether the reader sees the decision that validated the plan."""
    if plan.validated_by_id is None:
        return False
    project = plan.project
    roles, audiences = roles_of(user, project), audiences_of(user, project)
    left = resolutions_left(user, [project], roles)
    seen = resolutions_seen([project.pk], roles, audiences, *left)
    return seen.filter(pk=plan.validated_by_id).exists()


def last_donor_step(plan: ActionPlan) -> StatusChange | None:
    """Return the last of the steps that `donor_facts` tells of."""
    steps = [step for step in that_hold(plan.status_changes) if step.verb in DONOR_STEPS]
    return steps[-1] if steps else None
