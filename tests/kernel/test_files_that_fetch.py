"""A file that tells another server who opens it, and a PDF that is something else, are refused."""

import time

import pytest
from django.utils.translation import override

from tests.kernel.made_files import HTML, PAGE, check, made, office, open_document, pdf, refusal

OUTSIDE = (
    "This file refers to a template, picture or other file at another place, which would learn who "
    "opens it. Insert pictures and tables into the file, set its template to “Normal”, break links "
    "to other files, and save it again."
)
DAMAGED = "This file is damaged; open it in its program and save it again."
DAMAGED_PDF = "This PDF is damaged or incomplete; export it again."
TAIL = "This PDF goes on after its end with something else; print it to a new PDF."
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACE = "http://schemas.openxmlformats.org/package/2006/relationships"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def relationship(kind, target="https://canary.example.org/x", mode='TargetMode="External"'):
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{NAMESPACE}">'
        f'<Relationship Id="r1" Type="{TYPE}/{kind}" Target="{target}" {mode}/></Relationships>'
    )


TEMPLATE = relationship("attachedTemplate")


@pytest.mark.parametrize(
    ("kind", "part", "content"),
    [
        ("docx", "word/_rels/settings.xml.rels", TEMPLATE),
        ("docx", "word/_rels/document.xml.rels", relationship("image")),
        ("docx", "word/_rels/document.xml.rels", relationship("oleLink")),
        ("docx", "word/_rels/document.xml.rels", relationship("subDocument")),
        ("docx", "word/_rels/webSettings.xml.rels", relationship("frame")),
        ("docx", "word/_rels/header1.xml.rels", relationship("image")),
        ("docx", "WORD/_RELS/SETTINGS.XML.RELS", TEMPLATE),
        ("docx", "customXml/_rels/item1.xml.rels", relationship("image")),
        ("docx", "word/_rels/settings.xml.rels", TEMPLATE.encode("utf-16")),
        (
            "docx",
            "word/_rels/settings.xml.rels",
            TEMPLATE.replace("External", "&#69;xternal").replace("attached", "&#x61;ttached"),
        ),
        ("docx", "word/_rels/settings.xml.rels", TEMPLATE.replace("External", "external ")),
        (
            "docx",
            "word/_rels/settings.xml.rels",
            TEMPLATE.replace("<Rel", "<p:Rel").replace("</Rel", "</p:Rel").replace("xmlns=", "xmlns:p="),
        ),
        # Without the mark, but with an address: programs differ in what they make of it.
        ("docx", "word/_rels/document.xml.rels", relationship("image", mode="")),
        ("docx", "word/_rels/document.xml.rels", relationship("image", r"\\host\x", "")),
        ("xlsx", "xl/externalLinks/_rels/externalLink1.xml.rels", relationship("externalLinkPath")),
        ("xlsx", "xl/drawings/_rels/drawing1.xml.rels", relationship("image")),
        ("xlsx", "_rels/.rels", relationship("officeDocument")),
    ],
)  # fmt: skip
def test_an_office_file_that_refers_to_another_place_is_refused(kind, part, content):
    assert refusal(f"a.{kind}", office(kind, **{part: content})) == OUTSIDE


def test_what_its_reader_follows_by_a_click_may_lead_elsewhere():
    links = relationship("hyperlink", "https://example.org/")
    inside = relationship("image", "media/image1.png", "")

    parts = {"word/_rels/document.xml.rels": links, "word/_rels/header1.xml.rels": inside}
    assert check("a.docx", office("docx", **parts)).kind == "docx"


@pytest.mark.parametrize(
    "content",
    [
        "<Relationships",
        f'<!DOCTYPE x [<!ENTITY e "External">]>{TEMPLATE[21:].replace("External", "&e;")}',
        lambda: f"<R>{'<r/>' * 11_000_000}</R>",
    ],
    ids=["broken", "entity", "endless"],
)
def test_relationships_that_cannot_be_read_are_refused(content):
    parts = {"word/_rels/document.xml.rels": made(content)}
    began = time.process_time()

    found = refusal("a.docx", office("docx", **parts), max_bytes=50_000_000)

    assert found in {
        DAMAGED,
        "This file unpacks to far more than its size; save it again with less in it.",
    }
    assert time.process_time() - began < 20


def content_xml(element):
    return (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0">{element}'
        "</office:document-content>"
    )


@pytest.mark.parametrize(
    ("part", "element"),
    [
        ("content.xml", '<draw:image xlink:href="https://canary.example.org/x.png"/>'),
        ("styles.xml", '<draw:fill-image xlink:href="//canary.example.org/x.png"/>'),
        ("meta.xml", '<meta:template xlink:href="http://canary.example.org/t.ott"/>'),
        ("content.xml", '<text:section-source xlink:href="file://canary/x.odt"/>'),
        ("Object 1/content.xml", '<draw:object xlink:href="http://canary.example.org/o"/>'),
    ],
)
def test_so_is_an_open_document(part, element):
    file = open_document(**{part: content_xml(element)})

    assert refusal("a.odt", file) == OUTSIDE


def test_an_open_document_may_have_links_and_pictures_of_its_own():
    content = content_xml(
        '<text:a xlink:href="https://example.org/">x</text:a><draw:image xlink:href="Pictures/1.png"/>'
    )

    assert check("a.odt", open_document(**{"content.xml": content})).kind == "odt"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7\n" + HTML + b"\n%%EOF\n", DAMAGED_PDF),
        (b"%PDF-1.7\nstartxref\n0\n%%EOF\n", DAMAGED_PDF),
        (pdf().replace(b"/Type /Catalog", b"/Type /Nothing").replace(b"/Pages 2", b"/P 2"), DAMAGED_PDF),
        (pdf().replace(b"[3 0 R]", b"[2 0 R]"), DAMAGED_PDF),
        (pdf() + HTML, TAIL),
        (pdf() + b"\n<!-- " + HTML + b" -->\nstartxref\n0\n%%EOF\n", TAIL),
        (pdf() + b"PK\x03\x04", TAIL),
        (pdf() + b"%%EOF\n" * 2_000, TAIL),
    ],
)  # fmt: skip
def test_what_is_no_pdf_or_more_than_one_is_refused(content, sentence):
    assert refusal("a.pdf", content) == sentence


@pytest.mark.parametrize("tail", [b"", b"\r\n\r\n", b"\x00" * 40, b"\x1a"])
def test_a_pdf_may_have_revisions_and_blank_bytes_at_its_end(tail):
    revision = b"4 0 obj\n<< /Type /Page >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF"

    assert check("a.pdf", pdf() + revision + tail).kind == "pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + b"<<" * 2_000_000 + b"\nstartxref\n9\n%%EOF\n",
        b"%PDF-1.7\n" + b"1 0 obj\n" * 90_000 + b"trailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF\n",
        b"%PDF-1.7\n" + PAGE + b"xref\n" + b"0 1\n" * 1_000_000 + b"startxref\n%d\n%%%%EOF\n"
        % len(b"%PDF-1.7\n" + PAGE),
        b"%PDF-1.7\n" + b"trailer << /Root [[[[ " * 100_000 + b"\nstartxref\n0\n%%EOF\n",
    ],
    ids=["nested", "objects", "sections", "trailers"],
)  # fmt: skip
def test_a_pdf_made_to_keep_its_reader_busy_is_refused_soon(content):
    began = time.process_time()

    assert refusal("a.pdf", content, max_bytes=50_000_000) == DAMAGED_PDF

    assert time.process_time() - began < 10
