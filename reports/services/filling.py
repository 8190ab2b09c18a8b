"""Fills a donor's Word template from a report, in a process with limits on time and memory, since a
template comes from outside."""

import json
import tempfile
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from kernel.formats import join_list
from kernel.jobs import Job
from kernel.refusal import Refusal
from reports.field_schema import Problem
from reports.kinds import kind_of
from reports.models import About, WordTemplate
from reports.render_process import RenderFailed, RenderProcess
from reports.services.producing import current_document, log_download
from reports.word_fields import field_schema
from reports.word_template import fields_of

MOST_NAMED = 8


# What is wrong with a template, by the codes of `reports.template_fields` and `template_file`.
SENTENCES = {
    "damaged": gettext_lazy("This file is damaged: open it in Word and save it again as DOCX."),
    "not_word": gettext_lazy("This is not a Word document: save the template as DOCX in Word."),
    "too_large": gettext_lazy(
        "This file unpacks to more than a template can contain: remove large pictures "
        "and save it again."
    ),
    "macros": gettext_lazy("This file contains macros: save it as DOCX without macros."),
    "document_type": gettext_lazy(
        "This file was not written by Word (it declares a document type): save it again "
        "as DOCX in Word."
    ),
    "attached": gettext_lazy(
        "This file is attached to another template (%(what)s): in Word, under Developer, "
        "Document Template, attach Normal, and save it."
    ),
    "external": gettext_lazy(
        "This file fetches something from elsewhere (%(what)s): put the picture or text "
        "itself into it; clickable links may only lead to pages and e-mail addresses."
    ),
    "embedded": gettext_lazy(
        "This file contains something that is not text, a table or a picture (%(what)s): "
        "remove it and save the file again."
    ),
    "fetching": gettext_lazy(
        "This file has a Word field that fetches or starts something (%(what)s): remove it."
    ),
    "in_field": gettext_lazy(
        "A field of the portal is inside a Word field: write it as plain text."
    ),
    "elsewhere": gettext_lazy(
        "Fields in comments, endnotes and building blocks are not filled: move them into the text."
    ),
    "unknown": gettext_lazy(
        "These fields are unknown: %(what)s. Copy the names from the list of fields, "
        "letter by letter."
    ),
    "refused": gettext_lazy(
        "A template cannot use %(what)s: only the fields, loops over lists and "
        "conditions in the list of fields."
    ),
    "not_a_text": gettext_lazy(
        "%(what)s is a list or a group and cannot be written as a text: go through it "
        "with a loop, or use one of its parts."
    ),
    "not_a_list": gettext_lazy("%(what)s is not a list: a loop goes through one of the lists."),
    "not_alone": gettext_lazy(
        "A formatted text has paragraphs of its own: write it alone in its paragraph, as "
        "{{p formatted.summary }}."
    ),
    "loop_in_loop": gettext_lazy(
        "A loop inside a loop can only go through a list of its own rows, which %(what)s "
        "is not: put the two loops one after the other."
    ),
    "syntax": gettext_lazy("A field or a loop is not written correctly, near %(what)s."),
    "complex": gettext_lazy("The template has too many nested fields and loops: make it simpler."),
    "structure": gettext_lazy(
        "The template cannot be filled: a loop or a condition begins in one paragraph or row and "
        "ends in the middle of another. Write its beginning and its end each as a paragraph or "
        "row of its own, with {%%p … %%} or {%%tr … %%}."
    ),
}


class FillFailed(Refusal):
    """A template that could not be filled; `sentences` say why and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def filled_template(
    template: WordTemplate, about: About, *, language: str, audience: str, by: User
) -> bytes:
    """Return the Word file, of frozen data or of what is known now, and log the download.

    Raises FillFailed.
    """
    content = fill_now(template, about, language=language, audience=audience)
    log_download(about, language, "docx", by, template=template.pk)
    return content


def fill_now(template: WordTemplate, about: About, *, language: str, audience: str) -> bytes:
    document = current_document(about, language=language, audience=audience)
    if "chapters" not in document:
        raise ValueError("Templates of donors are for reports")
    is_draft = kind_of(about).is_draft(about)
    fields = fields_of(document, is_draft=is_draft)
    asked = {
        "schema": field_schema(),
        "fields": fields,
        "mark": str(fields["draft"]).upper(),
        "properties": {
            "title": f"{document['heading']} – {document['title']}"[:255],
            "author": document["organisation"][:255],
            "made": document["as_of"],
        },
    }
    try:
        with template.file.open() as file:
            return _run("fill", file, asked)
    except FileNotFoundError:
        raise FillFailed([_("This file is missing; tell the coordination.")]) from None


def check_template(file: File) -> None:
    """Check that an uploaded template can be filled. Raises FillFailed with all problems."""
    file.seek(0)
    _run("check", file, {"schema": field_schema()})
    file.seek(0)


def _run(program: str, content: File, asked: dict[str, Any]) -> bytes:
    with (
        tempfile.TemporaryFile() as template,
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as target,
    ):
        for chunk in content.chunks():
            template.write(chunk)
        source.write(json.dumps(asked).encode())
        try:
            _process(program, template, source, target).run(lambda stage, page: None)
        except RenderFailed as failure:
            raise FillFailed([_why(failure.reason)]) from None
        target.seek(0)
        answer = target.read()
    if answer.startswith(b"PK"):
        return answer
    if problems := json.loads(answer):
        raise FillFailed(sentences_of(problems))
    return b""


def _process(program: str, template: BinaryIO, source: BinaryIO, target: BinaryIO) -> RenderProcess:
    limits = {
        "cpu_seconds": settings.FILL_CPU_SECONDS,
        "memory_mb": settings.FILL_MEMORY_MB,
    }
    return RenderProcess(
        source,
        target,
        program="fill",
        options=limits | {"program": program, "template": template.fileno()},
        files=[template],
        seconds=settings.FILL_SECONDS,
    )


def _why(reason: str) -> str:
    if reason == Job.Failure.TOO_LONG:
        return _(
            "Filling the template took too long and was stopped: make it simpler, with fewer fields "
            "and loops."
        )
    if reason == Job.Failure.TOO_LARGE:
        return _(
            "The template is too large or grows too much when filled: remove pictures or loops."
        )
    if reason == Job.Failure.DISK_FULL:
        return _("There is no room left on the disk of the portal: tell its operator.")
    return _(
        "The template could not be read: open it in Word, save it again as DOCX and try again."
    )


# Sentences about problems


def sentences_of(problems: list[Problem]) -> list[str]:
    """Return one sentence for each kind of problem, which names the fields concerned."""
    found: dict[str, list[str]] = {}
    for each in problems:
        found.setdefault(each["code"], []).append(each["what"])
    return [_sentence(code, names) for code, names in found.items()]


def _sentence(code: str, names: list[str]) -> str:
    shown = [_("“%(name)s”") % {"name": name} for name in dict.fromkeys(names) if name]
    more = ["…"] if len(shown) > MOST_NAMED else []
    return str(SENTENCES[code]) % {"what": join_list(shown[:MOST_NAMED] + more)}
