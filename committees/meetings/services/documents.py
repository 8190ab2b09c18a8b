"""Stores and removes documents of a committee, and logs who downloads them."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from committees.models import Committee, Document
from kernel.files import CheckedFile
from kernel.refusal import Refusal


@transaction.atomic
def add_document(document: Document, content: CheckedFile) -> Document:
    """Store a file with its description. The same form sent twice stores it once."""
    Committee.objects.select_for_update(of=["self"]).get(pk=document.committee_id)
    key = document.entry_key
    if key and (known := Document.objects.filter(entry_key=key).first()):
        return known
    item = document.agenda_item
    if item and item.meeting_id != document.meeting_id:
        raise Refusal(_("This item is on the agenda of another meeting."))
    document.keep(content)
    document.save()
    return document


@transaction.atomic
def remove_document(document: Document) -> None:
    """Delete the document with its file: a file that should not be here must not stay."""
    file = document.file
    assert file.name  # a document is stored with its file
    document.delete()
    transaction.on_commit(partial(file.storage.delete, file.name))


def record_download(document: Document, *, by: User) -> None:
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=by, thing=document)
