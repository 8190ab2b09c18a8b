"""Every kind of document as a file that screen readers read: PDF/UA-1 in an independent checker,
and what no checker reports."""

import re
from typing import Any

import page
import pytest
from pypdf.generic import ContentStream

from reports.frozen import DOCUMENT
from reports.pdf import html_of
from tests.frozen.fixtures import fixtures, numbers
from tests.reports.pdf_reading import Pdf, render_once
from tests.reports.sealed_files import sealed_pdf

# Photographs are asked for.
pytestmark = [pytest.mark.django_db, pytest.mark.every_case]

# The newest of each kind and language.
FROZEN = {
    (document["kind"], document["language"]): document
    for number in numbers("document")
    for document in fixtures("document", number)
}
ONE_OF_EACH = {kind: document for (kind, _language), document in FROZEN.items()}
# A report has the most in it, so each of its languages is looked at.
REPORTS = {
    f"{kind}-{language}": document
    for (kind, language), document in FROZEN.items()
    if kind == "annual_report"
}
OTHERS = {kind: document for kind, document in ONE_OF_EACH.items() if kind != "annual_report"}
CASES = [pytest.param(document, id=name) for name, document in (OTHERS | REPORTS).items()]


def pdf_of(document: dict[str, Any]) -> Pdf:
    return render_once(html_of(DOCUMENT.read(document), code="7F3A-91C2-D04E", is_draft=False))


def headings_in_headings(pdf: Pdf) -> list[str]:
    return [
        f"{tag['/S']} in {outer['/S']}"
        for outer in pdf.tags()
        if re.fullmatch("/H[1-6]?", outer["/S"])
        for tag in pdf.below(outer)
        if re.fullmatch("/H[1-6]?", tag["/S"])
    ]


def links_of(pdf: Pdf) -> list[dict[str, Any]]:
    marks = [mark.get_object() for each in pdf.reader.pages for mark in each.get("/Annots", [])]
    return [mark for mark in marks if mark["/Subtype"] == "/Link"]


@pytest.mark.parametrize("document", CASES)
def test_every_kind_of_document_passes_pdf_ua(document):
    found = page.validate_pdf_bytes(
        pdf_of(document).content, profile=page.ValidationProfile.PDF_UA_1
    )

    assert [(one.rule_id, one.message) for one in found.failures] == []
    assert found.is_compliant


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_every_kind_of_document_passes_pdf_ua_with_its_seal(kind, seal_key):
    document = ONE_OF_EACH[kind]
    content = sealed_pdf(pdf_of(document).content, seal_key, document["language"])

    found = page.validate_pdf_bytes(content, profile=page.ValidationProfile.PDF_UA_1)

    assert [(one.rule_id, one.message) for one in found.failures] == []
    assert found.is_compliant


@pytest.mark.parametrize("document", CASES)
def test_no_heading_is_inside_another(document):
    pdf = pdf_of(document)

    assert pdf.tagged("H1", "H2")
    assert headings_in_headings(pdf) == []


@pytest.mark.parametrize("document", CASES)
def test_links_are_described_in_words_and_hang_on_links(document):
    pdf = pdf_of(document)
    links = links_of(pdf)
    told = [str(link["/Contents"]) for link in links]
    anchors = {str(link.get("/Dest", "")) for link in links}

    on_links = sum(
        kid.get_object().get("/Type") == "/OBJR"
        for tag in pdf.tagged("Link")
        for kid in tag["/K"]
        if hasattr(kid, "get_object") and isinstance(kid.get_object(), dict)
    )
    assert on_links == len(links)
    assert [words for words in told if not words.strip() or words in anchors] == []


@pytest.mark.parametrize("document", CASES)
def test_running_lines_are_no_part_of_the_text(document):
    """All text is either within the structure or marked as belonging to the page."""
    pdf = pdf_of(document)

    for each in pdf.reader.pages:
        marks: list[str] = []
        shown = {"/Artifact": 0, "text": 0, "": 0}
        for operands, operator in ContentStream(each.get_contents(), pdf.reader).operations:
            if operator in {b"BDC", b"BMC"}:
                marks.append("/Artifact" if operands[0] == "/Artifact" else "text")
            elif operator == b"EMC":
                marks.pop()
            elif operator in {b"Tj", b"TJ"}:
                shown[marks[-1] if marks else ""] += 1
        assert shown[""] == 0
        is_cover = document["kind"] == "annual_report" and each.page_number == 0
        assert bool(shown["/Artifact"]) != is_cover
        assert shown["text"]
