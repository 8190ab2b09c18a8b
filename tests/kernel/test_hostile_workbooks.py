"""XML in a workbook that declares a document type is refused, however it is written and named."""

import io

import pytest
from django.utils.translation import override

from kernel.refusal import Refusal
from kernel.workbooks import refuse_what_is_hostile
from tests.kernel.made_files import archive

DECLARED = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
EXTERNAL = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'
NOT_BY_A_SPREADSHEET = "not written by a spreadsheet"


def look_at(part, name="xl/worksheets/sheet1.xml"):
    book = io.BytesIO(archive({"xl/workbook.xml": b"<workbook/>", name: part}))
    with override("en"):
        refuse_what_is_hostile(book, max_xml=1_000_000, too_large="too large")


@pytest.mark.parametrize("text", [DECLARED, EXTERNAL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(text, encoding):
    with pytest.raises(Refusal, match=NOT_BY_A_SPREADSHEET):
        look_at(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_a_document_type_that_no_byte_shows_is_refused(encoding):
    part = f'<?xml version="1.0" encoding="{encoding}"?>{DECLARED}'.encode(encoding)

    assert b"DOCTYPE" not in part
    with pytest.raises(Refusal):
        look_at(part)


@pytest.mark.parametrize("name", ["xl/sheet.XML", "xl/sheet.bin", "xl/_rels/a.RELS", "sheet"])
def test_a_document_type_is_refused_in_a_part_of_any_name(name):
    with pytest.raises(Refusal, match=NOT_BY_A_SPREADSHEET):
        look_at(DECLARED.encode(), name)


@pytest.mark.parametrize("part", [b"", b"<x>", b"\xff\xfe<", b"<x/><x/>", b"<x>\0</x>"])
def test_a_part_that_is_no_xml_is_refused(part):
    with pytest.raises(Refusal, match="cannot be read"):
        look_at(part)


def test_pictures_and_plain_xml_pass():
    look_at(b"<x>text</x>")
    look_at(b"\x89PNG", "xl/media/image1.png")
