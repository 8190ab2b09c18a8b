"""A report as people read it in the portal, from the same data as its files.

Its body is one page and each annex another, so that a telephone need not load the tables behind a
report before its text. Figures and tables have the numbers that they have in the PDF.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import quote, unquote

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kernel.formats import parse_number
from kernel.text import render_markdown
from kernel.workbooks import CellValue
from reports.compose.blocks import words_of
from reports.document_types import Block, Chapter, PictureBlock, ReportDocument, TableBlock
from reports.figures import FigureCounter, charts_of, levels_above
from reports.glance import amount_in_words
from reports.models import Report
from reports.models.preset import SectionKind

BODY = ""
# A chapter's title is an h2; its headings follow, and boxes under these.
FIRST_HEADING = 3
_LINK = re.compile(r'<a href="#([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)

_CITED = re.compile(r"\]\(#([^()\s]+)\)")


def cites(chapter: str, anchor: str) -> str:
    """Return the anchor of the sentence in which a chapter first cites the thing at `anchor`."""
    return f"cites-{chapter}-{anchor}"


def page_of(report: Report, part: str) -> str:
    """Return the address of the page of a part."""
    if part == BODY:
        return reverse("reports:read", args=[report.pk])
    return reverse("reports:read-part", args=[report.pk, part])


def place_of_citation(report: Report, chapter: str, anchor: str) -> str:
    """Return the address of the sentence in which a chapter cites the thing at `anchor`."""
    home = chapter_of(chapter)
    part = home if SectionKind(home).is_annex else BODY
    return f"{page_of(report, part)}#{quote(cites(home, anchor))}"


def place_of_section(report: Report, kind: str, language: str) -> str:
    """Return the address of what people wrote in a section, in that language."""
    part = kind if SectionKind(kind).is_annex else BODY
    return f"{page_of(report, part)}?in={language}#{kind}"


def chapter_of(section: str) -> str:
    """Return the kind of the chapter in which a section of this kind is printed."""
    kind = SectionKind(section)
    return str(getattr(kind, "home", kind).value)


@dataclass
class ShownChapter:
    """A chapter on a page. `language` is that of its narrative, if it differs from the document's."""

    kind: str
    number: str
    title: str
    is_annex: bool
    is_missing: bool
    narrative: SafeString
    language: str
    blocks: list[dict[str, Any]]


class Places:
    """Where the anchors of a document are: on this page, on another one, or nowhere.

    `records`: the addresses of the things at anchors, as far as the reader may see them. `pages`: the
    address of each part.
    """

    def __init__(
        self,
        document: ReportDocument,
        part: str,
        *,
        records: Mapping[str, str],
        pages: Mapping[str, str],
    ) -> None:
        self.part, self.records, self.pages = part, records, pages
        self._parts: dict[str, str] = {}
        for chapter in document["chapters"]:
            where = part_of(chapter)
            self._parts.setdefault(chapter["kind"], where)
            for anchor in anchors_of(chapter):
                self._parts.setdefault(anchor, where)

    def href(self, anchor: str) -> str:
        """Return the address of an anchor; empty if the document does not have it."""
        if (where := self._parts.get(anchor)) is None:
            return ""
        return f"#{anchor}" if where == self.part else f"{self.pages[where]}#{anchor}"

    def record(self, anchor: str) -> str:
        """Return the address of the thing at an anchor; empty if the reader may not see it."""
        return self.records.get(anchor, "")


def part_of(chapter: Chapter) -> str:
    return chapter["kind"] if chapter["is_annex"] else BODY


def parts_of(document: ReportDocument) -> list[str]:
    """Return the parts that have a page: the body, and each annex by its kind."""
    return list(dict.fromkeys([BODY, *map(part_of, document["chapters"])]))


def anchors_of(chapter: Chapter) -> Iterator[str]:
    """Return the anchors within a chapter, in its order."""
    for block in chapter["blocks"]:
        if block["type"] == "table":
            cells = (cell for row in block["rows"] for cell in row["cells"])
            yield from (cell["anchor"] for cell in cells if cell["anchor"])
        elif (block["type"] == "heading" or block["type"] == "box") and block["anchor"]:
            yield block["anchor"]


def places_of(report: Report, document: ReportDocument | None, anchor: str) -> list[dict[str, str]]:
    """Return the label and the address of each chapter of the document that has the anchor."""
    return [
        {
            "label": chapter["title"],
            "url": f"{page_of(report, part_of(chapter))}#{quote(anchor)}",
        }
        for chapter in (document["chapters"] if document else [])
        if anchor in anchors_of(chapter)
    ]


def headings_of(chapter: Chapter) -> dict[str, str]:
    """Return the headings within a chapter on which people comment: their words by their anchors."""
    return {
        block["anchor"]: block["text"]
        for block in chapter["blocks"]
        if block["type"] == "heading" and block["anchor"]
    }


def kinds_linked(document: ReportDocument) -> set[str]:
    """Return the kinds of things that the document describes or cites, by the beginnings of their
    anchors."""
    found: set[str] = set()
    for chapter in document["chapters"]:
        anchors = list(anchors_of(chapter))
        texts = [block["text"] for block in chapter["blocks"] if block["type"] == "prose"]
        if narrative := chapter["narrative"]:
            texts.append(narrative["text"])
        anchors += (unquote(one) for text in texts for one in _CITED.findall(text))
        found |= {anchor.partition("-")[0] for anchor in anchors}
    return found


def shown_chapters(document: ReportDocument, part: str, places: Places) -> list[ShownChapter]:
    """Return the chapters of a part as its page shows them."""
    return [_shown(chapter, blocks, places) for chapter, blocks in numbered(document, part)]


def _shown(chapter: Chapter, blocks: list[dict[str, Any]], places: Places) -> ShownChapter:
    links, narrative = Links(chapter["kind"], places), chapter["narrative"]
    html = links.text(narrative["text"], FIRST_HEADING) if narrative else SafeString("")
    for block in blocks:
        if block["type"] == "prose":
            block["html"] = links.text(block["text"], FIRST_HEADING + 1)
    return ShownChapter(
        kind=chapter["kind"],
        number=chapter["number"],
        title=chapter["title"],
        is_annex=chapter["is_annex"],
        is_missing=chapter["is_missing"] and not narrative,
        narrative=html,
        language=narrative["lang"] if narrative else "",
        blocks=blocks,
    )


class Links:
    """Leads what a chapter cites to the page of the record, or to its place in the report if the reader
    may not open that. The first link to each thing is a place that other pages lead to."""

    def __init__(self, chapter: str, places: Places) -> None:
        self.chapter, self.places = chapter, places
        self.seen: set[str] = set()

    def text(self, markdown: str, top: int) -> SafeString:
        html = render_markdown(markdown, top=top)
        return mark_safe(_LINK.sub(self._link, html))  # noqa: S308  (cleaned, links escaped below)

    def _link(self, found: re.Match[str]) -> str:
        anchor, words = unquote(found[1]), found[2]
        href = self.places.record(anchor) or self.places.href(anchor)
        if not href:
            return words
        own = "" if anchor in self.seen else f' id="{escape(cites(self.chapter, anchor))}"'
        self.seen.add(anchor)
        return f'<a{own} href="{escape(href)}">{words}</a>'


# Blocks


def numbered(
    document: ReportDocument, part: str | None = None
) -> Iterator[tuple[Chapter, list[dict[str, Any]]]]:
    """Return the chapters of one part, or all, with their blocks for a page. Figures are drawn;
    figures and tables are numbered through all chapters as in the PDF. A table without a caption is
    called by the heading above it."""
    counter = FigureCounter(tables=True)
    for chapter in document["chapters"]:
        is_shown = part is None or part_of(chapter) == part
        shown: list[dict[str, Any]] = []
        above, level, heading = levels_above(chapter["blocks"]), 0, chapter["title"]
        for block in chapter["blocks"]:
            one: dict[str, Any] = dict(block)
            if block["type"] == "figure":
                for chart in charts_of(block, wide=False):
                    anchor, caption = counter.next_figure(chart)
                    figure = {"type": "figure", "id": anchor, "caption": caption, "chart": chart}
                    shown.append(figure)
                continue
            if block["type"] == "heading":
                level, heading = max(block["level"] - above, 0), block["text"]
                one["tag"] = FIRST_HEADING + max(level - 1, 0)
            elif block["type"] == "box":
                one["tag"] = FIRST_HEADING + level
            elif block["type"] == "table":
                anchor, caption = counter.next_table(block)
                one |= {"id": anchor, "caption": caption, "label": caption or heading}
                one["rows"] = _labelled_rows(block)
            shown.append(one)
        if is_shown:
            yield chapter, shown


def _labelled_rows(block: TableBlock) -> list[dict[str, Any]]:
    """Return the rows of a table with the labels of their columns, which telephones show before each
    cell."""
    labels = [column["label"] for column in block["columns"]]
    return [
        {"is_total": row["is_total"], "cells": list(zip(labels, row["cells"], strict=False))}
        for row in block["rows"]
    ]


def picture_in(document: ReportDocument, evidence: int) -> PictureBlock | None:
    """Return the picture of this photograph in the document; None if it does not show it."""
    for block in chain(document["glance"]["photos"], *blocks_of_chapters(document)):
        if block["type"] == "picture" and block["evidence"] == evidence:
            return block
    return None


def blocks_of_chapters(document: ReportDocument) -> Iterator[list[Block]]:
    return (chapter["blocks"] for chapter in document["chapters"])


def glance_of(document: ReportDocument) -> dict[str, Any]:
    """Return the page of the report that says the most important at a glance, with its maps drawn and
    its amounts in words; empty if the report has none."""
    glance = document["glance"]
    if not any(glance.values()):
        return {}
    figures = (block for block in glance["maps"] if block["type"] == "figure")
    charts = (chart for block in figures for chart in charts_of(block, wide=False))
    amounts = [amount_in_words(row) for row in glance["money"]]
    return {**glance, "maps": list(charts), "money": amounts}


def evidence_shown(blocks: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return the keys of the photographs among some blocks."""
    return {block["evidence"] for block in blocks if block["type"] == "picture"}


# The data behind one figure


@dataclass(frozen=True)
class FigureData:
    """A figure or table of a report as a list: `chapter` is its kind, `anchors` what it is about,
    `counted` the places of the columns with numbers, `groups` the sign that separates thousands."""

    title: str
    chapter: str
    head: list[str]
    rows: list[list[str]]
    anchors: list[str]
    counted: frozenset[int]
    groups: str

    @property
    def values(self) -> list[list[CellValue]]:
        """Return the rows for a file: a spreadsheet adds up numbers, but not words such as “1,234”."""
        return [
            [self._value(cell) if place in self.counted else cell for place, cell in enumerate(row)]
            for row in self.rows
        ]

    def _value(self, cell: str) -> CellValue:
        try:
            return parse_number(cell, groups=self.groups)
        except ValidationError:  # “–”, or a number with its unit
            return cell


def figure_data(document: ReportDocument, name: str) -> FigureData | None:
    """Return what is behind “figure-3” or “table-2”; None if the document has no such thing."""
    for chapter, blocks in numbered(document):
        for block in blocks:
            if block.get("id") == name:
                groups = "" if document["language"] == "fr" else ","
                return _data_of(chapter, block, groups)
    return None


def _data_of(chapter: Chapter, block: Mapping[str, Any], groups: str) -> FigureData:
    kind = chapter["kind"]
    if block["type"] == "figure":
        chart = block["chart"]
        head, rows = [str(one) for one in chart.headers], [list(map(str, r)) for r in chart.rows]
        counted = frozenset(range(1, len(head)))
        anchors = list(anchors_of(chapter))
        return FigureData(block["caption"], kind, head, rows, anchors, counted, groups)
    head = [column["label"] for column in block["columns"]]
    rows = [[_words(cell) for _label, cell in row["cells"]] for row in block["rows"]]
    cells = [cell for row in block["rows"] for _label, cell in row["cells"]]
    anchors = [one for cell in cells for one in (cell["anchor"], cell["to"]) if one]
    counted = frozenset(place for place, column in enumerate(block["columns"]) if column["num"])
    anchors = list(dict.fromkeys(anchors))
    return FigureData(block["caption"], kind, head, rows, anchors, counted, groups)


def _words(cell: Mapping[str, Any]) -> str:
    return " · ".join(one for one in (cell["text"], *map(words_of, cell["small"])) if one)
