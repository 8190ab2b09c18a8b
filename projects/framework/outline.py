"""The logic model as plain data in three languages: what a version keeps, and what is drawn.

A page of the present tree and one of an approved version show the same data: the one as it is
now, the other as it was kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.charts import Chart
from kernel.frozen import Content
from kernel.text import LANGUAGES, active_language
from kernel.tree_diagram import Box, tree_diagrams
from projects.framework.tree import Node
from projects.models import Indicator, Project, Result
from projects.models.logic_model import LOGIC_MODEL
from projects.presets import Preset, Texts


@dataclass(frozen=True)
class Named:
    """A text in the reader's language, or else in the first that there is."""

    text: str
    language: str

    @classmethod
    def of(cls, texts: Texts) -> "Named":
        filled = [each for each in (active_language(), *LANGUAGES) if texts.get(each)]
        language = filled[0] if filled else active_language()
        return cls(texts.get(language, ""), language)


@dataclass(frozen=True)
class Branch:
    """One result as it is read, with its indicators' codes and names, and the results below."""

    pk: int
    level: str
    level_name: str
    code: str
    statement: Named
    illustrative: bool
    indicators: list[tuple[str, Named]]
    children: list["Branch"] = field(default_factory=list)

    def walk(self) -> Iterator["Branch"]:
        """This one and all below it, from the top down."""
        yield self
        for child in self.children:
            yield from child.walk()


def content_of(project: Project, tree: list[Node]) -> Content:
    """What a version keeps: the levels as the donor names them, and the results from the top."""
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
    """As the donor called the level when this was kept."""
    levels = {level["key"]: level for level in content["preset"]["levels"]}
    return levels[key][form][active_language()] if key in levels else key


def branches(content: Content) -> list[Branch]:
    """The tree that the content tells, for who reads it now."""
    found: dict[int, Branch] = {}
    roots = []
    for row in content["results"]:
        branch = Branch(
            pk=row["id"],
            level=row["level"],
            level_name=level_name(content, row["level"]),
            code=row["code"],
            statement=Named.of(row["statement"]),
            illustrative=row["illustrative"],
            indicators=[(each["code"], Named.of(each["name"])) for each in row["indicators"]],
        )
        found[branch.pk] = branch
        above = found.get(row["parent"])
        (above.children if above else roots).append(branch)
    return roots


def has_illustrative(content: Content) -> bool:
    return any(row["illustrative"] for row in content["results"])


def diagrams(content: Content, *, key: str = "logic-model") -> list[Chart]:
    """The familiar picture, in as many parts as can be read; none where there is no result.

    What is illustrative has an asterisk behind its code.
    """
    keys = [level["key"] for level in content["preset"]["levels"]]
    rows = [level_name(content, level, "plural") for level in keys]
    boxes = [_box(branch, keys) for branch in branches(content)]
    return tree_diagrams(_("Logic model"), rows, boxes, key=key)


def _box(branch: Branch, keys: list[str]) -> Box:
    return Box(
        head=f"{branch.code} *" if branch.illustrative else branch.code,
        text=branch.statement.text,
        row=keys.index(branch.level) if branch.level in keys else len(keys) - 1,
        below=tuple(_box(child, keys) for child in branch.children),
    )
