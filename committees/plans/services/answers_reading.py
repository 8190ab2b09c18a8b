"""Reads what institutions say of a plan, as far as a reader may read it, in one statement with what
else the page shows."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from committees.models import (
    ActionPlan,
    Position,
    ProposedChange,
    Remark,
    Reply,
    ReviewExtension,
    Silence,
)
from committees.permissions.plans import AnswersRead, answers_seen
from committees.plans.services.proposals import named_in
from kernel.prepared import Question, keep_related, prepared
from kernel.related import share
from partners.models import Institution


class AnswersAsked:
    """Asks for the positions on a plan and, with `reads`, for the remarks and proposals that the
    reader may read. Who sees which position is for `permissions` to say."""

    def __init__(self, plan: ActionPlan, reads: AnswersRead | None) -> None:
        self.plan = plan
        key, asked = plan.pk, dict[str, Question[Any]]()
        asked["extensions"] = _extensions.question(key)
        if plan.has_positions:
            asked["positions"] = _positions.question(key)
        if plan.has_silences:
            asked["silences"] = _silences.question(key)
        if reads and plan.has_remarks:
            asked["remarks"], asked["replies"] = (
                _remarks.question(key, *reads),
                _replies.question(key),
            )
        if reads and plan.has_proposals:
            asked["proposals"] = _proposals.question(key, *reads)
        self._asked = asked
        self.questions = tuple(asked.values())

    def complete(self) -> set[int]:
        """Put together what was asked, and return the keys of the institutions that it names."""
        keep_related(self.plan, "extensions", self._rows("extensions"), ReviewExtension)
        self.positions: list[Position] = self._rows("positions")
        self.silences: list[Silence] = self._rows("silences")
        self.remarks: list[Remark] = self._rows("remarks")
        self.proposals: list[ProposedChange] = self._rows("proposals")
        replies: dict[int, list[Reply]] = defaultdict(list)
        for reply in self._rows("replies"):
            replies[reply.remark_id].append(reply)
        for remark in self.remarks:
            keep_related(remark, "replies", replies[remark.pk], Reply)
        self._named: list[Any] = [*self.positions, *self.silences, *self.remarks, *self.proposals]
        share(self._named, "plan", {self.plan.pk: self.plan})
        self._named += [one for found in replies.values() for one in found]
        named = {one.institution_id for one in self._named if one.institution_id}
        return named | named_in(self.proposals)

    def name(self, institutions: dict[int, Institution]) -> None:
        share(self._named, "institution", institutions)

    def _rows(self, name: str) -> list[Any]:
        return self._asked[name].rows if name in self._asked else []


@prepared
def _extensions(plan: int) -> QuerySet[ReviewExtension]:
    return ReviewExtension.objects.filter(plan=plan)


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
def _replies(plan: int) -> QuerySet[Reply]:
    return Reply.objects.filter(remark__plan=plan).select_related("by")


@prepared
def _proposals(
    plan: int, all_of_them: bool, audiences: frozenset[str], own: list[int]
) -> QuerySet[ProposedChange]:
    seen = answers_seen(ProposedChange.objects.filter(plan=plan), all_of_them, audiences, own)
    return seen.select_related("by", "action")
