"""Renders one document into a file:
`manage.py render KIND ID --language fr --audience donor --output FILE`.

For operators. The document is composed and rendered as by a worker, but nothing is queued and no
rendition is stored. Of a final document the stored file is written out, or else a new one is made
from the frozen data, so that its verification code is the one that the portal knows. Where final
documents are sealed, so is this one, or it is refused.
"""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from committees.models import ActionPlan, Audience
from kernel.files import sha256_of
from kernel.frozen import UnknownFormat
from kernel.jobs import Job
from partners.models import Institution
from reports.annexes import rendered_document
from reports.kinds import kind_of
from reports.models import THING_OF, About, DocumentKind, Snapshot
from reports.models.snapshot import Thing
from reports.render_process import RenderFailed
from reports.sealing.documents import key_for, sealed
from reports.services.producing import file_now, verification_code
from reports.services.requesting import final_rendition, snapshot_for
from reports.verifying import note_issued


class Command(BaseCommand):
    help = "Render one document into a file, as PDF, Word or plain text."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help=f"one of: {', '.join(DocumentKind.values)}")
        parser.add_argument("id", type=int, help="key of the report, meeting, plan, seat, …")
        parser.add_argument("--language", default="fr", help="fr, es or en")
        parser.add_argument("--audience", help=f"one of: {', '.join(Audience.values)}")
        parser.add_argument(
            "--addressee", type=int, help="for a letter: key of the institution it goes to"
        )
        parser.add_argument("--base", type=int, help="for differences: the earlier plan")
        formats = parser.add_mutually_exclusive_group()
        formats.add_argument("--word", action="store_true", help="a Word file in place of the PDF")
        formats.add_argument("--text", action="store_true", help="plain text in place of the PDF")
        parser.add_argument("--output", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        about = about_of(options)
        audience = audience_of(about, options["audience"])
        language, output = options["language"], Path(options["output"])
        with written(output) as file, refused_in_words():
            if options["word"] or options["text"]:
                file.write(at_once(about, language, audience, is_word=options["word"]))
                pages = ""
            else:
                pages = f"{render_pdf(file, about, language, audience)} pages, "
            sha256 = sha256_of(file)
            size = file.seek(0, os.SEEK_END)
        self.stdout.write(f"{output}: {pages}{size} bytes, sha256 {sha256}")


def about_of(options: dict[str, Any]) -> About:
    if options["kind"] not in DocumentKind.values:
        raise CommandError(f"Choose the kind among: {', '.join(DocumentKind.values)}.")
    if options["language"] not in dict(settings.LANGUAGES):
        raise CommandError(f"Choose the language among: {', '.join(dict(settings.LANGUAGES))}.")
    kind = DocumentKind(options["kind"])
    model = Snapshot._meta.get_field(THING_OF[kind]).related_model
    assert isinstance(model, type)  # the field is a foreign key
    addressee, base = options["addressee"], options["base"]
    about = About(
        one_of(model, options["id"]),
        kind,
        None if addressee is None else one_of(Institution, addressee),
        None if base is None else one_of(ActionPlan, base),
    )
    refuse_wrong_choices(about)
    if not kind_of(about).applies(about):
        raise CommandError("There is nothing to tell of this thing in that document yet.")
    return about


def one_of(model: type[Thing], pk: int) -> Thing:
    thing = model._default_manager.filter(pk=pk).first()
    if thing is None:
        raise CommandError(f"There is no {model._meta.model_name} {pk}.")
    return thing


def refuse_wrong_choices(about: About) -> None:
    """Refuse an addressee or version that the form of the page would not offer."""
    kind = kind_of(about)
    for name, option, offered in (
        ("addressee", "--addressee", kind.addressees),
        ("base", "--base", kind.bases),
    ):
        chosen = getattr(about, name)
        if offered is None and chosen is not None:
            raise CommandError(f"A document of this kind takes no {option}.")
        if offered is not None and (chosen is None or chosen not in offered(about)):
            keys = ", ".join(str(row.pk) for row in offered(about)) or "there is none"
            raise CommandError(f"Say {option} with one of these keys: {keys}.")


def audience_of(about: About, asked: str | None) -> str:
    audiences = kind_of(about).audiences
    audience = asked or audiences[0]
    if audience not in audiences:
        raise CommandError(f"Choose the audience among: {', '.join(map(str, audiences))}.")
    return str(audience)


def at_once(about: About, language: str, audience: str, *, is_word: bool) -> bytes:
    kind = kind_of(about)
    if not (kind.has_word if is_word else kind.has_text):
        raise CommandError("A document of this kind is made as PDF alone.")
    return file_now(about, "docx" if is_word else "txt", language=language, audience=audience)


def render_pdf(file: BinaryIO, about: About, language: str, audience: str) -> int:
    """Write the PDF into the file, and return its number of pages."""
    kind = kind_of(about)
    is_draft = kind.is_draft(about)
    snapshot = snapshot_for(about, language=language, audience=audience)
    kept = final_rendition(snapshot, language=language, audience=audience)
    if snapshot.is_final and not is_draft and kept:
        with suppress(FileNotFoundError), kept.file.open("rb") as stored:
            for chunk in stored.chunks():
                file.write(chunk)
            return kept.pages or 0
    document = snapshot.document(audience, language)
    code = verification_code(snapshot, document)
    try:
        key = key_for(snapshot, is_draft=is_draft)
        with rendered_document(document, silence, code=code, is_draft=is_draft) as pdf:
            with sealed(pdf.content, key, language=language) as (content, _certificate):
                copyfileobj(content, file)
                note_issued(snapshot, sha256_of(content))
            return pdf.pages
    except RenderFailed as failure:
        words = dict(Job.Failure.choices).get(failure.reason, failure.reason)
        raise CommandError(f"The renderer gave up: {words}") from None


@contextmanager
def refused_in_words() -> Iterator[None]:
    try:
        yield
    except UnknownFormat as refusal:
        raise CommandError(str(refusal)) from None


def silence(stage: str, page: int) -> None:
    """Ignore the progress, which nobody watches here."""


@contextmanager
def written(output: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces the output once it is complete; on failure it is
    deleted."""
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=".render-")
        with open(handle, "w+b") as file:
            try:
                yield file
                file.flush()
                os.fchmod(handle, 0o644)
                Path(name).replace(output)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}.") from None
