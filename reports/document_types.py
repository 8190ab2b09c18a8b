"""The types of a composed document: `reports.compose` makes it, a snapshot stores it as JSON, and
the printers read it (PDF, Word, plain text, differences).

These types describe frozen JSON in today's format. Whoever changes one changes the format, and
writes its converter (`reports.frozen`).
"""

from typing import NotRequired, TypedDict, final

from reports.block_types import Block, Fact, LinePiece, LocalText


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
