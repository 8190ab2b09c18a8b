"""Files documents of a project: gives them their numbers, takes e-mails apart, keeps versions, and
removes what must not be kept."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from kernel.files import CheckedFile, check_upload
from kernel.refusal import Refusal
from projects.duties.services import record_done
from projects.models import DutyDone, Period, Project, ReportingDuty
from reports.message_file import Attached, ReadMessage, read_message
from reports.models import FiledDocument, FiledVersion

EML = "eml"


@dataclass
class Filed:
    """What became of files that were given at once."""

    documents: list[FiledDocument] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def lock_project(project: Project) -> None:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


@transaction.atomic
def file_documents(example: FiledDocument, contents: Iterable[CheckedFile], *, by: User) -> Filed:
    """File each of these as a document of its own, described as the example is: one that has no title
    is called as its file. A file that is here already is left out, with a sentence."""
    lock_project(example.project)
    filed = Filed()
    contents = list(contents)
    for content in contents:
        if content.kind == EML:
            _file_message(example, content, filed, by=by)
        elif sentence := _is_here(example.project, content):
            filed.left_out.append(sentence)
        else:
            title = example.title if len(contents) == 1 else ""
            document = _copy(example, title=title or _title_of(content.original_name))
            filed.documents.append(_keep(document, content, by=by))
    return filed


def _copy(example: FiledDocument, **values: Any) -> FiledDocument:
    shared = {
        name: getattr(example, name)
        for name in (
            *("project", "kind", "language", "on", "their_reference", "sender", "recipient"),
            *("for_committee", "for_donor", "for_partners", "is_confidential"),
            *("agenda_item", "resolution", "amendment", "report"),
        )
    }
    return FiledDocument(**shared | values)


def _title_of(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    return " ".join(stem.replace("_", " ").split())[:200]


def _is_here(project: Project, content: CheckedFile) -> str:
    same = FiledVersion.objects.filter(
        document__project=project, document__withdrawn_on=None, sha256=content.sha256
    )
    if known := same.select_related("document__project").first():
        return _("“%(file)s” is already here: “%(document)s”.") % {
            "file": content.original_name,
            "document": known.document,
        }
    return ""


def _keep(document: FiledDocument, content: CheckedFile, *, by: User) -> FiledDocument:
    document.filed_by = by
    if document.kind in FiledDocument.NUMBERED:
        document.take_number()
    document.full_clean(exclude=["fulfils"])
    document.save()
    _keep_version(document, content, 1, by=by)
    return document


def _keep_version(
    document: FiledDocument, content: CheckedFile, number: int, *, by: User, note: str = ""
) -> FiledVersion:
    version = FiledVersion(document=document, number=number, added_by=by, note=note)
    version.keep(content)
    version.save()
    return version


# E-mails


def _file_message(example: FiledDocument, content: CheckedFile, filed: Filed, *, by: User) -> None:
    content.content.seek(0)
    message = read_message(content.content.read())
    known = example.project.filed_documents.present().filter(email_sha256=message.sha256)
    if document := known.select_related("project").first():
        sentence = _("“%(file)s” is already here: “%(document)s”.")
        filed.left_out.append(sentence % {"file": content.original_name, "document": document})
        return
    sent_on = timezone.localdate(message.sent_at) if message.sent_at else example.on
    document = _copy(
        example,
        kind=FiledDocument.Kind.EMAIL,
        title=message.subject or _title_of(content.original_name),
        on=min(sent_on, example.project.today),
        email_from=message.sender,
        email_to=message.recipients,
        email_sha256=message.sha256,
    )
    _keep(document, _text_file(message), by=by)
    filed.documents.append(document)
    document.left_out = [*message.left_out, *_file_attached(document, message.attached, filed, by)]
    if document.left_out:
        document.save(update_fields=["left_out"])
        filed.left_out.extend(document.left_out)


def _text_file(message: ReadMessage) -> CheckedFile:
    text = message.as_text()
    name = "message.txt"
    digest = hashlib.sha256(text).hexdigest()
    return CheckedFile(ContentFile(text, name), name, "txt", len(text), digest)


def _file_attached(
    message: FiledDocument, attached: list[Attached], filed: Filed, by: User
) -> list[str]:
    """File what came with a message as documents of their own; return why some were left out."""
    left_out = []
    for each in attached:
        try:
            content = check_upload(
                SimpleUploadedFile(each.name, each.content),
                allowed=FiledVersion.ACCEPTED,
                max_bytes=FiledVersion.MAX_BYTES,
            )
        except ValidationError as error:
            left_out.append(f"{each.name}: {' '.join(error.messages)}")
            continue
        # `SimpleUploadedFile` cuts paths off a name: what is left may be another one.
        content = replace(content, original_name=content.original_name[-150:])
        if sentence := _is_here(message.project, content):
            left_out.append(sentence)
            continue
        document = _copy(
            message,
            kind=FiledDocument.Kind.OTHER,
            title=_title_of(content.original_name),
            their_reference="",
            came_with=message,
        )
        filed.documents.append(_keep(document, content, by=by))
    return left_out


# Afterwards


@transaction.atomic
def save_description(document: FiledDocument) -> None:
    """Save what is said of it. What becomes correspondence gets a number; a number once given stays."""
    lock_project(document.project)
    stored = FiledDocument.objects.get(pk=document.pk)
    numbered = document.kind in FiledDocument.NUMBERED
    if stored.number and not numbered:
        raise Refusal(
            _("“%(reference)s” keeps its number, so it stays a letter or an e-mail.")
            % {"reference": stored.reference}
        )
    if numbered and not stored.number:
        document.take_number()
    document.full_clean(exclude=["fulfils"])
    document.save()


@transaction.atomic
def add_version(
    document: FiledDocument, content: CheckedFile, *, by: User, note: str = ""
) -> FiledVersion:
    """Keep a new version beside those before."""
    locked = FiledDocument.objects.select_for_update(no_key=True).get(pk=document.pk)
    if locked.is_withdrawn:
        raise Refusal(_("This document was removed: file it anew."))
    if locked.versions.filter(sha256=content.sha256).exists():
        raise Refusal(_("This file is already here as a version of this document."))
    newest = locked.versions.order_by("-number").first()
    number = (newest.number if newest else 0) + 1
    version = _keep_version(locked, content, number, by=by, note=note)
    # The index reads the newest version.
    locked.save(update_fields=["title"])
    return version


@transaction.atomic
def withdraw(document: FiledDocument, *, title: str, by: User, why: str) -> None:
    """Delete its files and the words of an e-mail; the line with its number stays, and says why. It is
    called `title` from now on, also in its history: what it was called may be what had to go, also
    where somebody changed it before."""
    locked = FiledDocument.objects.select_for_update(no_key=True).get(pk=document.pk)
    if locked.is_withdrawn:
        raise Refusal(_("Somebody has already removed this document."))
    for version in locked.versions.all():
        version.delete_content_on_commit()
        version.delete()
    if locked.fulfils_id:
        # The record stays where another document says so as well.
        DutyDone.objects.filter(pk=locked.fulfils_id, note=locked.title).update(note=title)
        _take_back(locked)
    locked.withdrawn_on, locked.withdrawn_why = locked.project.today, why
    locked.email_from = locked.email_to = ""
    locked.left_out = []
    locked.title = title
    locked.history.update(title=title)
    locked.save()
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=locked, change="document removed")


def record_filed_download(version: FiledVersion, *, by: User) -> None:
    AccessEvent.record(
        AccessEvent.Kind.DOWNLOAD, user=by, thing=version.document, version=version.number
    )


# What the agreement asks for


@transaction.atomic
def fulfil(
    document: FiledDocument, duty: ReportingDuty | None, period: Period | None, *, by: User
) -> None:
    """Note that the document is what the agreement asks for; without a duty, that it no longer is."""
    known = DutyDone.objects.filter(duty=duty, period=period).first() if duty else None
    if document.fulfils_id and document.fulfils_id != (known.pk if known else None):
        _take_back(document)
    if duty is None:
        return
    done = known or DutyDone(duty=duty, period=period, on=document.on)
    if known is None:
        done.note = _noted(document, duty)
        done = record_done(done, by=by)
    FiledDocument.objects.filter(pk=document.pk).update(fulfils=done)
    document.fulfils = done


def _noted(document: FiledDocument, duty: ReportingDuty) -> str:
    """Return what the record of a duty says of the document. The donor reads it, and the institution
    that is responsible: a title is for whoever reads the document."""
    is_theirs = document.for_donor and (document.for_partners or not duty.institution_id)
    return document.reference or (document.title[:300] if is_theirs else "")


def _take_back(document: FiledDocument) -> None:
    """Forget what it fulfilled, unless another document or a file says so as well."""
    done = document.fulfils
    FiledDocument.objects.filter(pk=document.pk).update(fulfils=None)
    document.fulfils = None
    if done and not done.documents.exists() and not hasattr(done, "file"):
        done.delete()
