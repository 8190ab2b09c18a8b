"""The look of Word files: paper, styles, running lines, and the project's typeface. Colours are those of
`print.css`.

A Word file holds a font disguised by a key, as ISO/IEC 29500-1 (17.8.1) describes it. Programs that do
not read it take the nearest font that they have, which the table of fonts names.
"""

import io
import uuid
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from reports.document_types import ComposedDocument
from reports.word_text import INK, LOCALES, MUTED, element, set_language

NAME, INSTEAD = "Noto Sans", "Segoe UI"
FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
FACES = {
    "embedRegular": "NotoSans-Regular.ttf",
    "embedBold": "NotoSans-Bold.ttf",
    "embedItalic": "NotoSans-Italic.ttf",
    "embedBoldItalic": "NotoSans-BoldItalic.ttf",
}
# Latin letters of Europe and what texts have besides: a tenth of the whole fonts.
SIGNS = [*range(0x20, 0x180), *range(0x2010, 0x2040), *range(0x2190, 0x2194)]
SIGNS += [0x20AC, 0x2122, 0x2212, 0x2260, 0x2264, 0x2265, 0x25CF]
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
MIME = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
DISGUISED = 32  # bytes at the beginning


def embed_fonts(word: Word) -> None:
    """Put the four faces into the file and name them in its table of fonts."""
    table = word.part.part_related_by(f"{OFFICE}/relationships/fontTable")
    fonts: Any = parse_xml(table.blob)
    font = parse_xml(
        f'<w:font {nsdecls("w")} w:name="{NAME}"><w:altName w:val="{INSTEAD}"/>'
        '<w:panose1 w:val="020B0502040504020204"/><w:charset w:val="00"/>'
        '<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>'
    )
    for number, (kind, file) in enumerate(FACES.items(), 1):
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, file)).upper()
        part = Part(
            PackURI(f"/word/fonts/font{number}.odttf"),
            MIME,
            disguised(face(file), key),
            word.part.package,
        )
        embedded: Any = OxmlElement(f"w:{kind}")
        embedded.set(qn("r:id"), table.relate_to(part, f"{OFFICE}/relationships/font"))
        embedded.set(qn("w:fontKey"), f"{{{key}}}")
        font.append(embedded)
    fonts.append(font)
    table._blob = xml_of(fonts)
    settings = word.settings.element
    zoom = settings.find(qn("w:zoom"))
    place = 0 if zoom is None else settings.index(zoom) + 1
    for name in ("w:saveSubsetFonts", "w:embedTrueTypeFonts"):
        settings.insert(place, OxmlElement(name))


def xml_of(tree: Any) -> bytes:
    from lxml import etree  # noqa: PLC0415  (docx has imported it)

    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def disguised(content: bytes, key: str) -> bytes:
    """Return the font with its first bytes changed by the key, backwards and twice."""
    mask = uuid.UUID(key).bytes[::-1] * 2
    head = bytes(a ^ b for a, b in zip(content[:DISGUISED], mask, strict=True))
    return head + content[DISGUISED:]


@cache
def face(file: str) -> bytes:
    """Return the font with the signs that texts of the portal have."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / file, lazy=True, recalcTimestamp=False) as font:
        options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"])
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=SIGNS)
        subsetter.subset(font)
        written = io.BytesIO()
        font.save(written)
    return written.getvalue()


# Paper, styles and running lines

BRAND, PALE, SUN, LINE = "0B5563", "F4F7F7", "F2B544", "C3CFD2"
TEXT = RGBColor(0x17, 0x25, 0x2F)
PAPERS = {"a4": (210, 297), "letter": (215.9, 279.4)}  # in millimetres
LEFT, RIGHT, TOP, BOTTOM = 24, 20, 27, 22
SMALL = Pt(8)
# The left edge and the ground of each kind of box.
BOXES = {
    "decision": ("17703F", "EEF6F1"),
    "recommendation": ("235A97", "EEF3FA"),
    "amendment": ("8A5200", "FDF6EA"),
    "meeting": (LINE, PALE),
}
TABLE = "Portal table"
# Where each kind of property is within the properties of a paragraph, as the schema wants it.
AFTER_BORDERS = (
    *("w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc"),
    *("w:outlineLvl", "w:rPr", "w:sectPr"),
)


def set_up(word: Word, document: ComposedDocument, *, is_draft: bool) -> None:
    """Give the file its paper, styles, language, fonts, properties and running lines."""
    _drop_leftovers(word)
    section = word.sections[0]
    width, height = PAPERS[document["paper"]]
    section.page_width, section.page_height = Mm(width), Mm(height)
    set_margins(section)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)
    _set_styles(word, document["language"])
    embed_fonts(word)
    _properties(word, document)
    _running_lines(section, document, is_draft=is_draft)


def _drop_leftovers(word: Word) -> None:
    """Leave out what the library's own empty file brings: a picture of its first page, and styles
    for Word 2007."""
    for owner in (word.part.package, word.part):
        for key, relation in list(owner.rels.items()):
            if relation.reltype.endswith(("/thumbnail", "/stylesWithEffects")):
                del owner.rels[key]


def set_margins(section: Section) -> None:
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)


def line_width(section: Section) -> float:
    """Return the millimetres between the margins."""
    margins = (section.left_margin or 0) + (section.right_margin or 0)
    return ((section.page_width or 0) - margins) / Mm(1)


def turn(word: Word, *, is_landscape: bool) -> bool:
    """Begin landscape or upright pages, if those before are different; return whether they are."""
    last = word.sections[-1]
    if is_landscape == (last.orientation == WD_ORIENT.LANDSCAPE):
        return False
    section = word.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = last.page_height, last.page_width
    return True


# Styles

Format = tuple[float, RGBColor | None, bool | None, float, float]
# The size, colour and weight of each style, and the space before and after it.
STYLES: dict[str, Format] = {
    "Title": (26, INK, True, 0, 4),
    "Subtitle": (13, MUTED, False, 0, 8),
    "Heading 1": (17, INK, True, 24, 8),
    "Heading 2": (12.5, RGBColor(0x0B, 0x55, 0x63), True, 16, 5),
    "Heading 3": (10.5, INK, True, 12, 3),
    "Heading 4": (9.5, TEXT, True, 9, 2),
    "Caption": (8.5, INK, True, 8, 3),
    "Intense Quote": (9.5, TEXT, False, 6, 8),
    "List Bullet": (9.5, None, None, 0, 3),
    "List Number": (9.5, None, None, 0, 3),
    "Header": (7.5, MUTED, None, 0, 0),
    "Footer": (7.5, MUTED, None, 0, 0),
}


def _set_styles(word: Word, language: str) -> None:
    normal = word.styles["Normal"]
    _set_font(normal)
    normal.font.size, normal.font.color.rgb = Pt(9.5), TEXT
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.2
    normal.paragraph_format.widow_control = True
    set_language(normal.element.get_or_add_rPr(), language)
    for defaults in word.styles.element.iter(qn("w:rPrDefault")):
        for old in defaults.iter(qn("w:lang")):
            old.set(qn("w:val"), LOCALES[language])
    for name, (size, colour, is_bold, before, after) in STYLES.items():
        style = word.styles[name]
        _set_font(style)
        style.font.size, style.font.bold, style.font.italic = Pt(size), is_bold, None
        for old in style.element.rPr.findall(qn("w:spacing")):  # of letters
            style.element.rPr.remove(old)
        if colour is not None:
            style.font.color.rgb = colour
        space = style.paragraph_format
        space.space_before, space.space_after = Pt(before), Pt(after)
    for name in ("Heading 1", "Heading 2", "Heading 3", "Heading 4", "Caption"):
        word.styles[name].paragraph_format.keep_with_next = True
    edges(word.styles["Title"].element)
    edges(word.styles["Heading 1"].element, top=(SUN, 12, 6))
    edges(word.styles["Intense Quote"].element, left=(SUN, 20, 8), ground=PALE)
    word.styles["Intense Quote"].paragraph_format.left_indent = Mm(3)
    word.styles["Intense Quote"].paragraph_format.right_indent = Mm(0)
    _add_styles(word)


def _set_font(style: Any) -> None:
    """Name the font for every kind of letters, in place of that of the theme."""
    style.font.name = NAME
    fonts = style.element.rPr.rFonts
    fonts.attrib.clear()
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{kind}"), NAME)


def _add_styles(word: Word) -> None:
    cell = word.styles.add_style("Table Text", WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style, cell.font.size = word.styles["Normal"], Pt(8.5)
    cell.paragraph_format.space_after, cell.paragraph_format.line_spacing = Pt(0), 1.1
    contents = word.styles.add_style("Contents", WD_STYLE_TYPE.PARAGRAPH)
    contents.base_style = word.styles["Normal"]
    contents.paragraph_format.space_after = Pt(5)
    contents.paragraph_format.left_indent = Mm(18)
    contents.paragraph_format.first_line_indent = Mm(-18)
    contents.paragraph_format.tab_stops.add_tab_stop(Mm(18))
    word.styles.element.append(parse_xml(TABLE_STYLE))


def edges(
    owner: Any,
    *,
    top: tuple[str, int, int] | None = None,
    left: tuple[str, int, int] | None = None,
    ground: str = "",
) -> None:
    """Set the borders of a paragraph or style, each with its colour, thickness (in eighths of a
    point) and distance, and its ground."""
    properties = owner.get_or_add_pPr()
    for name in ("w:pBdr", "w:shd"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    borders = element("pBdr")
    for side, border in (("top", top), ("left", left)):
        if border:
            colour, thickness, distance = border
            size, space = str(thickness), str(distance)
            borders.append(element(side, val="single", sz=size, space=space, color=colour))
    if len(borders):
        properties.insert_element_before(borders, *AFTER_BORDERS)
    if ground:
        properties.insert_element_before(shade(ground), *AFTER_BORDERS[1:])


def shade(colour: str) -> Any:
    return element("shd", val="clear", color="auto", fill=colour)


TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="PortalTable">
  <w:name w:val="{TABLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr>
    <w:tblBorders>
      <w:top w:val="nil"/><w:left w:val="nil"/>
      <w:bottom w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/><w:right w:val="nil"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="DBE3E5"/><w:insideV w:val="nil"/>
    </w:tblBorders>
    <w:tblCellMar>
      <w:top w:w="50" w:type="dxa"/><w:left w:w="70" w:type="dxa"/>
      <w:bottom w:w="50" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>
    </w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow">
    <w:rPr><w:b/><w:color w:val="4A5B66"/></w:rPr>
    <w:tcPr>
      <w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{BRAND}"/></w:tcBorders>
      <w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/><w:vAlign w:val="bottom"/>
    </w:tcPr>
  </w:tblStylePr>
</w:style>"""


# The properties of the file, and the lines on every page


def _properties(word: Word, document: ComposedDocument) -> None:
    """Set the properties of the file from the document, and not from the machine or person that
    made it."""
    known = word.core_properties
    known.title = f"{document['heading']} – {document['title']}"[:255]
    known.author = document["organisation"][:255]
    known.language = LOCALES[document["language"]]
    known.comments = ""
    known.last_modified_by = ""
    made = datetime.fromisoformat(document["as_of"]).replace(tzinfo=UTC)
    known.created = known.modified = made


def _running_lines(section: Section, document: ComposedDocument, *, is_draft: bool) -> None:
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for line in (head, foot):
        _set_tab(line, line_width(section))
    head.add_run((document["project"]["name"] or {"text": ""})["text"])
    if is_draft:
        to_the_right(head)
        mark = head.add_run(_("Draft").upper())
        mark.bold, mark.font.color.rgb = True, RGBColor(0xA3, 0x23, 0x1C)
    foot.add_run(f"{document['heading']} · {document['title']}")
    to_the_right(foot)
    field(foot, "PAGE")
    foot.add_run(" / ")
    field(foot, "NUMPAGES")


def _set_tab(line: Paragraph, width: float) -> None:
    """Put the only stop at the right margin of upright pages, for programs that do not know the one
    of Word below."""
    assert line.style is not None  # Header or Footer
    line.style.paragraph_format.tab_stops.clear_all()
    line.paragraph_format.tab_stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)


def to_the_right(paragraph: Paragraph) -> None:
    """Write what follows at the right margin, on upright and on landscape pages."""
    tab = element("ptab", relativeTo="margin", alignment="right", leader="none")
    paragraph.add_run()._r.append(tab)


def field(paragraph: Paragraph, name: str) -> None:
    """Insert a number that Word counts itself."""
    instruction = element("instrText")
    instruction.text = name
    for mark in (
        element("fldChar", fldCharType="begin"),
        instruction,
        element("fldChar", fldCharType="end"),
    ):
        paragraph.add_run()._r.append(mark)
