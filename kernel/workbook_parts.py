"""The parts of an Excel workbook from outside, as `kernel.filled_workbooks` fills them: checked
before anything is made of them, changed in place, and written again."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from posixpath import join, normpath
from typing import NamedTuple

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BODY = "xl/workbook.xml"
MOST_PARTS = 1_000
LARGEST_XML = 10_000_000
LARGEST_FILE = 40_000_000
MOST_CELLS = 200_000
# Parts that run or fetch something, or hold another file.
MACROS = re.compile(r"vbaproject|macrosheets|dialogsheets|/activex/|ctrlprops", re.IGNORECASE)
ELSEWHERE = re.compile(
    r"externallinks/|/connections\.xml|querytables/|webextensions|xl/model/", re.IGNORECASE
)
EMBEDDED = re.compile(r"/embeddings/|oleobject", re.IGNORECASE)
# Formulas that ask somebody else: functions, another workbook ([1]), another program (cmd|…).
FETCHING = re.compile(
    r"\b(WEBSERVICE|FILTERXML|IMAGE|RTD|CALL|EXEC|REGISTER(?:\.ID)?|SQL\.REQUEST|STOCKHISTORY"
    r"|CUBE\w+|IMPORT\w+|DDE)\s*\(|\[\d+\]|\|\s*'",
    re.IGNORECASE,
)
LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
# A format of days has these signs outside of its quoted words and colours.
_WORDS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


class Problem(NamedTuple):
    """What is wrong with a workbook, where, and with which words. `room` and `rows`: how many rows of
    a list there is room for, and how many there are."""

    code: str
    sheet: str = ""
    cell: str = ""
    what: str = ""
    room: int = 0
    rows: int = 0


class WorkbookRefused(Exception):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(dict.fromkeys(problems))[:40]
        super().__init__(self.problems)


class WorkbookParts:
    """Raises WorkbookRefused for what is no workbook, or could run or fetch something."""

    def __init__(self, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self._refuse_names(archive)
                self.entries = archive.infolist()
                self.raw = {entry.filename: archive.read(entry) for entry in self.entries}
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
            raise WorkbookRefused([Problem("damaged")]) from None
        self.trees: dict[str, etree._Element] = {}
        problems = [
            problem
            for name in self.raw
            if name.lower().endswith((".rels", ".xml"))
            for problem in self._problems(name)
        ]
        if problems:
            raise WorkbookRefused(problems)
        try:
            self._open()
        except (KeyError, IndexError, ValueError, StopIteration):
            raise WorkbookRefused([Problem("damaged")]) from None

    def _refuse_names(self, archive: zipfile.ZipFile) -> None:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        unpacked = sum(entry.file_size for entry in entries)
        found: list[Problem] = []
        if len(entries) > MOST_PARTS or unpacked > LARGEST_FILE:
            raise WorkbookRefused([Problem("too_large")])
        if any(
            one.file_size > LARGEST_XML for one in entries if one.filename.lower().endswith(".xml")
        ):
            raise WorkbookRefused([Problem("too_large")])
        if BODY not in names or len(set(names)) < len(names):
            raise WorkbookRefused([Problem("damaged")])
        for name in names:
            for code, kind in (
                ("macros", MACROS),
                ("external", ELSEWHERE),
                ("embedded", EMBEDDED),
            ):
                if kind.search(f"/{name}"):
                    found.append(Problem(code, what=name.rpartition("/")[2]))
        if found:
            raise WorkbookRefused(found)

    def _problems(self, name: str) -> Iterator[Problem]:
        tree = _read_xml(self.raw[name])
        if tree is None:
            yield Problem("damaged")
            return
        self.trees[name] = tree
        if name == "[Content_Types].xml" and MACROS.search(
            self.raw[name].decode("utf-8", "ignore")
        ):
            yield Problem("macros")
        if name.endswith(".rels"):
            for each in tree.iter("{*}Relationship"):
                target = each.get("Target") or ""
                if (each.get("TargetMode") or "").lower() == "external" and not (
                    (each.get("Type") or "").endswith("/hyperlink") and LINK.match(target)
                ):
                    yield Problem("external", what=target[:60])
        for each in tree.iter(f"{MAIN}definedName", f"{MAIN}f", "{*}formula1", "{*}formula2"):
            if found := FETCHING.search(each.text or ""):
                yield Problem("fetching", what=(each.text or "")[:60] or found[0])

    def _open(self) -> None:
        related = dict(self._related(BODY))
        self.shared = self._strings(related)
        self.styles_name = next((name for kind, name in related.values() if kind == "styles"), "")
        self.sheets: dict[str, etree._Element] = {}
        self._cells: dict[str, dict[str, etree._Element]] = {}
        for sheet in self.trees[BODY].iter(f"{MAIN}sheet"):
            kind, name = related[sheet.get(RELATION) or ""]
            if kind == "worksheet":  # a sheet of its own for a chart has no cells
                self.sheets[sheet.get("name") or ""] = self.trees[name]
        if not self.sheets:
            raise ValueError("A workbook has a sheet")
        cells = sum(1 for tree in self.sheets.values() for _cell in tree.iter(f"{MAIN}c"))
        if cells > MOST_CELLS:
            raise WorkbookRefused([Problem("too_large")])

    def _related(self, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield what a part refers to by its id: the kind, and the name of the part."""
        folder, _slash, name = part.rpartition("/")
        tree = self.trees[f"{folder}/_rels/{name}.rels"]
        for each in tree.iter("{*}Relationship"):
            target = each.get("Target") or ""
            kind = (each.get("Type") or "").rpartition("/")[2]
            full = target[1:] if target.startswith("/") else normpath(join(folder, target))
            yield each.get("Id") or "", (kind, full)

    def _strings(self, related: dict[str, tuple[str, str]]) -> list[str]:
        name = next((one for kind, one in related.values() if kind == "sharedStrings"), "")
        if not name:
            return []
        return [_text(item) for item in self.trees[name].iter(f"{MAIN}si")]

    # Cells

    def cells(self, sheet: str) -> dict[str, etree._Element]:
        if sheet not in self._cells:
            tree = self.sheets[sheet]
            self._cells[sheet] = {cell.get("r") or "": cell for cell in tree.iter(f"{MAIN}c")}
        return self._cells[sheet]

    def text_of(self, cell: etree._Element) -> str:
        kind = cell.get("t")
        if kind == "inlineStr":
            inside = cell.find(f"{MAIN}is")
            return "" if inside is None else _text(inside)
        value = cell.findtext(f"{MAIN}v") or ""
        if kind != "s":
            return value if kind == "str" else ""
        return (
            self.shared[int(value)] if value.isdecimal() and int(value) < len(self.shared) else ""
        )

    # Formats

    @property
    def _formats(self) -> etree._Element | None:
        styles = self.trees.get(self.styles_name)
        return None if styles is None else styles.find(f"{MAIN}cellXfs")

    def is_day(self, style: str | None, known: Collection[int]) -> bool:
        """Whether a cell of this format shows a number as a day."""
        formats = self._formats
        if formats is None or style is None or not style.isdecimal() or int(style) >= len(formats):
            return False
        key = formats[int(style)].get("numFmtId") or "0"
        if key.isdecimal() and int(key) in known:
            return True
        for each in self.trees[self.styles_name].iter(f"{MAIN}numFmt"):
            if each.get("numFmtId") == key:
                code = _WORDS.sub("", each.get("formatCode") or "").lower()
                return "y" in code or "d" in code
        return False

    def quoted(self, style: str | None) -> str:
        """Return the same format, whose cells stay texts when somebody edits them."""
        formats = self._formats
        if formats is None or not len(formats):
            return style or "0"
        number = int(style) if style and style.isdecimal() and int(style) < len(formats) else 0
        made = deepcopy(formats[number])
        made.set("quotePrefix", "1")
        formats.append(made)
        formats.set("count", str(len(formats)))
        return str(len(formats) - 1)

    # Written again

    def written(self) -> bytes:
        """Return the workbook; its formulas are computed anew by whoever opens it."""
        self._ask_to_compute()
        changed = {BODY, self.styles_name} | {
            name for name, tree in self.trees.items() if tree in self.sheets.values()
        }
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in self.entries:
                name = entry.filename
                part = zipfile.ZipInfo(name)  # dated 1980
                content = self.raw[name]
                if name in changed:
                    content = etree.tostring(
                        self.trees[name], xml_declaration=True, encoding="UTF-8", standalone=True
                    )
                archive.writestr(part, content, zipfile.ZIP_DEFLATED)
        return target.getvalue()

    def _ask_to_compute(self) -> None:
        for tree in self.sheets.values():
            for cell in tree.iter(f"{MAIN}c"):
                value = cell.find(f"{MAIN}v")
                if cell.find(f"{MAIN}f") is not None and value is not None:
                    cell.remove(value)  # it was computed from what the cells held before
                    cell.attrib.pop("t", None)
            size = tree.find(f"{MAIN}dimension")
            if size is not None:
                tree.remove(size)
        book = self.trees[BODY]
        settings = book.find(f"{MAIN}calcPr")
        if settings is None:
            settings = etree.Element(f"{MAIN}calcPr")
            later = [f"{MAIN}{name}" for name in _AFTER_COMPUTING]
            place = next((n for n, one in enumerate(book) if one.tag in later), len(book))
            book.insert(place, settings)
        settings.set("fullCalcOnLoad", "1")


# What follows `calcPr` in a workbook, whose parts have an order.
_AFTER_COMPUTING = (
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
)


def _text(item: etree._Element) -> str:
    """Return the text of a cell, of all its pieces, without the reading aids of Japanese."""
    inside = [
        one.text or ""
        for one in item.iter(f"{MAIN}t")
        if (parent := one.getparent()) is not None and parent.tag != f"{MAIN}rPh"
    ]
    return "".join(inside)


def _read_xml(content: bytes) -> etree._Element | None:
    plain = content.replace(b"\x00", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
