"""Word files look like the PDF: cover, typeface, charts, widths, links, and are as accessible."""

import io
import uuid
import zipfile
from datetime import date
from itertools import pairwise

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from committees.models import Resolution
from projects.models import Evidence
from reports.compose import compose
from reports.figures import numbered_chapters
from reports.frozen import DOCUMENT
from reports.services.writing import save_section
from reports.word import docx_of
from reports.word_look import DISGUISED, FACES
from reports.word_tables import Need, column_widths
from tests.factories import ActivityFactory
from tests.frozen.fixtures import fixtures
from tests.reports.conftest import SIGNED_ON
from tests.reports.test_pictures import photo_of

pytestmark = pytest.mark.django_db

LARGEST = 350_000
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture
def compose_in(report):
    return lambda language: compose(report, language=language, audience="donor", as_of=SIGNED_ON)


@pytest.fixture
def document(compose_in):
    return compose_in("fr")


@pytest.fixture
def content(document):
    return docx_of(document, is_draft=True)


@pytest.fixture
def word(content):
    return Document(io.BytesIO(content))


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_part_of_the_file_is_read_and_the_file_stays_small(content):
    found = parts(content)

    for name, part in found.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(part)
    assert not [name for name in found if "thumbnail" in name or "WithEffects" in name]
    assert len(content) < LARGEST


def test_equal_documents_have_equal_bytes(document, content):
    assert docx_of(document, is_draft=True) == content


def test_the_typeface_is_in_the_file(content):
    from fontTools.ttLib import TTFont

    found = parts(content)
    fonts = etree.fromstring(found["word/fontTable.xml"])
    (font,) = [one for one in fonts if one.get(qn("w:name")) == "Noto Sans"]

    assert b"embedTrueTypeFonts" in found["word/settings.xml"]
    assert [one.tag for one in font if "embed" in one.tag] == [qn(f"w:{name}") for name in FACES]
    for number, name in enumerate(FACES, 1):
        mask = uuid.UUID(font.find(qn(f"w:{name}")).get(qn("w:fontKey"))).bytes[::-1] * 2
        part = found[f"word/fonts/font{number}.odttf"]
        head = bytes(a ^ b for a, b in zip(part[:DISGUISED], mask, strict=True))
        face = TTFont(io.BytesIO(head + part[DISGUISED:]))
        assert {ord(sign) for sign in "aéñŒ€’–\u202f"} <= {*face.getBestCmap()}
        assert face["name"].getDebugName(1).startswith("Noto Sans")


def test_the_cover_has_a_page_of_its_own_without_running_lines(word, document):
    first, second = word.sections[:2]
    cover = word.tables[0]

    assert first.different_first_page_header_footer
    assert not first.first_page_header.paragraphs[0].text
    assert not second.different_first_page_header_footer
    told = "\n".join(cell.text for row in cover.rows for cell in row.cells)
    for words in (
        document["heading"],
        document["period_name"],
        document["project"]["title"]["text"],
        *(fact["value"] for fact in document["facts"]),
    ):
        assert words in told
    assert "BROUILLON" in first.header.paragraphs[0].text


def test_every_figure_of_the_pdf_is_there_below_its_caption_and_is_described(word, document):
    figures = [
        block["figure"].caption
        for chapter in numbered_chapters(document["chapters"])
        for block in chapter["blocks"]
        if block["type"] == "figure"
    ]
    lines = word.paragraphs
    shown = [
        lines[place - 1].text
        for place, line in enumerate(lines)
        if line._p.find(f".//{WP}inline") is not None and lines[place - 1].style.name == "Caption"
    ]

    assert figures
    assert shown == figures
    descriptions = [one.get("descr") for one in word.element.iter(f"{WP}docPr")]
    assert len(descriptions) >= len(figures)
    assert all(descriptions)
    numbers = [one.get("id") for one in word.element.iter(f"{WP}docPr")]
    assert len({*numbers}) == len(numbers)


def test_a_landscape_chapter_lies_and_the_next_stands():
    """Of the fourth format, whose logic model lies on its side."""
    (frozen, *_others) = [one for one in fixtures("document", 4) if "chapters" in one]
    word = Document(io.BytesIO(docx_of(DOCUMENT.read(frozen), is_draft=False)))

    lying = {section.orientation for section in word.sections}

    assert lying == {WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE}
    for section in word.sections:
        is_wide = section.page_width > section.page_height
        assert is_wide == (section.orientation == WD_ORIENT.LANDSCAPE)


def test_headings_lead_through_the_document_without_a_gap(word, document):
    levels = [
        (int(line.style.name[-1]), line.text)
        for line in word.paragraphs
        if line.style.name.startswith("Heading")
    ]
    chapters = [text for level, text in levels if level == 1]

    for chapter in document["chapters"]:
        assert any(text.endswith(f"  {chapter['title']}") for text in chapters), chapter["title"]
    for (before, _text), (after, text) in pairwise(levels):
        assert after <= before + 1, text


def test_at_a_glance_begins_a_page(word):
    (heading,) = [line for line in word.paragraphs if line.text == "En un coup d’œil"]

    assert heading.style.name == "Heading 1"
    assert heading.paragraph_format.page_break_before


def test_what_a_chapter_cites_leads_to_the_portal(report, compose_in, settings):
    text = "Voir [[D 2020-01]]."
    save_section(report, "lessons", "fr", text, seen_version=0, by=report.written_by)
    decision = Resolution.objects.get(number="2020-01")

    word = Document(io.BytesIO(docx_of(compose_in("fr"), is_draft=False)))

    (line,) = [one for one in word.paragraphs if one.text.startswith("Dans le portail")]
    assert [(link.text, link.address) for link in line.hyperlinks] == [
        ("Décision 2020-01", settings.SITE_URL + decision.get_absolute_url())
    ]


def test_each_link_leads_to_a_place_that_is_there_once(word):
    body = word.element.body
    places = [one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))]
    numbers = [one.get(qn("w:id")) for one in body.iter(qn("w:bookmarkStart"))]
    links = [one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))]

    assert len({*places}) == len(places) == len({*numbers})
    assert all(len(place) <= 40 for place in places)
    assert {link for link in links if link} <= {*places}
    assert "_summary" in links  # of the contents


def test_tables_are_as_wide_as_the_line_and_repeat_their_heads(word):
    tables = [one for one in word.tables if one.style.name == "Portal table"]
    assert len(tables) > 3
    for table in tables:
        widths = [column.w for column in table._tbl.tblGrid.gridCol_lst]
        line = Mm(297 - 44) if sum(widths) > Mm(200) else Mm(210 - 44)
        letter = Mm(279.4 - 44) if sum(widths) > Mm(200) else Mm(215.9 - 44)
        assert min(abs(sum(widths) - one) for one in (line, letter)) < Mm(1)
        rows = table._tbl.tr_lst
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        for row in rows:
            cells = [(cell.width, cell.grid_span) for cell in row.tc_lst]
            assert sum(span for _width, span in cells) == len(widths)


def test_the_file_says_its_language_and_that_of_what_is_in_another(report, compose_in):
    word = Document(io.BytesIO(docx_of(compose_in("es"), is_draft=False)))

    default = word.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val"))
    marked = {one.get(qn("w:val")) for one in word.element.body.iter(qn("w:lang"))}
    assert default == "es-HN"
    assert "es-HN" not in marked
    assert "fr-CA" in marked


def test_photographs_are_shown_with_their_words(world, report, compose_in):
    took_place = {"actual_start": date(2019, 6, 18), "actual_end": date(2019, 6, 19)}
    photo_of(ActivityFactory(project=world.project, **took_place))

    word = Document(io.BytesIO(docx_of(compose_in("fr"), is_draft=False)))

    (evidence,) = Evidence.objects.all()
    described = [one.get("descr") for one in word.element.iter(f"{WP}docPr")]
    assert [text for text in described if evidence.title in text]
    told = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert any(evidence.title in text for text in told)


# Widths


def test_a_column_is_never_narrower_than_its_longest_word_and_all_fill_the_line():
    needs = [Need.of(["No.", "12"]), Need.of(["Recommandation"]), Need.of(["a b " * 60])]

    widths = column_widths([0, 0, 0], needs, 166)

    assert sum(widths) == pytest.approx(166)
    assert all(width >= need.least for width, need in zip(widths, needs, strict=True))
    assert widths[0] < widths[1] < widths[2]


def test_a_wish_of_the_composer_is_kept_where_words_have_room():
    needs = [Need.of(["a"]), Need.of(["b"])]

    assert column_widths([30, 70], needs, 100) == pytest.approx([30, 70])
    assert column_widths([2, 98], [Need(20, 20), Need(5, 5)], 100) == pytest.approx([20, 80])


def test_words_that_are_all_too_long_share_the_line():
    assert column_widths([0, 0], [Need(500, 500), Need(500, 500)], 100) == pytest.approx([50, 50])
