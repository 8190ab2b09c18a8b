"""Appends the papers of a meeting to its pack, each behind a cover, or lists the reason if it
cannot.

The papers are named in the document's data (`annexes`, with the hash of each file), so equal data
gives equal bytes. Each paper is read by a process of its own (`reports.append`), so that a harmful
paper affects no other.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from committees.models import Document
from kernel.files import sha256_of
from kernel.formats import file_size
from reports.compose.blocks import heading, listing, paragraph
from reports.document_types import (
    AnnexedPaper,
    AppendedPaper,
    Block,
    ComposedDocument,
    FramedDocument,
)
from reports.pdf import RenderedPdf, html_of, rendered
from reports.render_process import OnProgress, RenderFailed, RenderProcess

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000
MOST_PAGES, MOST_PAGES_IN_ALL = 200, 400
MOST_BYTES, MOST_BYTES_IN_ALL = 20 * MEGABYTE, 60 * MEGABYTE
SECONDS = 45  # the limit for one paper

# Sentences for the reasons why `reports.paper_pages` or this module does not append a paper.
REASONS = {
    "encrypted": gettext_lazy("it is password-protected; upload it without a password"),
    "damaged": gettext_lazy("its file is damaged; save it again as PDF"),
    "hidden": gettext_lazy("it has hidden layers; print it into a PDF"),
    "complex": gettext_lazy("it takes too long to read; print it into a PDF"),
    "too_many_pages": gettext_lazy("it has more pages than a pack can take; read it on the portal"),
    "too_large": gettext_lazy("its file is larger than a pack can take; read it on the portal"),
    "missing": gettext_lazy("its file is missing; tell the coordination"),
}


@dataclass
class PreparedPaper:
    """A paper with its clean pages, or the reason why it has none."""

    annex: AnnexedPaper
    file: BinaryIO | None = None
    pages: int = 0
    refusal: str = ""

    @property
    def name(self) -> str:
        return name_of(self.annex)


def name_of(annex: AnnexedPaper) -> str:
    return _("Annex %(number)s – %(title)s") % {
        "number": annex["number"],
        "title": annex["title"],
    }


@contextmanager
def rendered_document(
    document: ComposedDocument, on_progress: OnProgress, *, code: str, is_draft: bool
) -> Iterator[RenderedPdf]:
    """Return the PDF of a document with its annexes, if it has some. Raises RenderFailed."""
    with ExitStack() as stack:
        papers: list[PreparedPaper] = []
        if "chapters" not in document:
            papers = _taken(document.get("annexes", []), stack, on_progress)
            document = with_covers(document, papers)
        html = html_of(document, code=code, is_draft=is_draft)
        pdf = stack.enter_context(rendered(html, on_progress))
        appended = [paper for paper in papers if paper.file]
        if appended:
            on_progress("annexes", pdf.pages)
            pdf = _joined(pdf, appended, document["language"], stack, on_progress)
        yield pdf


def _taken(
    annexes: list[AnnexedPaper], stack: ExitStack, on_progress: OnProgress
) -> list[PreparedPaper]:
    """Return the clean pages of each paper, in their order, until the pack is full."""
    papers: list[PreparedPaper] = []
    pages = size = 0
    for annex in annexes:
        on_progress("annexes", 0)
        left = min(MOST_PAGES, MOST_PAGES_IN_ALL - pages)
        if annex["size"] > min(MOST_BYTES, MOST_BYTES_IN_ALL - size):
            paper = PreparedPaper(annex, refusal="too_large")
        else:
            paper = _take(annex, left, stack, on_progress)
        papers.append(paper)
        pages += paper.pages
        size += annex["size"] if paper.file else 0
    return papers


def _take(
    annex: AnnexedPaper, most_pages: int, stack: ExitStack, on_progress: OnProgress
) -> PreparedPaper:
    source = _temporary_file(stack)
    if not _copy(annex, source):
        return PreparedPaper(annex, refusal="missing")
    target = _temporary_file(stack)
    options = {"program": "take", "kind": annex["kind"], "most_pages": most_pages}
    process = RenderProcess(
        source, target, program="append", options=options, seconds=SECONDS, stage="annexes"
    )
    try:
        pages = process.run(on_progress)
    except RenderFailed as failure:
        if failure.reason in {"disk_full", "killed"}:  # which says nothing of the annex
            raise
        refusal = failure.reason if failure.reason in REASONS else "complex"
        # The renderer reports this reason if its process ran out of memory.
        return PreparedPaper(annex, refusal="complex" if refusal == "too_large" else refusal)
    target.seek(0)
    return PreparedPaper(annex, target, pages)


def _temporary_file(stack: ExitStack) -> BinaryIO:
    return stack.enter_context(tempfile.TemporaryFile())


def _copy(annex: AnnexedPaper, target: BinaryIO) -> bool:
    """Copy the file as it was when the document was requested; return False if it has changed
    since."""
    paper = Document.objects.filter(pk=annex["document"]).first()
    if paper is None:
        return False
    try:
        with paper.file.open("rb") as file:
            shutil.copyfileobj(file, target)
    except FileNotFoundError:
        logger.warning("The file of document %s is missing", paper.pk)
        return False
    return sha256_of(target) == annex["sha256"]


def with_covers(document: FramedDocument, papers: list[PreparedPaper]) -> FramedDocument:
    """Return the document with a cover for each appended paper, and with the reasons of the others
    in the list of papers."""
    if not papers:
        return document
    with translation.override(document["language"]):
        left = [
            _("%(annex)s: %(reason)s.") % {"annex": paper.name, "reason": REASONS[paper.refusal]}
            for paper in papers
            if paper.refusal
        ]
        not_appended: list[Block] = [heading(_("Not appended"), 2), listing(left)] if left else []
        blocks: list[Block] = []
        for block in document["blocks"]:
            blocks += not_appended if block["type"] == "annexes" else [block]
        for paper in papers:
            blocks += _cover(paper) if paper.file else []
    covered: FramedDocument = document | {"blocks": blocks}
    return covered


def _cover(paper: PreparedPaper) -> list[Block]:
    annex = paper.annex
    pages = ngettext("%(count)s page follows.", "%(count)s pages follow.", paper.pages)
    what = f"{annex['kind'].upper()} · {file_size(annex['size'])} · {annex['language']}"
    return [
        heading(paper.name, anchor=anchor_of(annex), new_page=True),
        paragraph(f"{what} · {pages % {'count': paper.pages}}", "lead"),
        paragraph(
            _(
                "They are shown as they were provided, and numbered separately from this "
                "document. Those who listen to a document find the file itself on the "
                "portal."
            ),
            "small",
        ),
    ]


def anchor_of(annex: AnnexedPaper) -> str:
    return f"annex-{annex['number']}"


def _joined(
    pdf: RenderedPdf,
    papers: list[PreparedPaper],
    language: str,
    stack: ExitStack,
    on_progress: OnProgress,
) -> RenderedPdf:
    target = _temporary_file(stack)
    files = [paper.file for paper in papers if paper.file]
    with translation.override(language):
        annexes = [_appended(paper, paper.file) for paper in papers if paper.file]
    options = {"program": "join", "annexes": annexes}
    pdf.content.seek(0)
    process = RenderProcess(
        pdf.content,
        target,
        program="append",
        options=options,
        files=files,
        seconds=settings.RENDER_SECONDS,
        stage="annexes",
    )
    pages = process.run(on_progress)
    target.seek(0)
    return RenderedPdf(target, pages)


def _appended(paper: PreparedPaper, file: BinaryIO) -> AppendedPaper:
    spoken = _("%(annex)s, page %(page)s of %(pages)s, as a picture.")
    return {
        "file": file.fileno(),
        "anchor": anchor_of(paper.annex),
        "label": f"A{paper.annex['number']}",
        "spoken": [
            spoken % {"annex": paper.name, "page": page, "pages": paper.pages}
            for page in range(1, paper.pages + 1)
        ],
    }
