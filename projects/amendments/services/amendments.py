"""Amendments are submitted, answered and put into effect, each step together with its document."""

from datetime import date
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from kernel.files import CheckedFile
from kernel.formats import day
from kernel.refusal import Refusal
from projects.models import Amendment, AmendmentFile, Project

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


@transaction.atomic
def take_effect(
    amendment: Amendment,
    *,
    by: User | None,
    on: date | None = None,
    moves: list[dict] | None = None,
) -> None:
    """Put into effect what the donor approved. An extension moves the current end of the
    project; the original end is never touched. `moves`: what else moves, to be kept with it
    (`committees.amendments.services.put_into_effect`)."""
    Amendment.objects.select_for_update().get(pk=amendment.pk)
    project = Project.objects.select_for_update().get(pk=amendment.project_id)
    if amendment.kind == Amendment.Kind.EXTENSION:
        _refuse_unless_longer(amendment, project)
    amendment.take("take_effect", by=by, on=on, moves=moves or [])
    if amendment.kind == Amendment.Kind.EXTENSION:
        project.current_end = amendment.end_after
        project.save(update_fields=["current_end"])
        amendment.project.current_end = amendment.end_after


def _refuse_unless_longer(amendment: Amendment, project: Project) -> None:
    if amendment.end_after is None:
        raise Refusal(_("The amendment does not say the new end: add it first."))
    if amendment.end_after <= project.current_end:
        raise Refusal(
            _("The project already ends on %(day)s: this amendment would not extend it.")
            % {"day": day(project.current_end)}
        )
