"""Checks a logic model against the donor's checklist. The findings are advice and never block.

The donor's preset says how many results and indicators are expected at each level.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.text import LANGUAGES
from projects.framework.tree import Node
from projects.models import Activity, Project, Result
from projects.presets import PresetLevel, Span

# A finding links at most so many activities, then the list of all.
MAX_NAMED = 5
# A second sentence, a list or a semicolon: signs that a text makes several statements.
_SEVERAL = re.compile(r"[.!?]\s+\S|;|\n\s*\S|^\s*[-•*]\s", re.MULTILINE)


@dataclass(frozen=True)
class FindingPlace:
    """The subject of a finding, and the address of the page where it is corrected."""

    label: str
    url: str


@dataclass(frozen=True)
class ChecklistFinding:
    """A sentence and the places that it is about; without places it does not apply."""

    text: str
    places: tuple[FindingPlace, ...]


def findings(
    project: Project, tree: list[Node], activities: Iterable[Activity]
) -> list[ChecklistFinding]:
    """Return all findings on the project's tree, those on its shape first.

    `activities`: with their result fetched.
    """
    nodes = [node for root in tree for node in root.walk()]
    results = [node.result for node in nodes]
    checks = [
        *numbers_of_results(project, tree),
        *orphans(project, results),
        *numbers_of_indicators(project, nodes),
        *several_statements(results),
        *loose_activities(project, results, activities),
        *missing_translations(results),
    ]
    return [finding for finding in checks if finding.places]


def numbers_of_results(project: Project, tree: list[Node]) -> Iterator[ChecklistFinding]:
    """Find levels with too many or too few results, in all or below one result."""
    preset = project.donor_preset
    tops = sum(node.result.level == preset.top.key for node in tree)
    nodes = [node for root in tree for node in root.walk()]
    for level in preset.results:
        words = {"levels": level.names, "expected": _span(level.expects)}
        if level.parent is None:
            text = _("%(levels)s: %(expected)s expected in total.") % words
            url = _new(project, level) if not tops else _tree(project)
            wrong = [] if _fits(tops, level.expects) else [FindingPlace(str(tops), url)]
        else:
            text = _("%(levels)s: %(expected)s expected below each.") % words
            above = [node for node in nodes if node.result.level == level.parent]
            wrong = [place for node in above for place in _wrong_number(node, level)]
        yield ChecklistFinding(text, tuple(wrong))


def _wrong_number(node: Node, level: PresetLevel) -> Iterator[FindingPlace]:
    number = sum(child.result.level == level.key for child in node.children)
    if level.expects and not _fits(number, level.expects):
        is_too_few = number < level.expects[0]
        url = _below(node.result) if is_too_few else node.result.get_absolute_url()
        yield FindingPlace(f"{node.result.code} ({number})", url)


def orphans(project: Project, results: list[Result]) -> Iterator[ChecklistFinding]:
    """Find results below the top that belong to no other result."""
    preset = project.donor_preset
    for level in preset.results:
        if level.parent is None:
            continue
        alone = [each for each in results if each.level == level.key and not each.parent_id]
        text = _("Does not belong to any element of the level “%(level)s” yet.")
        above = preset.level(level.parent).name
        places = tuple(FindingPlace(result.code, _move(result)) for result in alone)
        yield ChecklistFinding(text % {"level": above}, places)


def numbers_of_indicators(project: Project, nodes: list[Node]) -> Iterator[ChecklistFinding]:
    """Find, for each level of the donor's preset, the results with more or fewer indicators than
    it expects."""
    for level in project.donor_preset.results:
        text = _("%(levels)s: %(expected)s indicators expected for each.")
        words = {"levels": level.names, "expected": _span(level.indicators)}
        wrong = [
            FindingPlace(
                f"{node.result.code} ({len(node.indicators)})", node.result.get_absolute_url()
            )
            for node in nodes
            if node.result.level == level.key and not _fits(len(node.indicators), level.indicators)
        ]
        yield ChecklistFinding(text % words, tuple(wrong))


def several_statements(results: list[Result]) -> Iterator[ChecklistFinding]:
    """Find results whose statement has several sentences, a semicolon or a list."""
    found = [each for each in results if _SEVERAL.search(each.statement.strip())]
    text = _("Seems to say several things: write one statement for each result.")
    yield ChecklistFinding(
        text, tuple(FindingPlace(result.code, _edit(result)) for result in found)
    )


def loose_activities(
    project: Project, results: list[Result], activities: Iterable[Activity]
) -> Iterator[ChecklistFinding]:
    """Find activities without a result of the level above them, once there is such a result."""
    preset = project.donor_preset
    above = preset.activity.parent
    if above is None or not any(result.level == above for result in results):
        return
    loose = [each for each in activities if not each.result or each.result.level != above]
    places = [
        FindingPlace(
            activity.title, reverse("projects:activity-edit", args=[project.code, activity.pk])
        )
        for activity in loose[:MAX_NAMED]
    ]
    if len(loose) > MAX_NAMED:
        more = _("%(number)s more") % {"number": len(loose) - MAX_NAMED}
        places.append(FindingPlace(more, reverse("projects:activities", args=[project.code])))
    text = _("Activities not linked to anything of the level “%(level)s”.")
    yield ChecklistFinding(text % {"level": preset.level(above).name}, tuple(places))


def missing_translations(results: list[Result]) -> Iterator[ChecklistFinding]:
    """Find statements that lack a translation, or whose translation is out of date."""
    for language, name in LANGUAGES.items():
        missing = [each for each in results if ("statement", language) in each.missing_translations]
        text = _("Not available in %(language)s yet.") % {"language": name}
        yield ChecklistFinding(
            text, tuple(FindingPlace(result.code, _edit(result)) for result in missing)
        )
        stale = [each for each in results if ("statement", language) in each.stale_translations]
        text = _("The original text has changed since: check the version in %(language)s.") % {
            "language": name
        }
        yield ChecklistFinding(
            text, tuple(FindingPlace(result.code, _edit(result)) for result in stale)
        )


def _fits(number: int, expected: Span | None) -> bool:
    return expected is None or expected[0] <= number <= expected[1]


def _span(span: Span | None) -> str:
    low, high = span or (0, 0)
    return str(low) if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _tree(project: Project) -> str:
    return reverse("projects:logic-model", args=[project.code])


def _new(project: Project, level: PresetLevel) -> str:
    return f"{reverse('projects:result-create', args=[project.code])}?level={level.key}"


def _below(result: Result) -> str:
    url = reverse("projects:result-create", args=[result.project.code])
    return f"{url}?parent={result.pk}"


def _edit(result: Result) -> str:
    return reverse("projects:result-edit", args=[result.project.code, result.pk])


def _move(result: Result) -> str:
    return reverse("projects:result-move", args=[result.project.code, result.pk])
