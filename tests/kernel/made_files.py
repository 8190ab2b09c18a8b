"""Files made for tests: harmless ones, and the parts that hostile ones are made of."""

import io
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kernel import files

EVERYTHING = (*files.DOCUMENTS, *files.PICTURES, "csv", "txt")


def check(name, content, allowed=EVERYTHING, max_bytes=5_000_000):
    upload = SimpleUploadedFile("x", content)
    upload._name = name  # as it came, without what Django's own parser already strips
    return files.check_upload(upload, allowed=allowed, max_bytes=max_bytes)


def refusal(*args, **kwargs):
    with pytest.raises(ValidationError) as error:
        check(*args, **kwargs)
    return error.value.message


def picture(kind="JPEG", size=(80, 60), mode="RGB", **options):
    written = io.BytesIO()
    Image.new(mode, size, {"CMYK": 0, "RGBA": (0, 128, 128, 90)}.get(mode, "teal")).save(
        written, kind, **options
    )
    return written.getvalue()


PAGE = (
    b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
)


def pdf(body=b""):
    return b"%PDF-1.7\n" + PAGE + body + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


PDF = pdf()


def packed(objects):
    stream = zlib.compress(objects)
    return (
        b"5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + stream + b"\nendstream\n"
    )


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return written.getvalue()


def made(content):
    """Of a case that takes long to make only this is in its table: every process collects every
    test, and one of them runs it."""
    return content() if callable(content) else content


def short(value):
    """For the names of tests: not a whole file."""
    return value if isinstance(value, str) and len(value) < 40 else type(value).__name__


def office(kind, content_type="main+xml", **parts):
    body, family = {
        "docx": ("word/document.xml", "wordprocessingml.document"),
        "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet"),
    }[kind]
    types = f'<Types><Override ContentType="application/vnd.x.{family}.{content_type}"/></Types>'
    relationships = {"_rels/.rels": "<Relationships/>"}
    return archive({"[Content_Types].xml": types, **relationships, body: "<w/>", **parts})


def open_document(mime="application/vnd.oasis.opendocument.text", **parts):
    return archive({"mimetype": mime, "content.xml": "<x/>", **parts}, zipfile.ZIP_STORED)


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ" + bytes(200) + b"This program cannot be run in DOS mode"


def other(kind):
    return f"The content of this file is not what its name says; save it again as {kind}."
