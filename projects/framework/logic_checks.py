"""What the donor's checklist would say of a logic model. Remarks only: they never block.

Functions of the tree, of which each answers findings; how many are expected says the preset.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.text import LANGUAGES
from projects.framework.tree import Node
from projects.models import Activity, Project, Result
from projects.presets import Level, Span

# Of so many activities each is named; of more, the list is.
MAX_NAMED = 5
# A second sentence, a list or a semicolon: what a cell of one statement does not hold.
_SEVERAL = re.compile(r"[.!?]\s+\S|;|\n\s*\S|^\s*[-•*]\s", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where a remark applies, and the address where it is mended."""

    label: str
    url: str


@dataclass(frozen=True)
class Finding:
    """A sentence, and the places that it is about."""

    text: str
    places: tuple[Place, ...]


def findings(project: Project, tree: list[Node], activities: Iterable[Activity]) -> list[Finding]:
    """All remarks on the project's tree, those on its shape first.

    `activities`: with their result fetched.
    """
    nodes = [node for root in tree for node in root.walk()]
    results = [node.result for node in nodes]
    remarks = [
        *how_many(project, tree),
        *without_parent(project, results),
        *indicators(project, nodes),
        *several_things(results),
        *loose_activities(project, results, activities),
        *translations(results),
    ]
    return [remark for remark in remarks if remark.places]


def how_many(project: Project, tree: list[Node]) -> Iterator[Finding]:
    """Too many or too few of a level, in all and below each result."""
    preset = project.donor_preset
    tops = sum(node.result.level == preset.top.key for node in tree)
    nodes = [node for root in tree for node in root.walk()]
    for level in preset.results:
        told = {"levels": level.names, "expected": _span(level.expects)}
        if level.parent is None:
            text = _("%(levels)s: expected in all, %(expected)s.") % told
            url = _new(project, level) if not tops else _tree(project)
            wrong = [] if _fits(tops, level.expects) else [Place(str(tops), url)]
        else:
            text = _("%(levels)s: expected below each, %(expected)s.") % told
            above = [node for node in nodes if node.result.level == level.parent]
            wrong = [place for node in above for place in _wrong_number(node, level)]
        yield Finding(text, tuple(wrong))


def _wrong_number(node: Node, level: Level) -> Iterator[Place]:
    number = sum(child.result.level == level.key for child in node.children)
    if not _fits(number, level.expects):
        few = number < level.expects[0]
        url = _below(node.result) if few else node.result.get_absolute_url()
        yield Place(f"{node.result.code} ({number})", url)


def without_parent(project: Project, results: list[Result]) -> Iterator[Finding]:
    preset = project.donor_preset
    for level in preset.results[1:]:
        alone = [each for each in results if each.level == level.key and not each.parent_id]
        text = _("Belongs to nothing of the level “%(level)s” yet.")
        above = preset.level(level.parent).name
        yield Finding(text % {"level": above}, tuple(Place(r.code, _move(r)) for r in alone))


def indicators(project: Project, nodes: list[Node]) -> Iterator[Finding]:
    for level in project.donor_preset.results:
        text = _("%(levels)s: indicators expected for each, %(expected)s.")
        told = {"levels": level.names, "expected": _span(level.indicators)}
        wrong = [
            Place(f"{node.result.code} ({len(node.indicators)})", node.result.get_absolute_url())
            for node in nodes
            if node.result.level == level.key and not _fits(len(node.indicators), level.indicators)
        ]
        yield Finding(text % told, tuple(wrong))


def several_things(results: list[Result]) -> Iterator[Finding]:
    found = [each for each in results if _SEVERAL.search(each.statement.strip())]
    text = _("Seems to say several things: one statement for each result.")
    yield Finding(text, tuple(Place(result.code, _edit(result)) for result in found))


def loose_activities(
    project: Project, results: list[Result], activities: Iterable[Activity]
) -> Iterator[Finding]:
    """An activity belongs to one result of the level above it; asked once there is one."""
    preset = project.donor_preset
    level = preset.level(preset.activity.parent)
    if not any(result.level == level.key for result in results):
        return
    loose = [each for each in activities if not each.result or each.result.level != level.key]
    places = [
        Place(activity.title, reverse("projects:activity-edit", args=[project.code, activity.pk]))
        for activity in loose[:MAX_NAMED]
    ]
    if len(loose) > MAX_NAMED:
        more = _("%(number)s more") % {"number": len(loose) - MAX_NAMED}
        places.append(Place(more, reverse("projects:activities", args=[project.code])))
    text = _("Activities that are not tied to anything of the level “%(level)s”.")
    yield Finding(text % {"level": level.name}, tuple(places))


def translations(results: list[Result]) -> Iterator[Finding]:
    """Statements that are not there, or not any more, in one of the languages."""
    for language, name in LANGUAGES.items():
        missing = [each for each in results if ("statement", language) in each.missing_translations]
        text = _("Not there yet in %(language)s.") % {"language": name}
        yield Finding(text, tuple(Place(result.code, _edit(result)) for result in missing))
        stale = [each for each in results if ("statement", language) in each.stale_translations]
        text = _("The French text has changed since: check the %(language)s.") % {"language": name}
        yield Finding(text, tuple(Place(result.code, _edit(result)) for result in stale))


def _fits(number: int, expected: Span | None) -> bool:
    return expected is None or expected[0] <= number <= expected[1]


def _span(span: Span | None) -> str:
    low, high = span or (0, 0)
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _tree(project: Project) -> str:
    return reverse("projects:logic-model", args=[project.code])


def _new(project: Project, level: Level) -> str:
    return f"{reverse('projects:result-create', args=[project.code])}?level={level.key}"


def _below(result: Result) -> str:
    url = reverse("projects:result-create", args=[result.project.code])
    return f"{url}?parent={result.pk}"


def _edit(result: Result) -> str:
    return reverse("projects:result-edit", args=[result.project.code, result.pk])


def _move(result: Result) -> str:
    return reverse("projects:result-move", args=[result.project.code, result.pk])
