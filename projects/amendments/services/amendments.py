"""Submits amendments, records the donor's answer and puts them into effect, with their documents."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import User
from accounts.undo import messages_wait
from kernel.files import CheckedFile, check_upload
from kernel.formats import day
from kernel.languages import active_language
from kernel.refusal import Refusal
from projects.amendments.letters import amendment_answered_letter, amendment_for_donor_letter
from projects.models import Amendment, AmendmentFile, Assignment, Project
from projects.sending.donor import write_to_donor
from projects.sending.recipients import NoticeReceipt

Category = AmendmentFile.Category


@transaction.atomic
@messages_wait()
def submit_amendment(
    amendment: Amendment,
    *,
    by: User,
    on: date,
    why: str = "",
    request: CheckedFile | None = None,
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Records that the donor was asked, whose people get a message, with these lines of the sender's
    own by language. `why`: the reason why the committee was not asked before, or how they get it.

    Raises TransitionError where it was submitted or answered meanwhile; no file is kept then.
    """
    amendment.take("submit", by=by, on=on, why=why)
    if request:
        keep_file(amendment, request, Category.REQUEST, by=by)
    letter = partial(amendment_for_donor_letter, amendment)
    return write_to_donor(amendment, letter, by=by, on=on, lines=lines)


@transaction.atomic
def record_donor_answer(
    amendment: Amendment,
    verb: str,
    *,
    by: User,
    on: date,
    reference: str = "",
    why: str = "",
    letter: CheckedFile | None = None,
    written: str = "",
) -> None:
    """Records the donor's answer; `verb`: approve, ask_changes or refuse; `why`: the donor's words.
    `written`: a letter in words, which is filed as a document with these words below it. Who
    coordinates the project and did not record it themselves is notified.

    Raises TransitionError where there is an answer already; no file is kept then.
    """
    if verb == "ask_changes":
        words = " · ".join(filter(None, [reference, why]))
        amendment.take(verb, by=by, on=on, why=words)
    else:
        facts = {"donor_decided_on": on, "donor_reference": reference}
        amendment.take(verb, by=by, on=on, why=why, **facts)
    if letter:
        keep_file(amendment, letter, Category.ANSWER, by=by)
    if written:
        document = letter_in_word(f"{day(on)}\n\n{written}\n\n{why}\n\n{by}")
        keep_file(amendment, document, Category.ANSWER, by=by)
    people = Assignment.objects.current().filter(
        project=amendment.project_id, role=Assignment.Role.COORDINATOR, user__is_active=True
    )
    for one in people.exclude(user=by).select_related("user"):
        said = partial(amendment_answered_letter, amendment, verb, why)
        send_to_person(one.user, said, by=by, about=amendment)


def letter_in_word(text: str) -> CheckedFile:
    """Return a letter as a document, each part between empty lines as a paragraph."""
    from docx import Document  # noqa: PLC0415  (only processes that write Word load it)

    word, content = Document(), BytesIO()
    word.core_properties.author, word.core_properties.language = "", active_language()
    for part in text.replace("\r\n", "\n").split("\n\n"):
        if printed := "".join(sign for sign in part if sign.isprintable() or sign == "\n").strip():
            word.add_paragraph(printed)
    word.save(content)
    upload = SimpleUploadedFile("letter.docx", content.getvalue())
    return check_upload(upload, allowed=["docx"], max_bytes=AmendmentFile.MAX_BYTES)


@transaction.atomic
def keep_file(
    amendment: Amendment, content: CheckedFile, category: str, *, by: User
) -> AmendmentFile:
    """Keeps a document; the same file given twice for the same purpose is kept once."""
    Amendment.objects.select_for_update().get(pk=amendment.pk)
    if known := amendment.files.filter(category=category, sha256=content.sha256).first():
        return known
    kept = AmendmentFile(amendment=amendment, category=category, added_by=by)
    kept.keep(content)
    kept.save()
    return kept


@transaction.atomic
def remove_file(kept: AmendmentFile) -> None:
    """Deletes a document with its file: it may hold what must not be kept here."""
    file = kept.file
    kept.delete()
    transaction.on_commit(partial(file.storage.delete, str(file.name)))


@transaction.atomic
def take_effect(
    amendment: Amendment,
    *,
    by: User | None,
    on: date | None = None,
    moves: list[dict] | None = None,
) -> None:
    """Puts into effect what the donor approved.

    An extension moves the current end of the project and never its original end. `moves`: what else
    moves, to be kept with the amendment (`committees.amendments.services.put_into_effect`). Raises
    Refusal for an extension without a later end, TransitionError where the donor did not approve.
    """
    Amendment.objects.select_for_update().get(pk=amendment.pk)
    project = Project.objects.select_for_update().get(pk=amendment.project_id)
    is_extension = amendment.kind == Amendment.Kind.EXTENSION
    end = _later_end(amendment, project) if is_extension else None
    amendment.take("take_effect", by=by, on=on, moves=moves or [])
    if end:
        project.current_end = amendment.project.current_end = end
        project.save(update_fields=["current_end"])


def _later_end(amendment: Amendment, project: Project) -> date:
    if amendment.end_after is None:
        raise Refusal(_("The amendment does not state the new end: add it first."))
    if amendment.end_after <= project.current_end:
        raise Refusal(
            _("The project already ends on %(day)s: this amendment would not extend it.")
            % {"day": day(project.current_end)}
        )
    return amendment.end_after
