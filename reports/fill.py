"""Fills a Word template, in a process of its own.

A template is hostile input. It is read, checked, compiled and filled only here, with limits of time
and memory, without Django, database, network or secrets. The template comes in the file `template`,
the names of the fields and their values come as JSON on standard input. Standard output gets the
Word file, or the list of problems.
"""

import io
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from docx import Document
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from reports.field_schema import FORMATTED, PICTURE, TEXT, Names, Schema
from reports.sandbox import Send
from reports.template_fields import FieldEnvironment, TemplateRefused, problem
from reports.template_file import check_package
from reports.template_values import EXAMPLE_PARAGRAPHS, EXAMPLE_PICTURE, misplaced, shown

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
