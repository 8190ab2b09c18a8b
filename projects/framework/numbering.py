"""Proposes the donor's customary codes: the next free one below a result, or new ones for a
tree."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from projects.framework.tree import Node
from projects.models import Activity, Indicator, Project, Result
from projects.presets import Preset, PresetLevel

# Codes in use may leave gaps: the last one is searched among so many more codes than are in use.
MAX_GAPS = 100


class NoCodeLeft(ValueError):
    """There are more results of one level below `parent_code` than the donor's numbering allows."""

    def __init__(self, level: PresetLevel, parent_code: str) -> None:
        super().__init__(parent_code)
        self.level, self.parent_code = level, parent_code


@dataclass(frozen=True)
class NewCode:
    """The change of one code in a renumbering."""

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
    """Return the customary code after the last one in use: 1130 after 1110 and 1120.

    `level` is a key of the project's preset, which includes "activity". `taken`: the codes in use,
    by default those of the project's results. Gaps are filled only when the numbering has reached
    its end. Returns "" if no code is left or the donor has no such level.
    """
    preset = project.donor_preset
    if not preset.knows(level):
        return ""
    if taken is None:
        taken = set(project.results.values_list("code", flat=True))
    codes = preset.level(level).codes_below(_above(preset, level, parent.code if parent else ""))
    options = list(islice(codes, len(taken) + MAX_GAPS))
    used = [index for index, code in enumerate(options) if code in taken]
    after_last = options[used[-1] + 1 :] if used else options
    free = after_last or [code for code in options if code not in taken]
    return free[0] if free else ""


def renumbering(
    preset: Preset, tree: list[Node], activities: Iterable[Activity] = ()
) -> list[NewCode]:
    """Return the changes that give each result its customary code, from the top down.

    Codes of indicators and of the project's `activities` change along if they begin with the code
    of their result. Raises NoCodeLeft.
    """
    changes = list(_renumbered_results(preset, tree, "", {}))
    return [*changes, *_renumbered_activities(list(activities), changes)]


def fingerprint(changes: list[NewCode]) -> str:
    """Return a hash by which a previewed renumbering is compared with the one about to be done."""
    rows = [(type(each.thing).__name__, each.thing.pk, each.old, each.new) for each in changes]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def _renumbered_results(
    preset: Preset, nodes: list[Node], parent_code: str, begun: dict[tuple[str, str], Iterator[str]]
) -> Iterator[NewCode]:
    for node in nodes:
        if not preset.knows(node.result.level):
            continue
        level = preset.level(node.result.level)
        above = _above(preset, level.key, parent_code)
        # Results without a parent continue the numbering of those below the first parent.
        codes = begun.setdefault((level.key, above), level.codes_below(above))
        code = next(codes, None)
        if code is None:
            raise NoCodeLeft(level, above)
        if code != node.result.code:
            yield NewCode(node.result, node.result.code, code)
            yield from _renumbered_indicators(node, code)
        yield from _renumbered_results(preset, node.children, code, begun)


def _renumbered_indicators(node: Node, code: str) -> Iterator[NewCode]:
    old = f"{node.result.code}."
    indicators = [each.indicator for each in node.indicators]
    taken = {indicator.code for indicator in indicators}
    for indicator in indicators:
        new = f"{code}.{indicator.code.removeprefix(old)}"
        if indicator.code.startswith(old) and new not in taken and len(new) <= 20:
            yield NewCode(indicator, indicator.code, new)


def _renumbered_activities(activities: list[Activity], changes: list[NewCode]) -> list[NewCode]:
    """Return the changes of activities' codes. A code is unique in the project: an activity keeps
    its code if the new one belongs to an activity that keeps its own."""
    of_result = {each.thing.pk: each for each in changes if isinstance(each.thing, Result)}
    max_length = Activity._meta.get_field("code").max_length or 0
    new_codes = {}
    for activity in activities:
        change = of_result.get(activity.result_id or 0)
        if change and activity.code.startswith(f"{change.old}."):
            new = f"{change.new}.{activity.code.removeprefix(f'{change.old}.')}"
            if len(new) <= max_length:
                new_codes[activity.pk] = NewCode(activity, activity.code, new)
    while True:
        kept = {activity.code for activity in activities if activity.pk not in new_codes}
        conflicts = [pk for pk, each in new_codes.items() if each.new in kept]
        if not conflicts:
            return list(new_codes.values())
        for pk in conflicts:
            del new_codes[pk]


def _above(preset: Preset, level: str, parent_code: str) -> str:
    """Return the parent's code; without a parent, the first code that the level above would
    have."""
    parent = preset.level(level).parent
    if parent_code or parent is None:
        return parent_code
    return next(preset.level(parent).codes_below(_above(preset, parent, "")))
