"""The types of the blocks that composed documents are made of: texts, tables, boxes, figures.

A block is data alone: texts, whole numbers, lists and objects of them, so that it can be frozen as
JSON and hashed. The `type` tells blocks apart. A printer that
handles each `type` ends with `assert_never`, so that mypy reports every printer that forgets a new
type of block.

These types describe frozen JSON in today's format (see `reports.document_types`).
"""

from typing import Any, Literal, NotRequired, TypedDict


class LocalText(TypedDict):
    """A text, and its language if that differs from the document's ("" otherwise)."""

    text: str
    lang: str


class LinePiece(LocalText):
    """A text within a line, and the anchor in the same document that it leads to, or ""."""

    to: str


# Composers write these: a bare string is in the language of the document. A line is a text, or
# several texts with links among them, one after the other.
Text = str | LocalText
TextLine = Text | list[Text]


class Fact(TypedDict):
    """A label and its value; `key` names it in a donor's template, whatever the language."""

    label: str
    value: str
    key: NotRequired[str]


# Blocks


class BlockBase(TypedDict):
    """`landscape` puts a block that is wide on landscape pages. It is present only if it is
    true."""

    landscape: NotRequired[bool]


class HeadingBlock(BlockBase, LocalText):
    """`over` is a line above the heading, in small letters."""

    type: Literal["heading"]
    level: int
    anchor: str
    new_page: bool
    over: str


class ParagraphBlock(BlockBase, LocalText):
    """`style` holds classes of print.css. A line of several texts has `pieces`, and all of it in
    `text`."""

    type: Literal["paragraph"]
    style: str
    pieces: NotRequired[list[LinePiece]]


class ProseBlock(BlockBase, LocalText):
    """A text in Markdown that people wrote."""

    type: Literal["prose"]


class NoticeBlock(BlockBase):
    type: Literal["notice"]
    text: str


class ListBlock(BlockBase):
    type: Literal["list"]
    rows: list[LocalText]


class FactsBlock(BlockBase):
    type: Literal["facts"]
    rows: list[Fact]


class BoxBlock(BlockBase, LocalText):
    """A decision, a recommendation, an amendment or a meeting, with its facts below."""

    type: Literal["box"]
    kind: str
    title: LocalText
    lines: list[list[LinePiece]]
    anchor: str


class TableColumn(TypedDict):
    """`width` is a percentage of the table; with 0 the column shares the rest.

    `group` is the head that it shares with its neighbours in print, with its own `name` under that.
    `key` names it in a donor's template (`reports.word_fields`).
    """

    label: str
    width: int
    num: bool
    group: NotRequired[str]
    name: NotRequired[str]
    key: NotRequired[str]


class CellText(LocalText):
    """The content of a cell.

    `small` holds lines below in small letters, each of pieces, `tone` (ok, warn, bad or info) a colour beside the
    text. `why` is an explanation, for which templates have a field of their own.
    """

    small: list[list[LinePiece]]
    tone: str
    anchor: str
    to: str
    why: NotRequired[str]


class TableCell(CellText):
    """A cell in its column; `end` is the space to its right, which the PDF adds
    (`reports.decimals`)."""

    num: bool
    is_head: bool
    end: NotRequired[str]


class TableRow(TypedDict):
    cells: list[TableCell]
    is_total: bool


class TableBlock(BlockBase):
    type: Literal["table"]
    caption: str
    columns: list[TableColumn]
    rows: list[TableRow]
    style: str
    key: NotRequired[str]


class PictureBlock(BlockBase, LocalText):
    """A photograph among the evidence, by its key and hash; `reports.pictures` fetches it."""

    type: Literal["picture"]
    evidence: int
    sha256: str
    alternative: str
    lines: list[str]


class SignatureBlock(BlockBase):
    type: Literal["signature"]
    lines: list[str]


class AnnexesBlock(BlockBase):
    """The place where a pack lists the papers that could not be appended (`reports.annexes`)."""

    type: Literal["annexes"]


class FigureBlock(BlockBase):
    """A chart by its name in `reports.figures.CHARTS`, and the data from which it is drawn there."""

    type: Literal["figure"]
    chart: str
    title: str
    data: dict[str, Any]


# Blocks that every printer prints as they were composed.
PlainBlock = (
    HeadingBlock
    | ParagraphBlock
    | ProseBlock
    | NoticeBlock
    | ListBlock
    | FactsBlock
    | SignatureBlock
    | AnnexesBlock
)
Block = PlainBlock | BoxBlock | TableBlock | PictureBlock | FigureBlock
