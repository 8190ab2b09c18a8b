"""The types of a composed document and of the blocks that it is made of: texts, tables, boxes,
figures. `reports.compose` makes it, a snapshot stores it as JSON, and the printers read it (PDF, Word,
plain text, differences).

A block is data alone: texts, whole numbers, lists and objects of them, so that it can be frozen as
JSON and hashed. The `type` tells blocks apart.

These types describe frozen JSON in today's format. Whoever changes one changes the format, and
writes its converter (`reports.frozen`).
"""

from typing import Any, Literal, NotRequired, TypedDict, final


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


class ProjectData(TypedDict):
    code: str
    name: LocalText | None
    title: LocalText | None
    description: NotRequired[LocalText | None]


class DocumentHead(TypedDict):
    """`format`: see `reports.frozen`. `as_of` is the ISO day of its data, `heading` the kind of
    document, `title` the thing that it is about, `paper` the size of its pages, "a4" or "letter"."""

    format: int
    kind: str
    language: str
    audience: str
    heading: str
    title: str
    organisation: str
    project: ProjectData
    as_of: str
    paper: str
    illustrative: bool
    facts: list[Fact]


class PortalLink(TypedDict):
    """The name of something that a text cites, and the path of its page in the portal."""

    label: str
    path: str


class ChapterHead(TypedDict):
    """`is_missing`: it must be written and is empty. `is_short`: it should not be split between
    pages. `cites` is what its narrative cites, each once."""

    kind: str
    number: str
    title: str
    is_annex: bool
    narrative: LocalText | None
    is_missing: bool
    is_short: bool
    cites: list[PortalLink]


class Chapter(ChapterHead):
    blocks: list[Block]


class VersionDifferences(TypedDict):
    """The differences from the version that the same readers had before."""

    version: int
    sentences: list[str]


class GlanceFigure(TypedDict):
    """A value beside its target, in words. `share` is the percentage of the target for its bar, or
    None; `tone` the colour of its rating; `to` the anchor of the indicator."""

    code: str
    name: LocalText
    actual: str
    target: str
    share: int | None
    rating: str
    tone: str
    to: str


class GlanceMoney(TypedDict):
    """An amount beside the budget for it, in words, and its percentage of that for the bar."""

    name: str
    spent: str
    budget: str
    share: int


class GlanceQuotation(LocalText):
    """What somebody said who agreed to be quoted, and who that is, without a name."""

    source: LocalText


class Glance(TypedDict):
    """The page that says the most important at a glance. A line has links among its pieces; `maps`
    and `photos` are lists of one block or none."""

    figures: list[GlanceFigure]
    money: list[GlanceMoney]
    maps: list[Block]
    decisions: list[list[LinePiece]]
    risks: list[list[LinePiece]]
    photos: list[Block]
    quotation: GlanceQuotation | None


class PlacedLogo(TypedDict):
    """The logo of a donor, by the key of the institution and the hash of the picture, and the name
    that it belongs to."""

    institution: int
    sha256: str
    name: str


@final
class ReportDocument(DocumentHead):
    """An annual report, in chapters. There is no page at a glance if all in `glance` is empty."""

    period_name: str
    version: int
    signed_off: bool
    identification: list[Fact]
    source_note: LocalText | None
    logos: list[PlacedLogo]
    glance: Glance
    chapters: list[Chapter]
    acronyms: list[Block]
    has_illustrative: bool
    since: VersionDifferences | None


class AnnexedPaper(TypedDict):
    """A paper behind a pack; `document` and `sha256` identify the file at the time of the
    request."""

    number: int
    document: int
    title: str
    language: str
    kind: str
    size: int
    sha256: str


class AppendedPaper(TypedDict):
    """The input of `reports.append` for one paper: `file` is the descriptor of its clean pages,
    `spoken` the texts that screen readers read aloud for them."""

    file: int
    anchor: str
    label: str
    spoken: list[str]


class DocumentExtras(TypedDict, total=False):
    """Values that documents of some kinds have beside their blocks."""

    has_contents: bool
    annexes: list[AnnexedPaper]
    code: str
    addressee: int
    base: int
    seat: int


@final
class FramedDocument(DocumentHead, DocumentExtras):
    """A document of a meeting, a seat or a plan, in blocks (`reports.compose.frame`)."""

    layout: str
    blocks: list[Block]


ComposedDocument = ReportDocument | FramedDocument
