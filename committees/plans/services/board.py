"""What the page of a plan shows, gathered in few queries: actions by result with the remarks on
them, and where the institutions stand."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Position, Remark, Silence
from committees.plans.services.diff import ComparedAction, reference_order
from committees.plans.services.proposals import ProposedField
from committees.plans.services.review import taken_by
from partners.models import Institution
from projects.models import Result

LAST = 1_000_000  # after whatever was put somewhere by hand


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
    """The actions that serve one result; None: those that serve none in particular."""

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
    """The actions by result, in the order of their references; first those of `own`, the keys
    of the reader's institutions. Each remark is shown with its action.

    `terms`: those of the plan where they were read already, with `with_related`. `changes`: since
    the version before, and `proposals` on fields, by the keys of the actions.
    """
    by_action: dict[int | None, list[Remark]] = defaultdict(list)
    for remark in remarks:
        by_action[remark.action_id].append(remark)
    whole = by_action.pop(None, [])

    groups: dict[int | None, BoardGroup] = {}
    for one in sorted(plan.terms.with_related() if terms is None else terms, key=order_of):
        one.plan = plan
        involved = {one.responsible_id, *(each.pk for each in one.supporting.all())}
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
    """Sorts by the place given by hand; others follow by their numbers, 2.10 after 2.9."""
    return [terms.position or LAST, *reference_order(terms.action.reference)]


def code_of(group: BoardGroup) -> tuple[bool, str]:
    return (group.result is None, group.result.code if group.result else "")


@dataclass
class ReviewStatus:
    """The position of an institution. Without one it is silent, which is no consent."""

    institution: Institution
    position: Position | None = None
    # Its earlier positions, each with whether the reader may read its words.
    earlier: list[tuple[Position, bool]] = field(default_factory=list)
    words_shown: bool = False
    # It was silent at its deadline, as was recorded then.
    silence: Silence | None = None


def stands_of(
    institutions: Iterable[Institution],
    positions: Iterable[Position],
    readable: Collection[int],
    silences: Iterable[Silence] = (),
) -> list[ReviewStatus]:
    """Returns one line per institution asked, and one for each that answered or was silent then
    and is asked no more.

    `readable`: the keys of the positions whose words the reader may read.
    """
    stands = {one.pk: ReviewStatus(one) for one in institutions}
    for silence in silences:
        stand = stands.setdefault(silence.institution_id, ReviewStatus(silence.institution))
        stand.silence = silence
    for position in sorted(positions, key=lambda one: -one.pk):
        stand = stands.setdefault(position.institution_id, ReviewStatus(position.institution))
        if stand.position is None:
            stand.position, stand.words_shown = position, position.pk in readable
        else:
            stand.earlier.append((position, position.pk in readable))
    return list(stands.values())


@dataclass
class OwnReviewStatus:
    """The position of one of the reader's institutions, and whether it may still be changed."""

    institution: Institution
    position: Position | None
    end: date | None
    is_open: bool
    # The sentence for whom another of its people has already taken the position, or who is late.
    taken: str


def own_stands(
    plan: ActionPlan, stands: Iterable[ReviewStatus], person: User
) -> list[OwnReviewStatus]:
    return [
        OwnReviewStatus(
            stand.institution,
            stand.position,
            plan.review_end_of(stand.institution),
            plan.review_is_open_for(stand.institution),
            taken_by(stand.position, person, plan) if stand.position else "",
        )
        for stand in stands
    ]


def more_time(plan: ActionPlan, stands: Iterable[OwnReviewStatus]) -> date | None:
    """Returns until when the reader may answer although the review has ended for the others."""
    ends = [stand.end for stand in stands if stand.is_open and stand.end]
    return max(ends) if ends and plan.review_is_over else None


def counted(stands: Iterable[ReviewStatus]) -> list[tuple[str, str, int]]:
    """How many institutions stand where: state, label and number, in the order of the stances;
    the silent last."""
    numbers = Counter(stand.position.stance if stand.position else "" for stand in stands)
    found = [(one.value, str(one.label), numbers[one.value]) for one in Position.Stance]
    found.append(("neutral", _("Silent"), numbers[""]))
    return [each for each in found if each[2]]
