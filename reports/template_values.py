"""What a Word template shows besides plain texts: pictures, and texts in paragraphs of their own.

It runs in the process that fills templates (`reports.fill`), so it knows no Django. Everything that it
writes into the document is made of numbers of ours and of escaped words.
"""

import io
from base64 import b64decode
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.shared import Mm
from lxml import etree

from reports.chart_pictures import chart_png, size_of
from reports.field_schema import FORMATTED, PICTURE, Paragraph, Piece, Schema

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Millimetres. A template may have narrow margins or broad ones; a picture is never wider than its line.
CHART_WIDTH, PHOTO_WIDTH, TALLEST = 160.0, 80.0, 200.0
INDENT, SPACE = 360, 120  # of an item of a list, and after a paragraph, in twentieths of a point
LOCALES = {"fr": "fr-CA", "es": "es-HN", "en": "en-CA"}


EXAMPLE_PARAGRAPHS: list[Paragraph] = [
    {
        "heading": False,
        "mark": "",
        "depth": 0,
        "lang": "",
        "pieces": [{"text": "text", "bold": True, "italic": False}],
    }
]
EXAMPLE_PICTURE = {
    "svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 60"><title>picture</title>'
    '<rect x="0" y="0" width="600" height="60" fill="#0b5563"/></svg>',
    "spoken": "picture",
}


def shown(value: Any, schema: Schema, template: Any) -> Any:
    """Return the value as a template takes it."""
    if isinstance(schema, list):
        return [shown(each, schema[0], template) for each in value]
    if isinstance(schema, dict):
        return {name: shown(value.get(name, ""), each, template) for name, each in schema.items()}
    if schema == PICTURE:
        return Picture(value, template) if value else ""
    return FormattedText(value or []) if schema == FORMATTED else value


class Picture:
    """A chart or a photograph, which is drawn only if the template shows it."""

    def __init__(self, value: dict[str, str], template: Any) -> None:
        self.value, self.template = value, template

    def __html__(self) -> str:
        """Return the picture between two runs: the library writes values into the text of one."""
        section = self.template.docx.sections[0]
        margins = (section.left_margin or 0) + (section.right_margin or 0)
        line = ((section.page_width or 0) - margins) / Mm(1)
        if svg := self.value.get("svg"):
            across, down = size_of(svg)
            content = chart_png(svg)
            width = min(line, CHART_WIDTH, TALLEST * across / down)
        else:
            content, width = b64decode(self.value["jpeg"]), min(line, PHOTO_WIDTH)
        part = self.template.current_rendering_part
        inline = part.new_pic_inline(io.BytesIO(content), Mm(width), None)
        inline.docPr.set("descr", self.value["spoken"])
        return (
            f"</w:t></w:r><w:r><w:drawing>{inline.xml}</w:drawing></w:r>"
            '<w:r><w:t xml:space="preserve">'
        )


class FormattedText:
    """A text with its paragraphs, lists, bold and slanted words; false if it is empty."""

    def __init__(self, paragraphs: list[Paragraph]) -> None:
        self.paragraphs = paragraphs

    def __bool__(self) -> bool:
        return bool(self.paragraphs)

    def __html__(self) -> str:
        # A cell of a table needs a paragraph even if there is nothing to say.
        return "".join(map(_paragraph, self.paragraphs)) or "<w:p/>"


def _paragraph(told: Paragraph) -> str:
    """Return a paragraph in the template's own style, whose lists do not depend on its styles."""
    place = ""
    if told["depth"]:
        left = INDENT * told["depth"]
        tab = f'<w:tabs><w:tab w:val="left" w:pos="{left}"/></w:tabs>'
        place = f'{tab}<w:spacing w:after="{SPACE // 2}"/>'
        place += f'<w:ind w:left="{left}" w:hanging="{INDENT}"/>'
    else:
        keep = "<w:keepNext/>" if told["heading"] else ""
        place = f'{keep}<w:spacing w:after="{SPACE}"/>'
    mark = f"<w:r><w:t>{escape(told['mark'])}</w:t><w:tab/></w:r>" if told["mark"] else ""
    runs = "".join(_run(piece, told) for piece in told["pieces"])
    return f"<w:p><w:pPr>{place}</w:pPr>{mark}{runs}</w:p>"


def _run(piece: Piece, told: Paragraph) -> str:
    properties = "<w:b/>" if piece["bold"] or told["heading"] else ""
    properties += "<w:i/>" if piece["italic"] else ""
    if told["lang"]:
        properties += f"<w:lang w:val={quoteattr(LOCALES[told['lang']])}/>"
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in piece["text"].split("\n")
    )
    return f"<w:r><w:rPr>{properties}</w:rPr>{lines}</w:r>"


def misplaced(xml: str) -> bool:
    """Whether a paragraph is inside another: a formatted text was written among other words."""
    tree = etree.fromstring(xml.encode())
    parents = (one.getparent() for one in tree.iter(f"{W}p"))
    return any(one is not None and one.tag in {f"{W}t", f"{W}r", f"{W}p"} for one in parents)
