"""The logic model as plain data in three languages, which versions keep and pages draw.

The page of the present tree and that of an approved version show the same kind of data: one made
now, the other kept at the approval.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.charts import Chart
from kernel.frozen import Content
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.tree_columns import Box, tree_columns
from projects.framework.tree import Node
from projects.models import Indicator, Project, Result
from projects.models.logic_model import LOGIC_MODEL
from projects.presets import Preset, Texts


@dataclass(frozen=True)
class LocalizedText:
    """A text in the reader's language, or else in the first of the project that has it."""

    text: str
    language: str

    @classmethod
    def of(cls, texts: Texts) -> "LocalizedText":
        filled = [each for each in (active_language(), *reading_order()) if texts.get(each)]
        language = filled[0] if filled else active_language()
        return cls(texts.get(language, ""), language)


@dataclass(frozen=True)
class Branch:
    """A result for display, with its indicators' codes and names, and the results below it."""

    pk: int
    level: str
    level_name: str
    code: str
    statement: LocalizedText
    illustrative: bool
    indicators: list[tuple[str, LocalizedText]]
    children: list["Branch"] = field(default_factory=list)

    def walk(self) -> Iterator["Branch"]:
        """Iterate over this branch and all below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def content_of(project: Project, tree: list[Node]) -> Content:
    """Return what a version keeps: the donor's names of the levels, and the results from the
    top."""
    content = {
        "preset": _preset(project.donor_preset),
        "results": [_result(node.result, node) for root in tree for node in root.walk()],
    }
    return LOGIC_MODEL.numbered(content)


def _preset(preset: Preset) -> Content:
    levels = [
        {"key": level.key, "singular": level.singular, "plural": level.plural}
        for level in preset.results
    ]
    return {"key": preset.key, "name": preset.titles, "levels": levels}


def _result(result: Result, node: Node) -> Content:
    return {
        "id": result.pk,
        "parent": result.parent_id,
        "level": result.level,
        "code": result.code,
        "statement": _texts(result, "statement"),
        "illustrative": result.illustrative,
        "indicators": [_indicator(each.indicator) for each in node.indicators],
    }


def _indicator(indicator: Indicator) -> Content:
    return {"id": indicator.pk, "code": indicator.code, "name": _texts(indicator, "name")}


def _texts(thing: Result | Indicator, name: str) -> Texts:
    return {language: getattr(thing, f"{name}_{language}") for language in LANGUAGES}


def level_name(content: Content, key: str, form: str = "singular") -> str:
    """Return the name that the donor gave the level when the content was kept."""
    levels = {level["key"]: level for level in content["preset"]["levels"]}
    return levels[key][form][active_language()] if key in levels else key


def branches(content: Content) -> list[Branch]:
    """Build the tree of results from the content, in the reader's language."""
    found: dict[int, Branch] = {}
    roots: list[Branch] = []
    for row in content["results"]:
        branch = Branch(
            pk=row["id"],
            level=row["level"],
            level_name=level_name(content, row["level"]),
            code=row["code"],
            statement=LocalizedText.of(row["statement"]),
            illustrative=row["illustrative"],
            indicators=[
                (each["code"], LocalizedText.of(each["name"])) for each in row["indicators"]
            ],
        )
        found[branch.pk] = branch
        above = found.get(row["parent"])
        (above.children if above else roots).append(branch)
    return roots


def has_illustrative(content: Content) -> bool:
    """Return whether any result of a kept version is illustrative."""
    return any(row["illustrative"] for row in content["results"])


def diagrams(content: Content, *, key: str = "logic-model") -> list[Chart]:
    """Draw the tree of results, split into as many parts as stay readable; none without a result.

    Illustrative results have an asterisk after their code.
    """
    keys = [level["key"] for level in content["preset"]["levels"]]
    rows = [level_name(content, level, "plural") for level in keys]
    boxes = [_box(branch, keys) for branch in branches(content)]
    return tree_columns(_("Logic model"), rows, boxes, key=key)


def _box(branch: Branch, keys: list[str]) -> Box:
    return Box(
        head=f"{branch.code} *" if branch.illustrative else branch.code,
        text=branch.statement.text,
        row=keys.index(branch.level) if branch.level in keys else len(keys) - 1,
        below=tuple(_box(child, keys) for child in branch.children),
    )
