"""Puts the project's typeface into a Word file, so that it looks alike where nobody installed it.

A Word file holds a font disguised by a key, as ISO/IEC 29500-1 (17.8.1) describes it. Programs that do
not read it take the nearest font that they have, which the table of fonts names.
"""

import io
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from docx.document import Document as Word
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

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
    for number, (element, file) in enumerate(FACES.items(), 1):
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, file)).upper()
        part = Part(
            PackURI(f"/word/fonts/font{number}.odttf"),
            MIME,
            disguised(face(file), key),
            word.part.package,
        )
        embedded: Any = OxmlElement(f"w:{element}")
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


def xml_of(element: Any) -> bytes:
    from lxml import etree  # noqa: PLC0415  (docx has imported it)

    return etree.tostring(element, xml_declaration=True, encoding="UTF-8", standalone=True)


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
