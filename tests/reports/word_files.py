"""Word files that tests make: with these paragraphs, with this part put in or changed."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from kernel.files import MIME_TYPES


def word_file(*paragraphs, head="", rows=()):
    word = Document()
    for text in paragraphs:
        word.add_paragraph(text)
    if rows:
        table = word.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    if head:
        word.sections[0].header.paragraphs[0].text = head
    return saved(word)


def saved(word):
    target = io.BytesIO()
    word.save(target)
    return target.getvalue()


def with_parts(content, parts):
    """parts: by their names, each as bytes or as a function of what is there."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in [*source.namelist(), *(new for new in parts if new not in source.namelist())]:
            old = source.read(name) if name in source.namelist() else b""
            new = parts.get(name, old)
            archive.writestr(name, new(old) if callable(new) else new)
    return target.getvalue()


def with_body(content, xml):
    """xml: put before all else into the text of the document."""
    return with_parts(
        content,
        {"word/document.xml": lambda old: old.replace(b"<w:body>", b"<w:body>" + xml.encode(), 1)},
    )


def with_relation(content, kind, target, *, part="word/_rels/document.xml.rels", mode="External"):
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    one = f'<Relationship Id="rX1" Type="{office}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'

    def added(old):
        return (old or empty).replace(b"</Relationships>", one.encode() + b"</Relationships>")

    return with_parts(content, {part: added})


def upload(content, name="modele.docx"):
    return SimpleUploadedFile(name, content, MIME_TYPES["docx"])


def words_of(content):
    """All words of a Word file: paragraphs, tables, heads and feet."""
    word = Document(io.BytesIO(content))
    heads = [part for each in word.sections for part in (each.header, each.footer)]
    lines = [one.text for place in (word, *heads) for one in place.paragraphs]
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join([*lines, *cells])


def table_of(content, place=0):
    word = Document(io.BytesIO(content))
    return [[cell.text for cell in row.cells] for row in word.tables[place].rows]
