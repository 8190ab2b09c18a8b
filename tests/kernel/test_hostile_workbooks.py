"""XML in a workbook that declares a document type is refused, however it is written and named."""

import io
import zipfile

import pytest
from django.utils.translation import override
from openpyxl import Workbook

from kernel.refusal import Refusal
from kernel.workbooks import open_pages, refuse_what_is_hostile
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


VML = b'<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><div>one<br>two</div></v:textbox></xml>'
SVG = (
    b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    b'<svg xmlns="http://www.w3.org/2000/svg"/>'
)


def workbook_with(name, part, *, as_its_sheet=False):
    """A workbook that a spreadsheet could have written, with one part more."""
    written, changed = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["a cell"])
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(changed, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            if as_its_sheet:
                content = content.replace(b"xl/worksheets/sheet1.xml", name.encode())
            new.writestr(each, content)
        new.writestr(name, part)
    return changed


def read(book):
    with override("en"):
        refuse_what_is_hostile(book, max_xml=1_000_000, too_large="too large")
    (page,) = open_pages(book)
    return [cell.value for row in page.iter_rows() for cell in row]


@pytest.mark.parametrize(
    ("name", "part"),
    [("xl/drawings/vmlDrawing1.vml", VML), ("xl/media/image1.svg", SVG)],
    ids=["note", "svg"],
)
def test_pictures_as_a_spreadsheet_writes_them_pass(name, part):
    assert read(workbook_with(name, part)) == ["a cell"]


INNOCENT = ["xl/media/image1.svg", "xl/media/image1.png", "xl/drawings/vmlDrawing1.vml"]
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
    '<c t="inlineStr"><is><t>{}</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("name", INNOCENT)
def test_a_sheet_among_the_pictures_declares_no_entity(name):
    """openpyxl reads a sheet wherever the workbook says that it is."""
    assert read(workbook_with(name, SHEET.format("hidden"), as_its_sheet=True)) == ["hidden"]

    declared = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET.format("&a;")
    with pytest.raises(Refusal, match=NOT_BY_A_SPREADSHEET):
        read(workbook_with(name, declared, as_its_sheet=True))


@pytest.mark.parametrize("name", [*INNOCENT, "xl/worksheets/sheet1.xml"])
def test_a_part_in_which_a_document_type_could_hide_is_refused(name):
    with pytest.raises(Refusal, match="cannot be read"):
        look_at(f'<?xml version="1.0" encoding="x-unknown"?>{DECLARED}'.encode(), name)


def test_pictures_and_plain_xml_pass():
    look_at(b"<x>text</x>")
    look_at(b"\x89PNG", "xl/media/image1.png")
