"""Compares versions of a report by their frozen documents.

`compare` takes two documents of one audience and language and returns which chapters were added or
removed, which paragraphs were rewritten, and which figures of tables changed. It reads nothing
else, so a comparison reveals no more than the two documents do. `sentences` summarises it, and
`differences_note` writes into a new document how it differs from the version that its readers had
before.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from django.utils.translation import gettext as _, ngettext

from committees.models import Audience
from kernel.formats import MISSING, join_list
from kernel.text import MAX_LENGTH, plain_text
from reports.compose.blocks import words_of
from reports.document_types import Block, Chapter, ReportDocument, TableBlock, TableCell
from reports.models import Report

SAME, GONE, NEW = "same", "gone", "new"
# At most so many figures get a sentence each; the page shows all of them.
MOST_LISTED_FIGURES = 3
# Above this number of pairs, words are not compared one by one: the search is quadratic.
MAX_PAIRS = 1_000_000


@dataclass(frozen=True)
class DiffSegment:
    """Some words of a changed paragraph, which were kept, removed or added."""

    kind: str
    text: str


@dataclass(frozen=True)
class ParagraphChange:
    """The segments in the order of reading; an added or removed paragraph is one segment."""

    pieces: tuple[DiffSegment, ...]


@dataclass(frozen=True)
class FigureChange:
    table: str
    row: str
    column: str
    before: str
    after: str


@dataclass(frozen=True)
class TableRowChange:
    table: str
    row: str
    is_new: bool


@dataclass
class ChapterChange:
    kind: str
    title: str
    is_new: bool = False
    is_gone: bool = False
    paragraphs: list[ParagraphChange] = field(default_factory=list)
    figures: list[FigureChange] = field(default_factory=list)
    rows: list[TableRowChange] = field(default_factory=list)
    tables_added: list[str] = field(default_factory=list)
    tables_removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.is_new
            or self.is_gone
            or self.paragraphs
            or self.figures
            or self.rows
            or self.tables_added
            or self.tables_removed
        )


# Comparing


def compare(before: ReportDocument, after: ReportDocument) -> list[ChapterChange]:
    """Return the chapters that differ, in the order of the later document, removed ones last.

    Chapters are recognised by their kind, so a chapter that only moved to another number is equal.
    """
    old, new = _by_kind(before), _by_kind(after)
    found = []
    for key, chapter in new.items():
        if key not in old:
            found.append(ChapterChange(chapter["kind"], chapter["title"], is_new=True))
        elif change := _compare_chapters(old[key], chapter):
            found.append(change)
    found += [
        ChapterChange(chapter["kind"], chapter["title"], is_gone=True)
        for key, chapter in old.items()
        if key not in new
    ]
    return found


def changed_kinds(before: ReportDocument, after: ReportDocument) -> set[str]:
    """Return the kinds of the chapters that are new in the later document, or say something else. Takes
    a fraction of the time of `compare`, for pages that only mark them."""
    old = _by_kind(before)
    return {
        chapter["kind"]
        for key, chapter in _by_kind(after).items()
        if key not in old or _compared(old[key]) != _compared(chapter)
    }


def _compared(chapter: Chapter) -> tuple[list[str], list[object]]:
    """Return what `compare` compares of a chapter."""
    tables = [(name, _rows_of(table)) for name, table in _tables_of(chapter).items()]
    return _words_of(chapter), list(tables)


def _by_kind(document: ReportDocument) -> dict[tuple[str, int], Chapter]:
    """Return chapters by their kind and their position among those of that kind."""
    seen: Counter[str] = Counter()
    found = {}
    for chapter in document["chapters"]:
        found[chapter["kind"], seen[chapter["kind"]]] = chapter
        seen[chapter["kind"]] += 1
    return found


def _compare_chapters(old: Chapter, new: Chapter) -> ChapterChange:
    change = ChapterChange(new["kind"], new["title"])
    change.paragraphs = compare_texts(_words_of(old), _words_of(new))
    tables_before, tables_after = _tables_of(old), _tables_of(new)
    for name, table in tables_after.items():
        if name in tables_before:
            _compare_tables(change, name[0], tables_before[name], table)
        else:
            change.tables_added.append(name[0])
    change.tables_removed = [name[0] for name in tables_before if name not in tables_after]
    return change


def _words_of(chapter: Chapter) -> list[str]:
    """Return the paragraphs of a chapter: its narrative, then the texts of its blocks."""
    texts = [chapter["narrative"]["text"]] if chapter["narrative"] else []
    for block in chapter.get("blocks") or []:
        texts += _texts_of(block)
    return [line for text in texts for line in _paragraphs(text)]


def _texts_of(block: Block) -> list[str]:
    match block["type"]:
        case "prose" | "paragraph" | "notice":
            return [block["text"]]
        case "list":
            return [row["text"] for row in block["rows"]]
        case "box":
            return [block["title"]["text"], block["text"], *map(words_of, block["lines"])]
        case "facts":
            return [f"{row['label']}: {row['value']}" for row in block["rows"]]
        case "table":
            return []  # compared cell by cell
        case "heading" | "figure" | "picture" | "signature" | "annexes":
            return []  # their content is in the texts and tables beside them
        case _:
            assert_never(block)


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a Markdown text, without its marks."""
    words = plain_text(text) if len(text) <= MAX_LENGTH else text
    return [line for line in words.splitlines() if line.strip()]


def compare_texts(before: Sequence[str], after: Sequence[str]) -> list[ParagraphChange]:
    """Return the paragraphs that differ.

    A rewritten paragraph is paired with its old text; one with almost no words in common counts as
    removed and added.
    """
    matcher = difflib.SequenceMatcher(a=before, b=after)
    found = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        old, new = list(before[start:end]), list(after[new_start:new_end])
        paired = min(len(old), len(new))
        for one, other in zip(old[:paired], new[:paired], strict=True):
            found.append(ParagraphChange(compare_words(one, other)))
        found += [ParagraphChange((DiffSegment(GONE, one),)) for one in old[paired:]]
        found += [ParagraphChange((DiffSegment(NEW, one),)) for one in new[paired:]]
    return found


def compare_words(before: str, after: str) -> tuple[DiffSegment, ...]:
    """Return the segments of one paragraph.

    Kept and removed segments together are `before`, kept and added ones `after`.
    """
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    if len(old) * len(new) > MAX_PAIRS or matcher.ratio() < 0.3:
        return tuple(
            DiffSegment(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text
        )
    pieces = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(DiffSegment(SAME, "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(DiffSegment(GONE, "".join(old[start:end])))
        if new_end > new_start:
            pieces.append(DiffSegment(NEW, "".join(new[new_start:new_end])))
    return tuple(pieces)


# Tables


def _tables_of(chapter: Chapter) -> dict[tuple[str, int], TableBlock]:
    """Return tables by their caption, or else the heading above, and by their position among those
    of that name."""
    seen: Counter[str] = Counter()
    found, above = {}, chapter["title"]
    for block in chapter.get("blocks") or []:
        if block["type"] == "heading":
            above = block["text"]
        if block["type"] == "table":
            name = block["caption"] or above
            found[name, seen[name]] = block
            seen[name] += 1
    return found


def _compare_tables(change: ChapterChange, name: str, old: TableBlock, new: TableBlock) -> None:
    """Compare rows by the cell that names them and columns by their label, so that an inserted row
    or column does not change the others."""
    rows_before, rows_after = _rows_of(old), _rows_of(new)
    for key, cells in rows_after.items():
        if key not in rows_before:
            change.rows.append(TableRowChange(name, key[0], is_new=True))
            continue
        change.figures += _figures(name, key[0], rows_before[key], cells)
    change.rows += [
        TableRowChange(name, key[0], is_new=False) for key in rows_before if key not in rows_after
    ]


def _figures(
    table: str, row: str, before: dict[str, str], after: dict[str, str]
) -> Iterator[FigureChange]:
    for column in dict.fromkeys([*after, *before]):
        old, new = before.get(column, ""), after.get(column, "")
        if old != new:
            yield FigureChange(table, row, column, old or MISSING, new or MISSING)


def _rows_of(table: TableBlock) -> dict[tuple[str, int], dict[str, str]]:
    labels = [column["label"] for column in table["columns"]]
    seen: Counter[str] = Counter()
    found = {}
    for row in table["rows"]:
        cells = row["cells"]
        head = next((cell for cell in cells if cell["is_head"]), cells[0])
        name = head["text"] or (_("Total") if row["is_total"] else "")
        found[name, seen[name]] = {
            label: _cell(cell)
            for label, cell in zip(labels, cells, strict=False)
            if cell is not head
        }
        seen[name] += 1
    return found


def _cell(cell: TableCell) -> str:
    return " · ".join([text for text in (cell["text"], *map(words_of, cell["small"])) if text])


# Summary


def sentences(changes: Sequence[ChapterChange]) -> list[str]:
    """Return a few sentences in the active language, as the document prints them."""
    if not changes:
        return [_("Nothing in the text and the figures differs from the version before.")]
    found = []
    if new := [one.title for one in changes if one.is_new]:
        found.append(_("New chapters: %(titles)s.") % {"titles": join_list(new)})
    if gone := [one.title for one in changes if one.is_gone]:
        found.append(_("Chapters left out: %(titles)s.") % {"titles": join_list(gone)})
    for change in changes:
        found += _sentences_of(change)
    return found


def _sentences_of(change: ChapterChange) -> Iterator[str]:
    title = {"title": change.title}
    if count := len(change.paragraphs):
        yield ngettext(
            "“%(title)s”: %(count)d paragraph was changed.",
            "“%(title)s”: %(count)d paragraphs were changed.",
            count,
        ) % (title | {"count": count})
    yield from _figure_sentences(change)
    for is_new in (True, False):
        if rows := [one.row for one in change.rows if one.is_new == is_new and one.row]:
            words = (
                _("“%(title)s”: new in its tables: %(rows)s.")
                if is_new
                else _("“%(title)s”: no longer in its tables: %(rows)s.")
            )
            yield words % (title | {"rows": join_list(rows)})
    if change.tables_added:
        names = join_list(change.tables_added)
        yield _("“%(title)s”: new table: %(names)s.") % (title | {"names": names})
    if change.tables_removed:
        names = join_list(change.tables_removed)
        yield _("“%(title)s”: table left out: %(names)s.") % (title | {"names": names})


def _figure_sentences(change: ChapterChange) -> Iterator[str]:
    if len(change.figures) > MOST_LISTED_FIGURES:
        yield _("“%(title)s”: %(count)d figures in its tables were changed.") % {
            "title": change.title,
            "count": len(change.figures),
        }
        return
    for one in change.figures:
        yield _("“%(title)s”, %(row)s, %(column)s: %(before)s became %(after)s.") % {
            "title": change.title,
            "row": one.row,
            "column": one.column,
            "before": one.before,
            "after": one.after,
        }


# The version that readers had before

_HAD = {
    Audience.DONOR: Report.SHOWN_TO_DONOR,
    Audience.COMMITTEE: Report.SHOWN_TO_MEMBERS,
    Audience.PARTNERS: frozenset({Report.Status.PUBLISHED}),
    Audience.PUBLIC: frozenset({Report.Status.PUBLISHED}),
}


def base_of(report: Report, audience: str) -> Report | None:
    """Return the latest earlier version that this audience had.

    The text of a version that they never had must not become known through the differences.
    """
    earlier = Report.objects.versions_of(report).filter(
        version__lt=report.version,
        snapshot__isnull=False,
        status__in=_HAD.get(Audience(audience), Report.FROZEN),
    )
    return earlier.select_related("snapshot", "period").order_by("-version").first()


def frozen_document(report: Report, audience: str, language: str) -> ReportDocument | None:
    """Return the document of a signed version for this audience, if it was frozen for it."""
    snapshot = report.snapshot
    if snapshot is None or not snapshot.holds(audience, language):
        return None
    document = snapshot.document(audience, language)
    return document if "chapters" in document else None


def differences_note(
    base: Report | None, document: ReportDocument, *, audience: str, language: str
) -> tuple[int, list[str]] | None:
    """Return the number of the version that the readers had before (`base_of`), and sentences on
    the differences.

    They are in the active language. Returns None if there is no such version.
    """
    before = frozen_document(base, audience, language) if base else None
    if base is None or before is None:
        return None
    return base.version, sentences(compare(before, document))
