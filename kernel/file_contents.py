"""Checks whether the content of a file is what its extension says and, as far as one can see,
harmless.

Each check takes an open file and raises ValidationError with a sentence. The check of pictures
returns the picture, decoded and written anew. None of them reads more than a bounded part into
memory, whatever the file claims about itself.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kernel.office_links import (
    UnreadablePart,
    open_document_links_outside,
    package_links_outside,
)
from kernel.pdf_structure import goes_on_after_end, is_pdf

if TYPE_CHECKING:
    from PIL import Image

MIME_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}

PICTURE_BOX = (1600, 1200)
# Keeps a check under 300 MB of memory: a progressive JPEG takes 7 bytes per pixel while
# it is decoded (a phone's picture has 24 million), one with transparency 8 while it is scaled.
MAX_PIXELS = {"jpeg": 25_000_000, "png": 16_000_000, "webp": 16_000_000}

MAX_ENTRIES = 2_000
MAX_DIRECTORY = 1_000_000
MAX_UNPACKED = 200_000_000
MAX_RATIO = 100  # text in a workbook shrinks to a tenth, a bomb to a thousandth
MAX_PART = 2_000_000
MAX_OF_A_KIND = 10_000  # escapes or packed parts of a PDF, each of which costs time

# Where the body of an office file is, and what the file must say about it.
_BODIES = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
}
_MACROS = re.compile(r"vbaproject|/activex/|oleobject|^basic/|^scripts/", re.IGNORECASE)

# An action names itself with one of these; “/OpenAction” alone only chooses a page.
_ACTIVE_PDF = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|ImportData|SubmitForm)(?![A-Za-z])"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm.{0,300}?stream\r?\n", re.DOTALL)


def refusal(sentence: str, code: str) -> ValidationError:
    """Return the error of a file with its sentence; `code` names the reason."""
    return ValidationError(sentence, code=code)


def check_magic(file: BinaryIO, kind: str) -> None:
    """Check that the file begins as its kind does. Text has no such mark: its own check reads it
    all."""
    import puremagic

    file.seek(0)
    head = file.read(8192)
    found = {match.mime_type for match in puremagic.magic_string(head)} if head else set()
    if MIME_TYPES[kind] not in found:
        raise _wrong_content(kind)


def _wrong_content(kind: str) -> ValidationError:
    return refusal(
        _("The content of this file is not what its name says; save it again as %(kind)s.")
        % {"kind": kind.upper()},
        "content",
    )


# PDF


def check_pdf(file: BinaryIO) -> None:
    check_magic(file, "pdf")
    file.seek(0)
    data = file.read()
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise _damaged_pdf()
    if b"/Encrypt" in data:
        raise refusal(
            _("This PDF is password-protected; save it without protection."),
            "encrypted",
        )
    for part in _pdf_parts(data):
        # “/Java#53cript” is the same name; a document has few of these.
        part, count = _ESCAPED.subn(lambda m: bytes([int(m[1], 16)]), part, MAX_OF_A_KIND)
        if count == MAX_OF_A_KIND:
            raise _oddly_packed()
        if _ACTIVE_PDF.search(part):
            raise refusal(
                _("This PDF contains scripts, forms or other files; print it to a new PDF."),
                "active",
            )
    if goes_on_after_end(data):
        raise refusal(
            _("This PDF goes on after its end with something else; print it to a new PDF."), "tail"
        )
    if not is_pdf(data):
        raise _damaged_pdf()


def _damaged_pdf() -> ValidationError:
    return refusal(_("This PDF is damaged or incomplete; export it again."), "damaged")


def _pdf_parts(data: bytes) -> Iterator[bytes]:
    """Yield the file itself, then its compressed objects, up to the amount that a document has."""
    yield data
    if data.count(b"/ObjStm") > MAX_OF_A_KIND:
        raise _oddly_packed()
    budget = 30_000_000
    view = memoryview(data)
    for start in _OBJECT_STREAM.finditer(data):
        unpacker = zlib.decompressobj()
        try:
            part = unpacker.decompress(view[start.end() : start.end() + MAX_PART], 2 * MAX_PART)
        except zlib.error:
            continue  # no common program compresses objects like this
        budget -= len(part)
        if budget < 0 or unpacker.unconsumed_tail:
            raise _oddly_packed()
        yield part


def _oddly_packed() -> ValidationError:
    return refusal(_("This PDF is compressed in an unusual way; print it to a new PDF."), "bomb")


# Office files


def check_office(file: BinaryIO, kind: str) -> None:
    """Check that a Word or Excel file has the right body, no macros, and is no zip bomb."""
    with _opened_zip(file, kind) as archive:
        body, content_type = _BODIES[kind]
        types = _read_part(archive, "[Content_Types].xml").decode("utf-8", "replace")
        if "macroEnabled" in types or "vbaProject" in types:
            raise _has_macros()
        if body not in archive.namelist() or content_type not in types:
            raise _wrong_content(kind)
        _check_links(archive, package_links_outside)


def check_open_document(file: BinaryIO, kind: str) -> None:
    with _opened_zip(file, kind) as archive:
        if _read_part(archive, "mimetype").strip() != MIME_TYPES[kind].encode():
            raise _wrong_content(kind)
        _check_links(archive, open_document_links_outside)


def _check_links(
    archive: zipfile.ZipFile, links_outside: Callable[[zipfile.ZipFile], bool]
) -> None:
    try:
        has_some = links_outside(archive)
    except UnreadablePart:
        raise _damaged_office() from None
    if has_some:
        raise refusal(
            _(
                "This file refers to a template, picture or other file at another place, which "
                "would learn who opens it. Insert pictures and tables into the file, set its "
                "template to “Normal”, break links to other files, and save it again."
            ),
            "outside",
        )


def _opened_zip(file: BinaryIO, kind: str) -> zipfile.ZipFile:
    check_magic(file, kind)
    if _directory_size(file) > MAX_DIRECTORY:
        raise _is_bomb()
    try:
        archive = zipfile.ZipFile(file)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _damaged_office() from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if (
        len(entries) > MAX_ENTRIES
        or unpacked > MAX_UNPACKED
        or (unpacked > MAX_PART and unpacked > MAX_RATIO * max(packed, 1))
    ):
        raise _is_bomb()
    names = [entry.filename for entry in entries]
    if any(_leaves_folder(name) for name in names) or len(set(names)) < len(names):
        raise _damaged_office()
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusal(
            _("This file is password-protected; save it without a password."), "encrypted"
        )
    if any(_MACROS.search(name) for name in names):
        raise _has_macros()
    return archive


def _directory_size(file: BinaryIO) -> int:
    """Return the size of the archive's directory, all of which zipfile reads into objects."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 22 - (1 << 16)))
    tail = file.read()
    end = len(tail) - 22 if tail[-22:].startswith(b"PK\x05\x06") else tail.rfind(b"PK\x05\x06")
    # Archives above 4 GB keep their directory elsewhere; no document is that large.
    if end < 0 or len(tail) < end + 22 or b"PK\x06\x07" in tail:
        raise _damaged_office()
    return int.from_bytes(tail[end + 12 : end + 16], "little")


def _leaves_folder(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a part of the archive, which must exist and be small, whatever size it claims."""
    try:
        with archive.open(name) as part:
            content = part.read(MAX_PART + 1)
    except (
        KeyError,
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
    ):
        raise _damaged_office() from None
    if len(content) > MAX_PART:
        raise _damaged_office()
    return content


def _is_bomb() -> ValidationError:
    return refusal(
        _("This file unpacks to far more than its size; save it again with less in it."),
        "bomb",
    )


def _damaged_office() -> ValidationError:
    return refusal(_("This file is damaged; open it in its program and save it again."), "damaged")


def _has_macros() -> ValidationError:
    return refusal(
        _("This file contains macros or embedded programs; save it without them."),
        "active",
    )


# Text


def check_text(file: BinaryIO) -> None:
    """Check that it is plain text in UTF-8 or in the older Western encoding, no page or program."""
    file.seek(0)
    start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<", b"#!", b"%PDF", b"MZ", b"PK\x03\x04", b"{\\rtf")):
        raise _not_text()
    file.seek(0)
    while chunk := file.read(1 << 16):
        if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", chunk):
            raise _not_text()


def _not_text() -> ValidationError:
    return refusal(_("This file is not plain text; save it again as text in UTF-8."), "content")


# XML, which is only read: it is never kept as a document nor sent to anybody


def check_xml(file: BinaryIO) -> None:
    """Check that it begins as XML does, in whatever encoding. Its reader checks the rest."""
    file.seek(0)
    head = file.read(512)
    file.seek(0)
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not start.startswith(b"<"):
        raise refusal(
            _("This file is not XML; unpack it if it is packed, and upload the XML file itself."),
            "content",
        )
    if re.search(rb"<\s*html", head.replace(b"\x00", b""), re.IGNORECASE):
        raise refusal(_("This is a web page, not the XML file behind it."), "content")


# Messages, which are taken apart: none is ever kept or sent as it came


def check_message(file: BinaryIO) -> None:
    """Check that it begins as an e-mail does, with the lines of its head. Its reader checks the rest."""
    file.seek(0)
    head = file.read(4096).lstrip(b"\xef\xbb\xbf\r\n")
    file.seek(0)
    if b"\x00" in head or not re.match(rb"(>?From |[A-Za-z][A-Za-z0-9-]*:)", head):
        raise refusal(
            _("This file is no e-mail message: save the message in your mail program as .eml."),
            "content",
        )


# Pictures


def check_picture(file: BinaryIO, kind: str) -> tuple[bytes, str]:
    """Return the picture written anew, upright, at most 1600×1200, and its present kind."""
    from PIL import Image, ImageFile  # noqa: PLC0415  (3 MB, for few requests)

    check_magic(file, kind)
    file.seek(0)
    # Importing WeasyPrint makes Pillow accept truncated pictures.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(file, formats=[kind.upper()]) as picture:
            if picture.width * picture.height > MAX_PIXELS[kind]:
                raise _too_many_pixels()
            return _written_anew(picture, kind)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception:  # a broken picture makes Pillow raise whatever it stumbles over
        raise refusal(_("This picture is damaged; export it again."), "damaged") from None


def _written_anew(picture: "Image.Image", kind: str) -> tuple[bytes, str]:
    from PIL import Image, ImageOps  # noqa: PLC0415  (likewise)

    has_alpha = picture.has_transparency_data
    mode = "RGBA" if has_alpha else "RGB"
    # Scaled down before anything else: each full-size copy would cost its memory again.
    small = picture if picture.mode in ("RGB", "RGBA", "L", "CMYK") else picture.convert(mode)
    small.thumbnail(
        PICTURE_BOX if small.width >= small.height else PICTURE_BOX[::-1], reducing_gap=1.5
    )
    small = ImageOps.exif_transpose(small).convert(mode)

    bare = Image.frombytes(mode, small.size, small.tobytes())  # pixels without metadata
    written = io.BytesIO()
    if has_alpha or kind == "png":
        bare.save(written, "PNG", optimize=True)
        return written.getvalue(), "png"
    bare.save(written, "JPEG", quality=85, optimize=True, progressive=True)
    return written.getvalue(), "jpeg"


def _too_many_pixels() -> ValidationError:
    return refusal(
        _("This picture has too many pixels; scale it down to at most 4000 × 4000."), "pixels"
    )


CHECKS: dict[str, Callable[[BinaryIO], None]] = {
    "pdf": check_pdf,
    "docx": lambda file: check_office(file, "docx"),
    "xlsx": lambda file: check_office(file, "xlsx"),
    "odt": lambda file: check_open_document(file, "odt"),
    "ods": lambda file: check_open_document(file, "ods"),
    "csv": check_text,
    "txt": check_text,
    # No StoredFile has one of these kinds.
    "xml": check_xml,
    "xlf": check_xml,
    "po": check_text,
    "eml": check_message,
}
