"""Gathers what the page of a plan shows, in few queries: its actions by result with the remarks on
them, the positions of the institutions, its sheet and its history."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from committees.history import note_of
from committees.models import Action, ActionPlan, ActionTerms, Position, Remark, Silence
from committees.permissions.amounts import AmountsRead
from committees.plans.services.comparison import ComparedAction, reference_order
from committees.plans.services.proposals import ProposedField
from committees.plans.services.review import taken_by
from kernel.formats import day, join_list
from kernel.lifecycle import StatusChange
from kernel.workbooks import CellValue
from partners.models import Institution
from projects.models import Assignment, Participation, Representation, Result

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


# The plan as a sheet


WIDTHS = (10, 60, 40, 22, 22, 14, 14, 12, 18)


def sheet_head(plan: ActionPlan) -> list[str]:
    return [
        _("No."),
        _("Action"),
        _("Deliverable"),
        _("Responsible"),
        _("With support of"),
        _("Start"),
        _("End"),
        _("Share done (%)"),
        _("Budget (%(currency)s)") % {"currency": plan.project.currency},
    ]


def sheet_rows(groups: Iterable[BoardGroup], amounts: AmountsRead) -> Iterator[list[CellValue]]:
    """Yield each result with its total, followed by its actions."""
    for group in groups:
        terms = [row.terms for row in group.rows]
        code, statement = (
            (group.result.code, group.result.statement)
            if group.result
            else ("", _("Not tied to a result"))
        )
        yield [code, statement, *[None] * 6, amounts.total(terms)]
        for one in terms:
            yield [
                one.action.reference,
                one.title,
                one.deliverable,
                str(one.responsible),
                join_list([str(each) for each in one.supported_by]),
                one.starts_on,
                one.ends_on,
                one.action.share_done,
                one.budget if amounts.reads(one) else None,
            ]


# The history of a plan


def plan_history_entries(plan: ActionPlan, *, show_names: bool) -> list[dict[str, Any]]:
    """Return the entries for `components/history.html`. Without `show_names`, people appear by
    their roles."""
    changes = list(plan.status_changes)
    positions = list(plan.positions.with_related())
    people = {change.by for change in changes if change.by}
    people |= {position.by for position in positions}
    who = {person.pk: str(person) for person in people} if show_names else roles(plan, people)
    entries = [_of_change(plan, change, who) for change in changes]
    entries += [_of_position(position, who if show_names else {}) for position in positions]
    return sorted(entries, key=lambda entry: entry["when"], reverse=True)


def _of_change(plan: ActionPlan, change: StatusChange, who: dict[int, str]) -> dict[str, Any]:
    step = plan.STEPS.get(change.verb)
    return {
        "when": change.recorded_at,
        "text": str(step.label) if step else change.label,
        "who": who.get(change.by_id, _("The portal")) if change.by_id else _("The portal"),
        "note": note_of(change),
    }


def _of_position(position: Position, who: dict[int, str]) -> dict[str, Any]:
    note = ""
    if position.was_entered_for_it:
        note = _("Entered by the coordination: %(channel)s of %(day)s.") % {
            "channel": position.get_channel_display(),
            "day": day(position.given_on),
        }
    return {
        "when": position.recorded_at,
        "text": f"{position.institution} · {position.get_stance_display()}",
        "who": who.get(position.by_id, ""),
        "note": note,
    }


def roles(plan: ActionPlan, people: Iterable[User]) -> dict[int, str]:
    """Return the roles of these people in the project, for readers who may not know their names."""
    keys = [person.pk for person in people]
    team = set(
        Assignment.objects.filter(project=plan.project_id, user__in=keys).values_list(
            "user", flat=True
        )
    ) | {person.pk for person in people if person.is_staff}
    donors = set(
        Representation.objects.filter(
            participation__project=plan.project_id,
            participation__role__in=Participation.DONOR_ROLES,
            contact__user__in=keys,
        ).values_list("contact__user", flat=True)
    )

    def role(key: int) -> str:
        if key in team:
            return _("Coordination")
        return _("Donor") if key in donors else _("Partner")

    return {key: role(key) for key in keys}


def donor_facts(
    plan: ActionPlan, last: StatusChange | None, *, show_letter: bool
) -> dict[str, Any]:
    """Return the donor's answer, which is another fact than the committee's validation. `last` is
    the last of the steps that have to do with it."""
    if plan.donor_approved_on:
        text = _("Approved on %(day)s") % {"day": day(plan.donor_approved_on)}
        return {"tone": "ok", "text": text, "note": plan.donor_reference if show_letter else ""}
    if last is None:
        return {"tone": "neutral", "text": _("Not yet submitted"), "note": ""}
    when = {"day": day(last.happened_on)}
    if last.verb == "submit_to_donor":
        return {"tone": "info", "text": _("Submitted on %(day)s, no answer yet") % when, "note": ""}
    return {
        "tone": "warn",
        "text": _("Requested changes on %(day)s") % when,
        "note": last.why if show_letter else "",
    }
