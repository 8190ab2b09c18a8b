"""Amendments that are submitted and answered, each with its document in the same step."""

from datetime import date
from functools import partial

from django.db import transaction

from accounts.models import AccessEvent, User
from kernel.files import CheckedFile
from projects.models import Amendment, AmendmentFile

Category = AmendmentFile.Category


@transaction.atomic
def submit_amendment(
    amendment: Amendment,
    *,
    by: User,
    on: date,
    why: str = "",
    request: CheckedFile | None = None,
) -> None:
    """Ask the donor. `why`: the reason where the committee was not asked before.

    Raises TransitionError where it was submitted or answered meanwhile; no file is kept then.
    """
    amendment.take("submit", by=by, on=on, why=why)
    if request:
        keep_file(amendment, request, Category.REQUEST, by=by)


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
) -> None:
    """`approve` or `refuse`, with the day, reference and words of the donor. Raises
    TransitionError where there is an answer already; no file is kept then."""
    amendment.take(verb, by=by, on=on, why=why, donor_decided_on=on, donor_reference=reference)
    if letter:
        keep_file(amendment, letter, Category.ANSWER, by=by)


@transaction.atomic
def keep_file(
    amendment: Amendment, content: CheckedFile, category: str, *, by: User
) -> AmendmentFile:
    """Keep a document; the same file given twice for the same purpose is kept once."""
    Amendment.objects.select_for_update().get(pk=amendment.pk)
    if known := amendment.files.filter(category=category, sha256=content.sha256).first():
        return known
    kept = AmendmentFile(amendment=amendment, category=category, added_by=by)
    kept.keep(content)
    kept.save()
    return kept


@transaction.atomic
def remove_file(kept: AmendmentFile) -> None:
    """Take the file away for good: what should not be here must not stay."""
    file = kept.file
    kept.delete()
    transaction.on_commit(partial(file.storage.delete, file.name))


def record_download(kept: AmendmentFile, *, by: User) -> None:
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=by, thing=kept)
