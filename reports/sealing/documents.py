"""Which documents are sealed, and how one becomes a sealed file before it is stored."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO

from django.db.models import Q
from django.utils import timezone

from reports.kinds import KINDS
from reports.models import DocumentKind, Rendition, RenditionQuerySet, SealCertificate, Snapshot
from reports.sealing.apply import seal
from reports.sealing.keys import SealFailed, SealFailure, SealKey, is_on, usable_key

# How long a document waits that could not be sealed for a reason which the portal cannot check.
PAUSE = timedelta(hours=1)
# After so long somebody has to look: each try renders the whole document.
PATIENCE = timedelta(days=1)
REASONS = (
    SealFailure.SEAL_KEY,
    SealFailure.SEAL_PASSPHRASE,
    SealFailure.SEAL_EXPIRED,
    SealFailure.SEAL_BROKEN,
)


def key_for(snapshot: Snapshot, *, is_draft: bool) -> SealKey | None:
    """Return the key with which documents of this data are sealed; None if they are not. Raises
    SealFailed.

    This is asked before the document is rendered, which would be for nothing without a key.
    """
    if not is_on() or is_draft or snapshot.project.training:
        return None
    is_given_out = KINDS[DocumentKind(snapshot.kind)].is_given_out
    return usable_key() if snapshot.is_final or is_given_out else None


@contextmanager
def sealed(
    content: BinaryIO, key: SealKey | None, *, language: str
) -> Iterator[tuple[BinaryIO, SealCertificate | None]]:
    """Return the file with its seal and the row of its certificate; without a key the file as it
    is."""
    if key is None:
        yield content, None
        return
    with tempfile.TemporaryFile() as target:
        seal(content, target, key, language=language)
        row = SealCertificate.of(key.certificate)
        row.note_use()
        yield target, row


def waiting() -> RenditionQuerySet:
    """Return the documents that wait for their seal."""
    return Rendition.objects.current().filter(state=Rendition.State.FAILED, failure__in=REASONS)


def given_up() -> RenditionQuerySet:
    """Return the documents that could not be sealed for a day, for a reason which the portal cannot
    check. It tries them again only if somebody asks for them."""
    long_ago = timezone.now() - PATIENCE
    return waiting().filter(failure=SealFailure.SEAL_BROKEN, requested_at__lt=long_ago)


def retry_unsealed() -> None:
    """Try documents again that could not be sealed, once the key can be read, or if nothing is
    sealed any more."""
    broken = Q(failure=SealFailure.SEAL_BROKEN, finished_at__gt=timezone.now() - PAUSE)
    due = waiting().exclude(broken).exclude(pk__in=given_up().order_by().values("pk"))
    if not due.exists():
        return
    try:
        if is_on():
            usable_key()
    except SealFailed:
        return
    for rendition in due:
        rendition.retry()
