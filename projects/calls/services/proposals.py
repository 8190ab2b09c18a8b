"""Takes proposals from the first message to the receipt, and forgets unsuccessful ones later.

Every change locks the call's row before it reads the clock, so that it is certain whether a
proposal came before the deadline.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_address
from accounts.models import User
from accounts.models.links import hash_token
from kernel.files import CheckedFile
from kernel.lifecycle import StatusChange
from projects.calls.deadlines import deadline_text
from projects.calls.letters import proposal_link_letter, proposal_receipt_letter
from projects.models import (
    CallDocument,
    CallForProposals,
    EligibilityCheck,
    Proposal,
    ProposalFile,
    ProposalLine,
    ProposalLink,
)
from projects.models.proposal import ALL_FILES_BYTES, MAX_FILES
from projects.retention import held_projects

DAYS_IN_A_MONTH = 31


def locked_call(pk: int) -> CallForProposals:
    return CallForProposals.objects.select_for_update(of=("self",)).get(pk=pk)


@transaction.atomic
def start_proposal(
    call: CallForProposals,
    *,
    organisation: str,
    contact_name: str,
    contact_email: str,
    language: str,
    entry_key: uuid.UUID,
) -> None:
    """Begins a proposal, or finds the one that the organisation began with this address, and sends
    the link to it.

    Returns nothing, so that nobody learns which of both happened. Raises ValidationError where the
    call is not open.
    """
    call = locked_call(call.pk)
    if not call.is_open:
        raise ValidationError(closed_message(call))
    if ProposalLink.objects.filter(entry_key=entry_key).exists():
        return
    known = call.proposals.filter(
        contact_email__iexact=contact_email, organisation__iexact=organisation, forgotten_at=None
    ).exclude(status=Proposal.Status.WITHDRAWN)
    proposal = known.first() or Proposal.objects.create(
        call=call,
        organisation=organisation,
        contact_name=contact_name,
        contact_email=contact_email,
        language=language,
    )
    send_link(proposal, entry_key=entry_key)


def send_link(proposal: Proposal, *, entry_key: uuid.UUID | None = None) -> str:
    """Sends a further link by mail and returns its token, which is not stored."""
    token = secrets.token_urlsafe(32)
    link = ProposalLink.objects.create(
        proposal=proposal, token_hash=hash_token(token), entry_key=entry_key or uuid.uuid4()
    )
    send_to_address(
        proposal.contact_email,
        partial(proposal_link_letter, proposal, token),
        language=proposal.language,
        reply_to=proposal.call.contact_email,
        key=f"proposal-link:{link.pk}",
        about=proposal.call,
    )
    return token


def closed_message(call: CallForProposals) -> str:
    """Returns why nothing can be submitted, and the address to write to."""
    if call.project.closed_on:
        return _(
            "The project is closed: no proposals are taken any more. Write to %(address)s."
        ) % {"address": call.contact_email}
    if call.deadline_passed:
        return _("The deadline has passed: it was %(deadline)s. Write to %(address)s.") % {
            "deadline": deadline_text(call),
            "address": call.contact_email,
        }
    return _("This call is not open. Write to %(address)s.") % {"address": call.contact_email}


def lock_for_writing(proposal: Proposal) -> Proposal:
    """Locks the call and the proposal, in a transaction of the caller, and returns the proposal.

    Raises ValidationError where it can no longer be written.
    """
    call = locked_call(proposal.call_id)
    fresh = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    fresh.call = call
    if not fresh.may_be_written:
        raise ValidationError(closed_message(call))
    return fresh


def replace_lines(proposal: Proposal, lines: list[tuple[str, Decimal]]) -> None:
    proposal.lines.all().delete()
    ProposalLine.objects.bulk_create(
        ProposalLine(proposal=proposal, position=position, label=label, amount=amount)
        for position, (label, amount) in enumerate(lines)
    )


def keep_file(proposal: Proposal, checked: CheckedFile) -> None:
    """Keeps a file once, within the limits of a proposal. Raises ValidationError beyond them."""
    if proposal.files.filter(sha256=checked.sha256).exists():
        return
    kept = proposal.files.aggregate(size=Sum("size"), number=Max("pk"))
    if proposal.files.count() >= MAX_FILES:
        raise ValidationError(
            _("A proposal can have at most %(limit)s files; remove one first.")
            % {"limit": MAX_FILES}
        )
    if (kept["size"] or 0) + checked.size > ALL_FILES_BYTES:
        raise ValidationError(
            _("Together, the files are too large; remove one or upload a smaller one.")
        )
    file = ProposalFile(proposal=proposal)
    file.keep(checked)
    file.save()


def remove_files(proposal: Proposal, keys: list[int]) -> None:
    for kept in proposal.files.filter(pk__in=keys):
        file = kept.file
        kept.delete()
        transaction.on_commit(partial(file.storage.delete, str(file.name)))


@transaction.atomic
def submit_proposal(proposal: Proposal) -> Proposal:
    """Submits a proposal under its number and sends the receipt, once.

    Raises ValidationError after the deadline.
    """
    proposal = lock_for_writing(proposal)
    if proposal.is_draft:
        latest = proposal.call.proposals.aggregate(Max("number"))["number__max"] or 0
        proposal.take("submit", by=None, number=latest + 1, submitted_at=timezone.now())
    send_to_address(
        proposal.contact_email,
        partial(proposal_receipt_letter, proposal),
        language=proposal.language,
        name=proposal.contact_name,
        reply_to=proposal.call.contact_email,
        key=f"proposal:{proposal.pk}:received",
        about=proposal.call,
    )
    return proposal


@transaction.atomic
def withdraw_proposal(proposal: Proposal) -> None:
    lock_for_writing(proposal).take("withdraw", by=None)


@transaction.atomic
def admit_late(proposal: Proposal, *, until: datetime, reason: str, by: User) -> None:
    """Lets an unfinished proposal be submitted after the deadline; the reason is shown with it.

    Raises ValidationError where the evaluation is over or the proposal was submitted.
    """
    call = locked_call(proposal.call_id)
    unevaluated = (CallForProposals.Status.PUBLISHED, CallForProposals.Status.CLOSED)
    drafts = Proposal.objects.filter(pk=proposal.pk, status=Proposal.Status.DRAFT)
    if call.status not in unevaluated or not call.deadline_passed:
        raise ValidationError(
            _("A proposal can be admitted late between the deadline and the end of the evaluation.")
        )
    if not drafts.update(late_until=until, late_reason=reason):
        raise ValidationError(_("This proposal has already been submitted."))
    proposal.refresh_from_db()
    send_link(proposal)


@transaction.atomic
def record_eligibility(
    proposal: Proposal, answers: Mapping[str, tuple[bool | None, str]], *, by: User
) -> None:
    """Writes the check list: by point whether it is met, None where nobody checked, and the reason."""
    for point, (is_met, reason) in answers.items():
        if is_met is None:
            proposal.checks.filter(point=point).delete()
            continue
        values = {"is_met": is_met, "reason": reason, "by": by}
        EligibilityCheck.objects.update_or_create(proposal=proposal, point=point, defaults=values)


def forget_old_proposals() -> int:
    """Deletes the personal data of proposals that were not awarded. Returns how many they were.

    It waits PROPOSAL_MONTHS after the award or cancellation of the call, but deletes those of drafts
    and withdrawn proposals as soon as the call is decided.
    """
    limit = timezone.now() - timedelta(days=DAYS_IN_A_MONTH * settings.PROPOSAL_MONTHS)
    over = [CallForProposals.Status.AWARDED, CallForProposals.Status.CANCELLED]
    finished = Proposal.objects.filter(call__status__in=over, forgotten_at=None)
    finished = finished.exclude(call__project__in=held_projects())
    unfinished = Q(status__in=[Proposal.Status.DRAFT, Proposal.Status.WITHDRAWN], grant=None)
    kind = ContentType.objects.get_for_model(CallForProposals)
    ended = StatusChange.objects.filter(
        content_type=kind, to_status__in=over, happened_on__lt=limit.date()
    )
    in_vain = ~Q(status=Proposal.Status.AWARDED) & Q(call__in=ended.values("object_id"), grant=None)
    forgotten = 0
    # At most 200 in a run of the task; the next run goes on with the rest.
    for proposal in finished.filter(unfinished | in_vain).order_by("pk")[:200]:
        with transaction.atomic():
            proposal.forget_person()
        forgotten += 1
    return forgotten


@transaction.atomic
def add_call_document(document: CallDocument, upload: CheckedFile) -> None:
    """Keeps a document with its file, unless the call has the same file already."""
    call = locked_call(document.call_id)
    if not call.documents.filter(sha256=upload.sha256).exists():
        document.keep(upload)
        document.save()
