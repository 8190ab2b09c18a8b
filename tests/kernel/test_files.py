"""Uploads that are kept: as what, in forms, in the storage, and how they are handed out."""

import hashlib
import io
import re

import pytest
from django import forms
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.utils.translation import override
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kernel import files
from tests.kernel.made_files import (
    HTML,
    archive,
    check,
    office,
    open_document,
    other,
    packed,
    pdf,
    picture,
    short,
)

# Closing an answer asks the database whether its connection is still good.
pytestmark = pytest.mark.django_db


class Paper(files.StoredFile):
    class Meta:
        app_label = "kernel_tests"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


# What is kept


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Rapport d’étape v1.2.pdf", pdf(), "pdf"),
        ("Rapport.PDF", pdf(packed(b"<< /Type /Page >>")), "pdf"),
        ("plan.docx", office("docx"), "docx"),
        ("budget.xlsx", office("xlsx"), "xlsx"),
        ("acta.odt", open_document(), "odt"),
        ("lista.csv", "año;número\n2020;1\n".encode(), "csv"),
        ("lista ancienne.csv", "année;durée\n".encode("cp1252"), "csv"),
        ("notes.txt", b"\xef\xbb\xbfNotes", "txt"),
    ],
    ids=short,
)
def test_documents_are_kept_as_they_came(name, content, kind):
    checked = check(name, content)

    assert (checked.kind, checked.original_name, checked.size) == (
        kind,
        name,
        len(content),
    )
    assert checked.sha256 == hashlib.sha256(content).hexdigest()
    assert checked.content.read() == content


@pytest.mark.parametrize(
    ("name", "content", "kept_as", "kind"),
    [
        ("photo.JPG", picture(), "photo.jpg", "jpeg"),
        ("photo.jpeg", picture(mode="L"), "photo.jpg", "jpeg"),
        ("photo.jpg", picture(mode="CMYK"), "photo.jpg", "jpeg"),
        ("carte.png", picture("PNG", mode="P"), "carte.png", "png"),
        ("logo.png", picture("PNG", mode="RGBA"), "logo.png", "png"),
        ("photo.webp", picture("WEBP"), "photo.jpg", "jpeg"),
        ("logo.webp", picture("WEBP", mode="RGBA"), "logo.webp"[:5] + "png", "png"),
    ],
    ids=short,
)
def test_pictures_are_written_anew(name, content, kept_as, kind):
    checked = check(name, content)
    kept = checked.content.read()

    assert (checked.kind, checked.original_name) == (kind, kept_as)
    assert (checked.size, checked.sha256) == (
        len(kept),
        hashlib.sha256(kept).hexdigest(),
    )
    assert Image.open(io.BytesIO(kept)).size == (80, 60)


def test_a_large_picture_is_scaled_to_fit():
    kept = Image.open(check("photo.jpg", picture(size=(4000, 2000))).content)

    assert kept.size == (1600, 800)


def test_a_picture_on_its_side_is_turned_upright_and_then_fits():
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the phone upright
    source = Image.new("RGB", (2400, 3200)[::-1], "white")
    source.paste("black", (0, 0, 100, 2400))  # the left edge as stored becomes the top
    written = io.BytesIO()
    source.save(written, "JPEG", exif=exif)

    kept = Image.open(check("photo.jpg", written.getvalue()).content)

    assert kept.size == (1200, 1600)
    assert kept.getpixel((600, 5)) < (40, 40, 40)
    assert kept.getpixel((600, 1590)) > (200, 200, 200)


def test_where_a_picture_was_taken_is_left_out():
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[2] = (14.0, 5.0, 0.0)
    comment = PngInfo()
    comment.add_text("Comment", "Secret camera")

    for name, content in {
        "a.jpg": picture(exif=exif, comment=b"Secret camera"),
        "a.png": picture("PNG", exif=exif, pnginfo=comment),
        "a.webp": picture("WEBP", exif=exif, xmp=b"<x>Secret camera</x>"),
    }.items():
        assert b"Secret camera" in content
        kept = check(name, content).content.read()
        assert b"Secret camera" not in kept
        assert not Image.open(io.BytesIO(kept)).getexif()


def test_what_was_hidden_behind_a_picture_is_gone():
    hidden = b"<?php system($_GET[0]); ?>" + archive({"evil.class": "x"})

    kept = check("photo.jpg", picture() + hidden).content.read()

    assert b"php" not in kept
    assert b"PK" not in kept


# In forms


class PaperForm(forms.Form):
    paper = files.UploadField(allowed=files.DOCUMENTS, max_bytes=2_000_000, required=False)


def test_a_form_gives_the_checked_file():
    form = PaperForm({}, {"paper": SimpleUploadedFile("a.pdf", pdf())})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["paper"].kind == "pdf"
    assert PaperForm({}, {}).is_valid()


def test_a_form_shows_the_sentence():
    form = PaperForm({}, {"paper": SimpleUploadedFile("a.pdf", HTML)})

    assert form.errors == {"paper": [other("PDF")]}


def test_a_form_says_what_it_takes():
    form = PaperForm()

    assert 'accept=".pdf,.docx,.xlsx,.odt,.ods"' in str(form["paper"])
    assert str(form.fields["paper"].help_text) == (
        "PDF, DOCX, XLSX, ODT and ODS, at most 2.0\u00a0MB. No data about victims, please."
    )


def test_whoever_sends_a_photograph_without_scripts_is_told_how_long_it_takes():
    field = files.UploadField(allowed=files.PICTURES, max_bytes=10 * files.MEGABYTE)

    assert re.search(r"<noscript>[^<]*3 MB takes about a minute", str(field.help_text))


# Kept and handed out


@pytest.fixture
def paper(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    paper = Paper(pk=7)
    paper.keep(check("Acta de la reunión.pdf", pdf()))
    return paper


def served(paper, **kwargs):
    """The headers and the content, with the file closed as the server does."""
    response = files.serve(paper, **kwargs)
    content = response.getvalue()
    response.close()
    return {name: response[name] for name in response.headers}, content


def test_a_kept_file_lies_under_a_name_that_nobody_can_guess(paper):
    assert re.fullmatch(r"kernel_tests/paper/[\w-]{32}", paper.file.name)
    with paper.file.open() as kept:
        assert kept.read() == pdf()
        assert paper.sha256 == files.sha256_of(kept) == hashlib.sha256(pdf()).hexdigest()
    assert (paper.original_name, paper.kind) == ("Acta de la reunión.pdf", "pdf")
    assert paper.size == len(pdf())


def test_a_file_is_handed_out_as_a_private_download(paper):
    headers, content = served(paper, filename="Reunión, 3 sept.")

    assert content == pdf()
    assert headers == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(pdf())),
        "Content-Encoding": "identity",
        "Content-Disposition": (
            'attachment; filename="Reunion, 3 sept.pdf"; '
            "filename*=UTF-8''Reuni%C3%B3n%2C%203%20sept.pdf"
        ),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def test_only_pictures_are_shown_inline(paper):
    headers, _content = served(paper, filename="a", inline=True)
    assert headers["Content-Disposition"].startswith("attachment")

    paper.keep(check("photo.jpg", picture()))
    headers, _content = served(paper, filename="photo", inline=True)

    assert headers["Content-Disposition"].startswith('inline; filename="photo.jpg"')
    assert headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("asked", "plain"),
    [
        ("a.pdf", "a.pdf"),
        ('a"; filename="evil.exe', "a filename= evil.exe.pdf"),
        ("a\r\nSet-Cookie: x=1", "a Set-Cookie x=1.pdf"),
        ("../../etc/passwd", "etc passwd.pdf"),
        ("annexe\u202efdp.exe", "annexefdp.exe.pdf"),
        ("会议", "file.pdf"),
        ("", "file.pdf"),
        ("x" * 500, "x" * 100 + ".pdf"),
    ],
)
def test_no_name_leaves_its_header(paper, asked, plain):
    headers, _content = served(paper, filename=asked)
    header = headers["Content-Disposition"]

    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert header.count('"') == 2
    assert header.isascii()


def test_a_file_that_is_missing_is_a_page_that_does_not_exist(paper):
    default_storage.delete(paper.file.name)

    with pytest.raises(Http404):
        files.serve(paper, filename="a")


def test_a_file_of_any_size_is_hashed_in_small_pieces():
    class Endless(io.RawIOBase):
        left, largest = 40_000_000, 0

        def seek(self, *args):
            return 0

        def read(self, size=-1):
            assert 0 < size <= 1 << 16
            given = min(size, self.left)
            self.left -= given
            return b"a" * given

    assert files.sha256_of(Endless()) == hashlib.sha256(b"a" * 40_000_000).hexdigest()
