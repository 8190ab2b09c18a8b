"""Keeps the documents of a call, which anybody can read once the call is open."""

from django.db import transaction

from kernel.files import CheckedFile
from projects.calls.services.proposals import locked_call
from projects.models import CallDocument


@transaction.atomic
def add_call_document(document: CallDocument, upload: CheckedFile) -> None:
    """Keeps a document with its file, unless the call has the same file already."""
    call = locked_call(document.call_id)
    if not call.documents.filter(sha256=upload.sha256).exists():
        document.keep(upload)
        document.save()
