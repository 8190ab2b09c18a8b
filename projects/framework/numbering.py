"""Customary codes: the next one below a result, and all of them anew in the order of the tree."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from projects.framework.tree import Node
from projects.models import Activity, Indicator, Project, Result
from projects.presets import Level, Preset

# How far behind the codes that fill every place one may stand that still counts as the last used.
FURTHEST = 100


class NoCodeLeft(ValueError):
    """More results of one level than the donor's numbering counts; says below which code."""

    def __init__(self, level: Level, parent_code: str) -> None:
        super().__init__(parent_code)
        self.level, self.parent_code = level, parent_code


@dataclass(frozen=True)
class NewCode:
    """What a renumbering does to one result, indicator or activity."""

    thing: Result | Indicator | Activity
    old: str
    new: str


def next_code(
    project: Project,
    level: str,
    parent: Result | None = None,
    *,
    taken: Collection[str] | None = None,
) -> str:
    """The customary code behind the last one used: 1130 where 1110 and 1120 are taken.

    `level` is a key of the project's preset, "activity" among them. `taken`: the codes in use;
    those of the project's results where not given, so activities give their own. A gap is filled
    only where the numbering ends; empty where it has no code left, or no such level.
    """
    preset = project.donor_preset
    if not preset.knows(level):
        return ""
    if taken is None:
        taken = set(project.results.values_list("code", flat=True))
    codes = preset.level(level).codes_below(_above(preset, level, parent.code if parent else ""))
    options = list(islice(codes, len(taken) + FURTHEST))
    used = [place for place, code in enumerate(options) if code in taken]
    behind = options[used[-1] + 1 :] if used else options
    free = behind or [code for code in options if code not in taken]
    return free[0] if free else ""


def renumbering(
    preset: Preset, tree: list[Node], activities: Iterable[Activity] = ()
) -> list[NewCode]:
    """Every code that is not the customary one of its place, from the top down.

    The codes of indicators and of the project's `activities` that begin with that of their result
    follow it. Raises NoCodeLeft.
    """
    changes = list(_renumbered(preset, tree, "", {}))
    return [*changes, *_following(list(activities), changes)]


def fingerprint(changes: list[NewCode]) -> str:
    """Tells whether a preview still says what will be done."""
    told = [(type(each.thing).__name__, each.thing.pk, each.old, each.new) for each in changes]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _renumbered(
    preset: Preset, nodes: list[Node], parent_code: str, begun: dict[tuple[str, str], Iterator[str]]
) -> Iterator[NewCode]:
    for node in nodes:
        if not preset.knows(node.result.level):
            continue
        level = preset.level(node.result.level)
        above = _above(preset, level.key, parent_code)
        # Those without a parent count on where those below the first one ended.
        codes = begun.setdefault((level.key, above), level.codes_below(above))
        code = next(codes, None)
        if code is None:
            raise NoCodeLeft(level, above)
        if code != node.result.code:
            yield NewCode(node.result, node.result.code, code)
            yield from _followers(node, code)
        yield from _renumbered(preset, node.children, code, begun)


def _followers(node: Node, code: str) -> Iterator[NewCode]:
    old = f"{node.result.code}."
    indicators = [each.indicator for each in node.indicators]
    taken = {indicator.code for indicator in indicators}
    for indicator in indicators:
        new = f"{code}.{indicator.code.removeprefix(old)}"
        if indicator.code.startswith(old) and new not in taken and len(new) <= 20:
            yield NewCode(indicator, indicator.code, new)


def _following(activities: list[Activity], changes: list[NewCode]) -> list[NewCode]:
    """A code is used once in the project: who would meet one that stays, stays as well."""
    moved = {each.thing.pk: each for each in changes if isinstance(each.thing, Result)}
    goals = {}
    for activity in activities:
        change = moved.get(activity.result_id)
        if change and activity.code.startswith(f"{change.old}."):
            new = f"{change.new}.{activity.code.removeprefix(f'{change.old}.')}"
            if len(new) <= Activity._meta.get_field("code").max_length:
                goals[activity.pk] = NewCode(activity, activity.code, new)
    while True:
        staying = {activity.code for activity in activities if activity.pk not in goals}
        meeting = [pk for pk, each in goals.items() if each.new in staying]
        if not meeting:
            return list(goals.values())
        for pk in meeting:
            del goals[pk]


def _above(preset: Preset, level: str, parent_code: str) -> str:
    """The code above; of a level that stands alone, the first one that would be there."""
    parent = preset.level(level).parent
    if parent_code or parent is None:
        return parent_code
    return next(preset.level(parent).codes_below(_above(preset, parent, "")))
