"""Computes the values of the named fields of a Word template from the document of a report.

The document was composed for its readers (`reports.compose`), so the Word file reveals nothing that
the PDF would not. Columns of tables are recognised by their keys, which are equal in all languages.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypedDict

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.formats import NO_BREAK, day
from kernel.svg import spoken
from kernel.text import clean_text, plain_text
from kernel.xml_text import xml_text
from reports.compose.blocks import words_of
from reports.document_types import (
    Block,
    BoxBlock,
    Chapter,
    Glance,
    HeadingBlock,
    LocalText,
    ReportDocument,
    TableBlock,
)
from reports.figures import PrintedBlock, PrintedChapter, numbered_chapters
from reports.models import SectionKind
from reports.pictures import IllustratedBlock, with_pictures
from reports.word_fields import (
    CHARTS,
    FACTS,
    FORMATTED_TEXTS,
    INDICATOR,
    LISTS,
    NARRATIVE,
    PARAGRAPHS,
    formatted,
)

# The value of each field, by its name in templates: a text, or rows of fields.
Fields = dict[str, object]
TextFields = dict[str, str]


class ResultFields(TypedDict):
    code: str
    level: str
    statement: str
    text: str
    indicators: list[TextFields]


class ChapterFields(TypedDict):
    number: str
    title: str
    text: str
    paragraphs: list[str]


def fields_of(document: ReportDocument, *, is_draft: bool) -> Fields:
    """Return the value of each field in that document, in its language."""
    with translation.override(document["language"]):
        chapters = sections_of(document["chapters"])
        lines: dict[str, list[str]] = {kind.value: [] for kind in SectionKind}
        lines |= {kind: _lines(chapter) for kind, chapter in chapters.items()}
        told: Fields = {
            **_texts(document, is_draft=is_draft),
            NARRATIVE: {kind: "\n\n".join(each) for kind, each in lines.items()},
            PARAGRAPHS: lines,
            **{name: source(chapters) for name, source in SOURCES.items()},
            "identification": [
                {"label": row["label"], "value": row["value"]} for row in document["identification"]
            ],
            "chapters": [_chapter(chapter) for chapter in document["chapters"]],
            FORMATTED_TEXTS: {kind: [] for kind in lines}
            | {kind: _formatted(chapter) for kind, chapter in chapters.items()},
        }
        pictures = _pictures(numbered_chapters(document["chapters"]), document["glance"])
    return {name: _clean(value) for name, value in (told | pictures).items()}


def _clean(value: object) -> object:
    """Return plain text without any sign that a Word file or the template's library could
    interpret."""
    if isinstance(value, str):
        return xml_text(clean_text(value))
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value


def _texts(document: ReportDocument, *, is_draft: bool) -> TextFields:
    project = document["project"]
    facts = {row["key"]: row["value"] for row in document["facts"]}
    return {
        "report_title": document["heading"],
        "report_name": document["title"],
        "language": str(dict(settings.LANGUAGES)[document["language"]]),
        "date": day(date.fromisoformat(document["as_of"])),
        "draft": _("Draft") if is_draft else "",
        "organisation": document["organisation"],
        "project_code": project["code"],
        "project_name": _words(project["name"]),
        "project_title": _words(project["title"]),
        "project_description": _words(project.get("description")),
        **{key: facts.get(key, "") for key in FACTS},
        "illustrative_note": _("* Illustrative.") if document["has_illustrative"] else "",
    }


def _words(text: LocalText | None) -> str:
    return text["text"] if text else ""


def _lines(chapter: Chapter) -> list[str]:
    text = plain_text(_words(chapter["narrative"]))
    return [line.strip() for line in text.splitlines() if line.strip()]


def _formatted(chapter: Chapter) -> object:
    told = chapter["narrative"]
    return formatted(told["text"], told["lang"]) if told else []


def _pictures(chapters: list[PrintedChapter], glance: Glance) -> Fields:
    """Return the charts and photographs as `reports.fill` shows them. A template has no
    page at a glance, so its photograph is the first of them."""
    photographs = [
        *_photographs(with_pictures(glance["photos"])),
        *(photo for chapter in chapters for photo in _photographs(chapter["blocks"])),
    ]
    figures = [
        figure | {"section": chapter["kind"]}
        for chapter in chapters
        for figure in _charts(chapter["blocks"])
    ]
    return {
        CHARTS: {
            kind.value: [one for one in figures if one["section"] == kind.value]
            for kind in SectionKind
        },
        "figures": figures,
        "photographs": photographs,
    }


def _charts(blocks: list[PrintedBlock]) -> Iterator[Fields]:
    for block in blocks:
        if block["type"] == "figure":
            svg = str(block["figure"].svg)
            yield {
                "picture": {"svg": svg, "spoken": spoken(svg)},
                "caption": block["figure"].caption,
            }


def _photographs(blocks: Iterable[PrintedBlock | IllustratedBlock]) -> Iterator[Fields]:
    """Return those whose consent was not withdrawn."""
    for block in blocks:
        if block["type"] == "picture" and block["photo"]:
            content = b64encode(block["photo"].content).decode()
            yield {
                "picture": {"jpeg": content, "spoken": block["alternative"]},
                "caption": block["text"],
                "details": "\n".join(block["lines"]),
            }


def _chapter(chapter: Chapter) -> ChapterFields:
    lines = _lines(chapter)
    return {
        "number": chapter["number"],
        "title": chapter["title"],
        "text": "\n\n".join(lines),
        "paragraphs": lines,
    }


# From the blocks of the chapters

Chapters = dict[str, Chapter]
# Invariant lists: a list of fields of results is no list of objects.
Source = Callable[[Chapters], Sequence[object]]


def sections_of(chapters: list[Chapter]) -> Chapters:
    """Return the chapters by their kinds, and the sections within them (`SectionKind.home`) as if
    each was a chapter."""
    found = {chapter["kind"]: chapter for chapter in chapters}
    for chapter in chapters:
        heads = [
            (place, block["anchor"])
            for place, block in enumerate(chapter["blocks"])
            if block["type"] == "heading" and block["level"] == 1
        ]
        ends = [*(place for place, _anchor in heads[1:]), len(chapter["blocks"])]
        for (place, anchor), end in zip(heads, ends, strict=False):
            if anchor in SectionKind.values:
                found[anchor] = _as_chapter(chapter, anchor, chapter["blocks"][place:end])
    return found


def _as_chapter(chapter: Chapter, kind: str, blocks: list[Block]) -> Chapter:
    """`blocks`: its heading, and below that its text if there is one."""
    section: Chapter = {**chapter, "kind": kind, "narrative": None, "blocks": blocks[1:]}
    if blocks[1:] and blocks[1]["type"] == "prose":
        section["narrative"] = {"text": blocks[1]["text"], "lang": blocks[1]["lang"]}
    return section


def _blocks(chapters: Chapters, *kinds: str) -> list[Block]:
    return [block for kind in kinds if kind in chapters for block in chapters[kind]["blocks"]]


def rows_of(table: TableBlock) -> list[TextFields]:
    """Return the rows of a table by the keys of its columns; small lines are under `key_note`."""
    keys = [column.get("key", "") for column in table["columns"]]
    return [
        {
            name: text
            for key, cell in zip(keys, row["cells"], strict=True)
            if key
            for name, text in (
                (key, cell["text"]),
                (f"{key}_note", "\n".join(map(words_of, cell["small"]))),
                (f"{key}_why", cell.get("why", "")),
            )
        }
        | {"anchor": next((cell["anchor"] for cell in row["cells"] if cell["anchor"]), "")}
        for row in table["rows"]
    ]


def tables(
    key: str, *kinds: str, renamed: dict[str, str] | None = None
) -> Callable[[Chapters], list[TextFields]]:
    """Return all rows of the tables of that key, in chapters of these kinds.

    `renamed` maps keys to other names in a template.
    """

    def source(chapters: Chapters) -> list[TextFields]:
        rows = [
            row
            for block in _blocks(chapters, *kinds)
            if block["type"] == "table" and block.get("key") == key
            for row in rows_of(block)
        ]
        return [{(renamed or {}).get(name, name): text for name, text in r.items()} for r in rows]

    return source


def boxes(box: str, *kinds: str) -> Source:
    """Return the boxes of that kind, of the first chapter that has any."""

    def source(chapters: Chapters) -> list[TextFields]:
        for kind in kinds:
            blocks = _blocks(chapters, kind)
            found = [_box(each) for each in blocks if each["type"] == "box" and each["kind"] == box]
            if found:
                return found
        return []

    return source


def _box(block: BoxBlock) -> TextFields:
    return {
        "number": block["anchor"].partition("-")[2],
        "title": block["title"]["text"],
        "text": block["text"],
        "details": "\n".join(map(words_of, block["lines"])),
    }


def results(kind: str) -> Callable[[Chapters], list[ResultFields]]:
    """Return the headings of results, each with the indicators of the tables below it."""

    def source(chapters: Chapters) -> list[ResultFields]:
        found: list[ResultFields] = []
        for block in _blocks(chapters, kind):
            if block["type"] == "heading":
                if not block["anchor"].startswith("result-"):
                    break
                found.append(_result(block))
            elif block["type"] == "prose" and found:
                found[-1]["text"] = plain_text(block["text"]).strip()
            elif block["type"] == "table" and block.get("key") == "indicators" and found:
                found[-1]["indicators"] += map(_indicator, rows_of(block))
        return found

    return source


def _result(block: HeadingBlock) -> ResultFields:
    code = block["anchor"].removeprefix("result-")
    level = block["over"].removesuffix(code).strip()
    return {
        "code": code,
        "level": level,
        "statement": block["text"],
        "text": "",
        "indicators": [],
    }


def _indicator(row: TextFields) -> TextFields:
    """Split the code from the name, which documents write in one cell."""
    code, _between, name = row["name"].partition(f"{NO_BREAK} ")
    empty = dict.fromkeys(INDICATOR, "")
    return empty | row | {"code": code, "name": name, "explanation": row["name_why"]}


def _indicators(chapters: Chapters) -> list[TextFields]:
    found = [result for kind in ("progress", "activities") for result in results(kind)(chapters)]
    return [row | {"result": one["code"]} for one in found for row in one["indicators"]]


def _risks(chapters: Chapters) -> list[TextFields]:
    """Return one row for each risk, from the table of levels and that of responses, or from the
    register in the annex."""
    done = {row["number"]: row for row in tables("risk_responses", "risks")(chapters)}
    empty = dict.fromkeys(LISTS["risks"].parts, "")
    levels = tables("risk_levels", "risks")(chapters)
    if not levels:
        return [empty | row for row in map(_registered, _register(chapters))]
    return [empty | done.get(row["number"], {}) | row for row in levels]


def _register(chapters: Chapters) -> list[TextFields]:
    return tables("risk_register", "annex_risks")(chapters)


def _registered(row: TextFields) -> TextFields:
    """Take apart what the register writes in small lines: the trend, and strategy and owner."""
    strategy, _between, owner = row["response_note"].partition("\n")
    *band, trend = row["level_note"].split("\n")
    return row | {
        "strategy": strategy,
        "owner": owner,
        "trend": trend,
        "level_note": "\n".join(band),
    }


SOURCES: dict[str, Source] = {
    "outcomes": results("progress"),
    "outputs": results("activities"),
    "indicators": _indicators,
    "activities": tables(
        "activities",
        "activities",
        renamed={"title_note": "place", "participants_note": "women"},
    ),
    "actions": tables("actions", "plan"),
    "next_actions": tables("actions", "next_year"),
    "risks": _risks,
    "meetings": boxes("meeting", "governance"),
    "decisions": boxes("decision", "governance", "annex_decisions"),
    "recommendations": boxes("recommendation", "governance", "annex_decisions"),
    "amendments": boxes("amendment", "changes"),
    "institutions": tables("institutions", "governance"),
    "finances": tables("period_by_category", "finances"),
    "finances_whole": tables("whole_by_category", "finances"),
    "result_finances": tables("period_by_result", "finances"),
    "result_finances_whole": tables("whole_by_result", "finances"),
}
