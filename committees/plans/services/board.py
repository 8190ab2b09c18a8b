"""Gathers what the page of a plan shows, in few queries: its actions by result with the remarks on
them, and the positions of the institutions."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Position, Remark, Silence
from committees.plans.services.comparison import ComparedAction, reference_order
from committees.plans.services.proposals import ProposedField
from committees.plans.services.review import taken_by
from partners.models import Institution
from projects.models import Result

LAST = 1_000_000  # sorts after every place that was given by hand


@dataclass
class BoardRow:
    """One action as this version has it."""

    terms: ActionTerms
    remarks: list[Remark]
    is_mine: bool
    is_responsible: bool = field(default=False, kw_only=True)
    # What changed since the version before, if anything did.
    change: ComparedAction | None = None
    proposals: list[ProposedField] = field(default_factory=list)


@dataclass
class BoardGroup:
    """The actions that serve one result, or those that serve none in particular (None)."""

    result: Result | None
    rows: list[BoardRow]

    @property
    def is_mine(self) -> bool:
        return any(row.is_mine for row in self.rows)


@dataclass
class PlanBoard:
    groups: list[BoardGroup]
    on_the_whole: list[Remark]
    # On actions that were taken out of this version after somebody had spoken of them.
    on_removed: list[tuple[Action, list[Remark]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(group.rows) for group in self.groups)


def board_of(
    plan: ActionPlan,
    remarks: Iterable[Remark],
    own: Collection[int] = frozenset(),
    *,
    terms: Iterable[ActionTerms] | None = None,
    changes: Mapping[int, ComparedAction] | None = None,
    proposals: Mapping[int, list[ProposedField]] | None = None,
) -> PlanBoard:
    """Group the actions by result, in the order of their references, each with its remarks.

    Actions of `own`, the keys of the reader's institutions, come first. `terms` are the plan's, if
    the caller has read them (`with_related`). `changes` since the version before and `proposals`
    on fields are given by the keys of the actions.
    """
    by_action: dict[int | None, list[Remark]] = defaultdict(list)
    for remark in remarks:
        by_action[remark.action_id].append(remark)
    whole = by_action.pop(None, [])

    groups: dict[int | None, BoardGroup] = {}
    for one in sorted(plan.terms.with_related() if terms is None else terms, key=order_of):
        involved = {one.responsible_id, *(each.pk for each in one.supported_by)}
        group = groups.setdefault(one.result_id, BoardGroup(one.result, []))
        mine = not involved.isdisjoint(own)
        found = by_action.pop(one.action_id, [])
        change = (changes or {}).get(one.action_id)
        proposed = (proposals or {}).get(one.action_id, [])
        group.rows.append(BoardRow(one, found, mine, change, proposed))
        group.rows[-1].is_responsible = one.responsible_id in own

    for group in groups.values():
        group.rows.sort(key=lambda row: not row.is_mine)
    ordered = sorted(groups.values(), key=lambda group: (not group.is_mine, code_of(group)))
    removed = [(action, found) for found in by_action.values() if (action := found[0].action)]
    return PlanBoard(ordered, whole, removed)


def order_of(terms: ActionTerms) -> list[int]:
    """Sort by the place given by hand; others follow by their numbers, 2.10 after 2.9."""
    return [terms.position or LAST, *reference_order(terms.action.reference)]


def code_of(group: BoardGroup) -> tuple[bool, str]:
    return (group.result is None, group.result.code if group.result else "")


@dataclass
class ReviewStatus:
    """How far the review is for one institution. Without a position it is silent, which is no
    consent."""

    institution: Institution
    position: Position | None = None
    # Its earlier positions, each with whether the reader may read its words.
    earlier: list[tuple[Position, bool]] = field(default_factory=list)
    words_shown: bool = False
    # Recorded at its deadline if it had not answered by then.
    silence: Silence | None = None


def review_statuses(
    institutions: Iterable[Institution],
    positions: Iterable[Position],
    readable: Collection[int],
    silences: Iterable[Silence] = (),
) -> list[ReviewStatus]:
    """Return one entry for each institution asked, and one for each that answered or was silent
    although it is asked no more.

    `readable` are the keys of the positions whose words the reader may read.
    """
    statuses = {one.pk: ReviewStatus(one) for one in institutions}
    for silence in silences:
        status = statuses.setdefault(silence.institution_id, ReviewStatus(silence.institution))
        status.silence = silence
    for position in sorted(positions, key=lambda one: -one.pk):
        status = statuses.setdefault(position.institution_id, ReviewStatus(position.institution))
        if status.position is None:
            status.position, status.words_shown = position, position.pk in readable
        else:
            status.earlier.append((position, position.pk in readable))
    return list(statuses.values())


@dataclass
class OwnReviewStatus:
    """The position of one of the reader's institutions, and whether it may still be changed."""

    institution: Institution
    position: Position | None
    end: date | None
    is_open: bool
    # The sentence on who has taken the position, if this person may not change it any more.
    taken: str


def own_review_statuses(
    plan: ActionPlan, statuses: Iterable[ReviewStatus], person: User
) -> list[OwnReviewStatus]:
    return [
        OwnReviewStatus(
            status.institution,
            status.position,
            plan.review_end_of(status.institution),
            plan.review_is_open_for(status.institution),
            taken_by(status.position, person, plan) if status.position else "",
        )
        for status in statuses
    ]


def more_time(plan: ActionPlan, statuses: Iterable[OwnReviewStatus]) -> date | None:
    """Return until when the reader may answer although the review has ended for the others."""
    ends = [status.end for status in statuses if status.is_open and status.end]
    return max(ends) if ends and plan.review_is_over else None


def counted(statuses: Iterable[ReviewStatus], *, is_open: bool) -> list[tuple[str, str, int]]:
    """Count the institutions by stance: value, label and number, last those without an answer. They
    are silent only once nobody is asked any more."""
    numbers = Counter(status.position.stance if status.position else "" for status in statuses)
    found = [(one.value, str(one.label), numbers[one.value]) for one in Position.Stance]
    found.append(("neutral", _("No answer yet") if is_open else _("Silent"), numbers[""]))
    return [each for each in found if each[2]]
