"""The types of a composed document: `reports.compose` makes it, a snapshot stores it as JSON, and the
printers read it (PDF, Word, plain text, differences).

These types describe frozen JSON in today's format. Whoever changes one changes the format, and
writes its converter (`reports.frozen`).
"""

from typing import NotRequired, TypedDict, final

from reports.block_types import Block, Fact, LocalText


class ProjectData(TypedDict):
    code: str
    name: LocalText | None
    title: LocalText | None
    description: NotRequired[LocalText | None]


class DocumentHead(TypedDict):
    """`format`: see `reports.frozen`. `as_of`: the ISO day of its data. `heading`: what kind of
    document it is; `title`: of what."""

    format: int
    kind: str
    language: str
    audience: str
    heading: str
    title: str
    organisation: str
    project: ProjectData
    as_of: str
    illustrative: bool
    facts: list[Fact]


class ChapterHead(TypedDict):
    """`is_missing`: it has to be written and is not. `is_short`: a page should not tear it."""

    kind: str
    number: str
    title: str
    is_annex: bool
    narrative: LocalText | None
    is_missing: bool
    is_short: bool


class Chapter(ChapterHead):
    blocks: list[Block]


class VersionDifferences(TypedDict):
    """What differs from the version that the same readers had before."""

    version: int
    sentences: list[str]


@final
class ReportDocument(DocumentHead):
    """An annual report, in chapters."""

    period_name: str
    version: int
    signed_off: bool
    identification: list[Fact]
    source_note: LocalText | None
    chapters: list[Chapter]
    acronyms: list[Block]
    has_illustrative: bool
    since: VersionDifferences | None


class AnnexedPaper(TypedDict):
    """A paper behind a pack: `document` and `sha256` say which file it was when it was asked for."""

    number: int
    document: int
    title: str
    language: str
    kind: str
    size: int
    sha256: str


class AppendedPaper(TypedDict):
    """What `reports.append` needs of a paper: `file`, a file descriptor of its clean pages; `spoken`,
    the words that are read aloud for each of these."""

    file: int
    anchor: str
    label: str
    spoken: list[str]


class DocumentExtras(TypedDict, total=False):
    """What documents of some kinds keep beside their blocks."""

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
