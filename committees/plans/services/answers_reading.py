"""Reads what institutions say of a plan, as far as a reader may read it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from committees.models import (
    ActionPlan,
    Position,
    ProposedChange,
    Remark,
    Reply,
    Silence,
)
from committees.permissions.plans import AnswersRead, answers_seen
from kernel.prepared import prepared
from partners.reading import named_institutions


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
    answers = PlanAnswers(
        positions=_positions(plan.pk) if plan.has_positions else [],
        silences=_silences(plan.pk) if plan.has_silences else [],
        remarks=_remarks(plan.pk, *reads) if reads and plan.has_remarks else [],
        proposals=_proposals(plan.pk, *reads) if reads and plan.has_proposals else [],
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


@prepared
def _positions(plan: int) -> QuerySet[Position]:
    return Position.objects.filter(plan=plan).select_related("by").order_by("pk")


@prepared
def _silences(plan: int) -> QuerySet[Silence]:
    return Silence.objects.filter(plan=plan)


@prepared
def _remarks(
    plan: int, all_of_them: bool, audiences: frozenset[str], own: list[int]
) -> QuerySet[Remark]:
    seen = answers_seen(Remark.objects.filter(plan=plan), all_of_them, audiences, own)
    return seen.select_related("by", "action")


@prepared
def _proposals(
    plan: int, all_of_them: bool, audiences: frozenset[str], own: list[int]
) -> QuerySet[ProposedChange]:
    seen = answers_seen(ProposedChange.objects.filter(plan=plan), all_of_them, audiences, own)
    return seen.select_related("by", "action")
