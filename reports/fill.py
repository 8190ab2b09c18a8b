"""Fills a Word template, in a process of its own, with texts, pictures, and texts in paragraphs of
their own.

A template is hostile input. It is read, checked, compiled and filled only here, with limits of time
and memory, without Django, database, network or secrets. The template comes in the file `template`,
the names of the fields and their values come as JSON on standard input. Standard output gets the
Word file, or the list of problems. What is written into the document is made of numbers of ours and
of escaped words.
"""

import io
import json
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from reports.chart_pictures import chart_png, size_of
from reports.field_schema import FORMATTED, PICTURE, TEXT, Names, Paragraph, Piece, Schema
from reports.sandbox import Send
from reports.template_fields import FieldEnvironment, TemplateRefused, problem
from reports.template_file import check_package

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


# The process


FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def main(options: dict[str, Any], _send: Send) -> int:
    with os.fdopen(options["template"], "rb") as file:
        content = file.read()
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(answer(PROGRAMS[options["program"]], content, asked))
    sys.stdout.buffer.flush()
    return 1


def answer(program: Callable[..., bytes], content: bytes, asked: dict[str, Any]) -> bytes:
    try:
        return program(content, asked)
    except TemplateRefused as refusal:
        return json.dumps(refusal.problems).encode()


def check(content: bytes, asked: dict[str, Any]) -> bytes:
    """Return all problems of a template, after trying to fill it with examples."""
    check_package(content)
    template = FieldTemplate(io.BytesIO(content))
    environment = FieldEnvironment(asked["schema"])
    found: list[dict[str, str]] = []
    for text in template.texts():
        try:
            environment.parse(text)
        except TemplateRefused as refusal:
            found += [each for each in refusal.problems if each not in found]
    if found:
        raise TemplateRefused(found)
    for is_empty in (False, True):  # conditional parts are left out once
        example = sample(asked["schema"], "", is_empty=is_empty)
        filled(content, asked["schema"], example, {}, "")
    return b"[]"


def sample(schema: Schema, name: str, *, is_empty: bool) -> Any:
    if isinstance(schema, list):
        return [] if is_empty else [sample(schema[0], name, is_empty=is_empty)] * 2
    if isinstance(schema, dict):
        return {key: sample(each, key, is_empty=is_empty) for key, each in schema.items()}
    if schema == FORMATTED:
        return [] if is_empty else EXAMPLE_PARAGRAPHS
    if schema == PICTURE and not is_empty:
        return EXAMPLE_PICTURE
    return "" if is_empty else name


def fill(content: bytes, asked: dict[str, Any]) -> bytes:
    """Return the Word file.

    `asked` has `schema`, `fields` with their values, `properties` of the file, and `mark`, the
    words above all pages of a draft.
    """
    check_package(content)
    return filled(content, asked["schema"], asked["fields"], asked["properties"], asked["mark"])


def filled(
    content: bytes, schema: Names, fields: dict[str, Any], properties: dict[str, str], mark: str
) -> bytes:
    template = FieldTemplate(io.BytesIO(content))
    try:
        values = {
            name: shown(value, schema.get(name, TEXT), template) for name, value in fields.items()
        }
        template.render(values, FieldEnvironment(schema), autoescape=True)
        template.say(properties, mark)
        target = io.BytesIO()
        template.save(target)
        Document(io.BytesIO(target.getvalue()))
    except (etree.XMLSyntaxError, TemplateError, KeyError, ValueError, AttributeError) as error:
        raise TemplateRefused([problem("structure", type(error).__name__)]) from error
    # Values are plain text, so the result must pass the same checks again.
    check_package(target.getvalue())
    return target.getvalue()


class FieldTemplate(DocxTemplate):
    """The template of the library with three changes: values are never read as templates, the
    properties of the file are not a template, and a part that is no whole paragraph is an error."""

    def texts(self) -> list[str]:
        """Return its parts as jinja reads them."""
        self.init_docx()
        found = [self.patch_xml(self.get_xml())]
        for uri in (self.HEADER_URI, self.FOOTER_URI):
            parts = [part for _key, part in self.get_headers_footers(uri)]
            found += [self.patch_xml(self.get_part_xml(part)) for part in parts]
        return [*found, *(self.patch_xml(part.blob.decode()) for part in self._footnotes())]

    def _footnotes(self) -> list[Any]:
        parts = self.docx.part.package.iter_parts()
        return [part for part in parts if part.content_type == FOOTNOTES]

    def build_xml(self, context: dict[str, Any], jinja_env: Any = None) -> str:
        xml: str = super().build_xml(context, jinja_env)
        etree.fromstring(xml)  # the library repairs broken parts, and loses words by it
        return xml

    def render_xml_part(
        self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None
    ) -> str:
        xml: str = super().render_xml_part(src_xml, part, context, jinja_env)
        if misplaced(xml):
            raise TemplateRefused([problem("not_alone")])
        return xml

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Render footnotes once: the library does it for each section, and so reads values as
        templates."""
        for part in self._footnotes():
            xml = self.patch_xml(part.blob.decode())
            part._blob = self.render_xml_part(xml, part, context, jinja_env).encode()
            etree.fromstring(part._blob)

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Do nothing, since `say` sets the properties."""

    def say(self, properties: dict[str, str], mark: str) -> None:
        """Set the properties of the report in place of the template's, and the mark of a draft."""
        known = self.docx.core_properties
        for name in ("author", "comments", "keywords", "last_modified_by", "subject", "title"):
            setattr(known, name, properties.get(name, ""))
        if made := properties.get("made"):
            known.created = known.modified = datetime.fromisoformat(made)
        if mark:
            body = self.docx._element.body
            paragraph = self.docx.add_paragraph()
            paragraph.add_run(mark).bold = True
            body.insert(0, paragraph._p)


PROGRAMS = {"check": check, "fill": fill}
