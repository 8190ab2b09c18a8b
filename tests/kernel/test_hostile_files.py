"""Uploads that are refused, each with a sentence that says what to do; none costs much memory.

The hostile files are made here, none is stored.
"""

import io
import re
import subprocess
import sys
import zipfile
import zlib

import pytest
from django.utils.translation import override

from kernel import files
from tests.kernel.made_files import (
    EXE,
    HTML,
    SVG,
    archive,
    check,
    made,
    office,
    open_document,
    other,
    packed,
    pdf,
    picture,
    refusal,
    short,
)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


NOT_ACCEPTED = (
    "Files of this kind are not accepted; upload one of these: PDF, DOCX, XLSX, ODT, "
    "ODS, JPG, PNG, WEBP, CSV and TXT."
)
NAME = "The name of this file contains characters that file names should not have; rename it."
TWO_EXTENSIONS = "The name of this file has two extensions; rename it so that it has only one."
MACROS = "This file contains macros or embedded programs; save it without them."
ACTIVE = "This PDF contains scripts, forms or other files; print it to a new PDF."
BOMB = "This file unpacks to far more than its size; save it again with less in it."
DAMAGED = "This file is damaged; open it in its program and save it again."
ODDLY_PACKED = "This PDF is compressed in an unusual way; print it to a new PDF."
NOT_TEXT = "This file is not plain text; save it again as text in UTF-8."


@pytest.mark.parametrize(
    "name",
    ["virus.exe", "page.html", "mark.svg", "a.docm", "a.xlsm", "a.zip", "photo.gif", "no-extension",
     ".pdf", "...pdf", "a.pdf.exe", "a.pdf ", "a.", "", "a.pdf\u00a0", "a.p\u0430df"]
)  # fmt: skip
def test_only_the_listed_extensions_are_accepted(name):
    if name.strip() == "a.pdf":
        assert check(name, pdf()).original_name == "a.pdf"
    else:
        assert refusal(name, pdf()) == NOT_ACCEPTED


@pytest.mark.parametrize(
    "name",
    ["../a.pdf", "..\\a.pdf", "/etc/a.pdf", "C:\\a.pdf", "a\x00.pdf", "a\r\nX: y.pdf", "a\tb.pdf",
     "annexe\u202efdp.pdf", "a\u200b.pdf", "a\x1b[31m.pdf", "a\u2066.pdf"]
)  # fmt: skip
def test_names_with_paths_or_invisible_marks_are_refused(name):
    assert refusal(name, pdf()) == NAME


@pytest.mark.parametrize(
    "name", ["a.exe.pdf", "a.php.jpg", "a.html.pdf", "a. JS .pdf", "a.svg.x.pdf"]
)
def test_names_with_a_second_extension_that_deceives_are_refused(name):
    assert refusal(name, pdf()) == TWO_EXTENSIONS


def test_a_name_of_endless_length_is_refused():
    assert refusal("a" * 150 + ".pdf", pdf()) == (
        "The name of this file is longer than 150 characters; shorten it."
    )


def test_empty_and_large_files_are_refused():
    assert refusal("a.pdf", b"") == "This file is empty; choose another one."
    assert refusal("a.pdf", pdf(b" " * 2_000), max_bytes=1_500) == (
        "This file is 2\xa0kB; upload one of at most 2\xa0kB."
    )


def test_a_form_that_takes_pictures_takes_nothing_else():
    assert refusal("a.pdf", pdf(), allowed=files.PICTURES) == (
        "Files of this kind are not accepted; upload one of these: JPG, PNG and WEBP."
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", HTML, other("PDF")),
        ("a.pdf", EXE, other("PDF")),
        ("a.pdf", picture(), other("PDF")),
        ("a.pdf", b"\n" + HTML + pdf(), other("PDF")),
        ("a.jpg", HTML, other("JPEG")),
        ("a.jpg", SVG, other("JPEG")),
        ("a.png", picture("JPEG"), other("PNG")),
        ("a.jpg", picture("GIF"), other("JPEG")),
        ("a.webp", b"RIFF\x00\x00\x00\x00AVI LIST", "This picture is damaged; export it again."),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), other("DOCX")),
        ("a.docx", b"{\\rtf1 \\objdata}", other("DOCX")),
        ("a.docx", office("xlsx"), other("DOCX")),
        (
            "a.docx",
            office("docx", **{"[Content_Types].xml": "<Types/>"}),
            other("DOCX"),
        ),
        ("a.xlsx", open_document(), DAMAGED),
        (
            "a.odt",
            open_document("application/vnd.oasis.opendocument.spreadsheet"),
            other("ODT"),
        ),
        ("a.odt", archive({"content.xml": "<x/>"}), DAMAGED),
        ("a.csv", HTML, NOT_TEXT),
        ("a.csv", b" \n" + SVG, NOT_TEXT),
        ("a.csv", EXE, NOT_TEXT),
        ("a.csv", b"a;b\n" * 40_000 + b"\x00", NOT_TEXT),
        ("a.txt", b"#!/bin/sh\nrm -rf /", NOT_TEXT),
        ("a.txt", pdf(), NOT_TEXT),
        ("a.txt", archive({"a": "b"}), NOT_TEXT),
        ("a.txt", "Grüße".encode("utf-16"), NOT_TEXT),
    ],
    ids=short,
)
def test_content_must_be_what_the_name_says(name, content, sentence):
    assert refusal(name, content) == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), ACTIVE),
        (pdf(b"<< /S /Java#53cript /JS (app.alert(1)) >>"), ACTIVE),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), ACTIVE),
        (pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"), ACTIVE),
        (pdf(b"<< /AcroForm << /XFA 3 0 R >> >>"), ACTIVE),
        (pdf(packed(b"<< /S /JavaScript /JS (app.alert(1)) >>")), ACTIVE),
        (
            lambda: pdf(b"".join(packed(b"%d" % n) for n in range(300)) + packed(b"<</S/Launch>>")),
            ACTIVE,
        ),
        (
            lambda: pdf(packed(b" " * 50_000_000)),
            "This PDF is compressed in an unusual way; print it to a new PDF.",
        ),
        (
            pdf(b"<< /Encrypt 4 0 R >>"),
            "This PDF is password-protected; save it without protection.",
        ),
        (b"%PDF-1.7\nhalf of it", "This PDF is damaged or incomplete; export it again."),
    ],
    ids=short,
)
def test_pdfs_that_do_something_or_hide_something_are_refused(content, sentence):
    assert refusal("a.pdf", made(content)) == sentence


def test_a_pdf_that_only_chooses_its_first_page_and_links_is_accepted():
    body = b"<< /OpenAction [3 0 R /Fit] >> << /S /URI /URI (https://example.org) >>"

    assert check("a.pdf", pdf(body)).kind == "pdf"


def encrypted(content):
    """The same archive with the encryption flag set in both of its places."""
    content = re.sub(rb"(PK\x03\x04..)..", lambda m: m[1] + b"\x01\x00", content, flags=re.DOTALL)
    return re.sub(rb"(PK\x01\x02....)..", lambda m: m[1] + b"\x01\x00", content, flags=re.DOTALL)


def lying_about_sizes(content):
    """Each part claims to unpack to ten bytes."""
    ten = (10).to_bytes(4, "little")
    return re.sub(rb"(PK\x01\x02.{20})....", lambda m: m[1] + ten, content, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.docx", office("docx", **{"word/vbaProject.bin": "x"}), MACROS),
        ("a.xlsx", office("xlsx", **{"xl/VBAPROJECT.BIN": "x"}), MACROS),
        ("a.docx", office("docx", "macroEnabled.main+xml"), MACROS),
        ("a.docx", office("docx", **{"word/embeddings/oleObject1.bin": "x"}), MACROS),
        ("a.xlsx", office("xlsx", **{"xl/activeX/activeX1.xml": "x"}), MACROS),
        ("a.odt", open_document(**{"Basic/Standard/script-lb.xml": "x"}), MACROS),
        ("a.odt", open_document(**{"Scripts/python/evil.py": "x"}), MACROS),
        (
            "a.xlsx",
            lambda: office("xlsx", **{"xl/worksheets/sheet1.xml": "0" * 50_000_000}),
            BOMB,
        ),
        ("a.xlsx", lambda: office("xlsx", **{f"xl/{n}.xml": "" for n in range(2_001)}), BOMB),
        (
            "a.docx",
            lambda: office("docx", **{f"word/{n:0200}.xml": "" for n in range(4_500)}),
            BOMB,
        ),
        ("a.docx", office("docx", **{"../../evil.xml": "x"}), DAMAGED),
        ("a.docx", office("docx", **{"/etc/evil.xml": "x"}), DAMAGED),
        ("a.docx", office("docx", **{"C:\\evil.xml": "x"}), DAMAGED),
        ("a.docx", office("docx")[:-30], DAMAGED),
        ("a.docx", b"PK\x03\x04" + bytes(500), DAMAGED),
        ("a.docx", lying_about_sizes(office("docx")), DAMAGED),
        ("a.docx", office("docx") + b"PK\x06\x07" + bytes(40), DAMAGED),
        (
            "a.docx",
            encrypted(office("docx")),
            "This file is password-protected; save it without a password.",
        ),
    ],
    ids=short,
)
def test_office_files_with_macros_bombs_or_broken_parts_are_refused(name, content, sentence):
    assert refusal(name, made(content), max_bytes=50_000_000) == sentence


def test_two_parts_of_one_name_are_refused():
    written = io.BytesIO(office("docx"))
    with (
        zipfile.ZipFile(written, "a") as opened,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        opened.writestr("word/document.xml", "<other/>")

    assert refusal("a.docx", written.getvalue()) == DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        picture()[:200],
        picture("PNG")[:60],
        picture("PNG").replace(b"IDAT", b"IDAX"),
        picture()[:20],
    ],
    ids=["short", "shorter", "bent", "cut"],
)
def test_broken_pictures_are_refused(content):
    name = "a.png" if content.startswith(b"\x89PNG") else "a.jpg"

    assert refusal(name, content) == "This picture is damaged; export it again."


def test_a_picture_of_endless_pixels_is_refused_before_it_is_decoded():
    header = b"\x89PNG\r\n\x1a\n"
    size = (60_000).to_bytes(4, "big") * 2
    chunk = b"IHDR" + size + b"\x08\x06\x00\x00\x00"
    header += (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")

    assert refusal("a.png", header + picture("PNG")[33:]) == (
        "This picture has too many pixels; scale it down to at most 4000 × 4000."
    )
    assert refusal("b.png", picture("PNG", size=(4001, 4000))) == (
        "This picture has too many pixels; scale it down to at most 4000 × 4000."
    )


# Not by `resource`: there a child begins with the peak of the process that started it.
MEASURE = """
import re, sys
import django
from django.conf import settings
settings.configure(USE_I18N=False, CLAMD_URL="")
django.setup()
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from kernel.files import check_upload
name, content = sys.argv[1], sys.stdin.buffer.read()
try:
    check_upload(SimpleUploadedFile(name, content), allowed=("png", "jpeg", "xlsx", "pdf"), max_bytes=10**8)
    print("kept", end=" ")
except ValidationError as error:
    print(error.code, end=" ")
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


LARGE = {
    "large.png": (lambda: picture("PNG", size=(4000, 4000), mode="RGBA"), "kept"),
    "progressive.jpg": (
        lambda: picture(size=(5000, 5000), progressive=True, subsampling=0),
        "kept",
    ),
    "entries.xlsx": (
        lambda: office("xlsx", **{f"{n:0300}": "" for n in range(60_000)}),
        "bomb",
    ),
    "streams.pdf": (lambda: pdf(packed(b" " * 3_900_000) * 500), "bomb"),
}


@pytest.mark.parametrize("name", LARGE)
def test_the_memory_of_a_check_is_bounded(name):
    make, answer = LARGE[name]

    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, name],
        input=make(),
        capture_output=True,
        check=True,
    )
    found, kilobytes = measured.stdout.decode().split()

    assert found == answer
    assert int(kilobytes) < 300_000
