"""Proposals from the first message to the receipt, and what is forgotten afterwards.

Every change happens under the lock of its call, where the clock is read: of a proposal that
arrives at the deadline it is certain on which side it came.
"""

import secrets
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.links import absolute_url
from accounts.mail import send_to_address
from accounts.models import User
from accounts.models.links import hash_token
from kernel.files import CheckedFile
from kernel.formats import day
from kernel.lifecycle import StatusChange
from projects.models import CallForProposals, Proposal, ProposalFile, ProposalLine, ProposalLink
from projects.models.proposal import ALL_FILES_BYTES, MAX_FILES

LINK = "projects/email/proposal_link"
RECEIPT = "projects/email/proposal_receipt"
DAYS_IN_A_MONTH = 31


def deadline_text(call: CallForProposals, moment: datetime | None = None) -> str:
    """November 30, 2026, 23:59:59 (time of Tegucigalpa): to the second, where the project is."""
    zone = call.project.zone
    local = (moment or call.closes_at).astimezone(zone)
    return _("%(day)s, %(clock)s (time of %(place)s)") % {
        "day": day(local.date()),
        "clock": f"{local:%H:%M:%S}",
        "place": zone.key.rpartition("/")[2].replace("_", " "),
    }


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
    """Begin a proposal, or come back to the one that this organisation began from this address,
    and send the link to it. Answers nothing, so that nobody learns which of both it was.

    Raises ValidationError where the call is not open.
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
    """A new link beside those that there are, by mail; answers its token, which is not kept."""
    token = secrets.token_urlsafe(32)
    link = ProposalLink.objects.create(
        proposal=proposal, token_hash=hash_token(token), entry_key=entry_key or uuid.uuid4()
    )
    facts = {
        "call": proposal.call,
        # Told in the language of the message; a template calls it only where `with` names it.
        "deadline": lambda: deadline_text(proposal.call, proposal.late_until),
        "url": absolute_url(reverse("calls:proposal", args=[proposal.call.code, token])),
    }
    send_to_address(
        proposal.contact_email,
        LINK,
        facts,
        subject=gettext_lazy("Your link"),
        language=proposal.language,
        key=f"proposal-link:{link.pk}",
    )
    return token


def closed_message(call: CallForProposals) -> str:
    if call.deadline_passed:
        return _("The deadline has passed: it was %(deadline)s. Write to %(address)s.") % {
            "deadline": deadline_text(call),
            "address": call.contact_email,
        }
    return _("This call is not open. Write to %(address)s.") % {"address": call.contact_email}


def lock_for_writing(proposal: Proposal) -> Proposal:
    """The proposal under the lock of its call, still open; raises ValidationError with a sentence.

    Inside a transaction of the caller's.
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
    """Keep a file once, under the limits of a proposal. Raises ValidationError."""
    if proposal.files.filter(sha256=checked.sha256).exists():
        return
    kept = proposal.files.aggregate(size=Sum("size"), number=Max("pk"))
    if proposal.files.count() >= MAX_FILES:
        raise ValidationError(
            _("A proposal has at most %(limit)s files; remove one first.") % {"limit": MAX_FILES}
        )
    if (kept["size"] or 0) + checked.size > ALL_FILES_BYTES:
        raise ValidationError(_("The files are too large together; remove one or give a smaller."))
    file = ProposalFile(proposal=proposal)
    file.keep(checked)
    file.save()


def remove_files(proposal: Proposal, keys: list[int]) -> None:
    for file in proposal.files.filter(pk__in=keys):
        name, storage = file.file.name, file.file.storage
        file.delete()
        transaction.on_commit(lambda name=name, storage=storage: storage.delete(name))


@transaction.atomic
def submit_proposal(proposal: Proposal) -> Proposal:
    """Number it and send the receipt, once. Raises ValidationError after the deadline."""
    proposal = lock_for_writing(proposal)
    if proposal.is_draft:
        latest = proposal.call.proposals.aggregate(Max("number"))["number__max"] or 0
        proposal.take("submit", by=None, number=latest + 1, submitted_at=timezone.now())
    facts = {
        "proposal": proposal,
        "call": proposal.call,
        "person": {"full_name": proposal.contact_name},
        "deadline": lambda: deadline_text(proposal.call, proposal.late_until),
        "received": lambda: deadline_text(proposal.call, proposal.submitted_at),
    }
    send_to_address(
        proposal.contact_email,
        RECEIPT,
        facts,
        subject=gettext_lazy("Received"),
        language=proposal.language,
        key=f"proposal:{proposal.pk}:received",
    )
    return proposal


@transaction.atomic
def withdraw_proposal(proposal: Proposal) -> None:
    lock_for_writing(proposal).take("withdraw", by=None)


@transaction.atomic
def admit_late(proposal: Proposal, *, until: datetime, reason: str, by: User) -> None:
    """Let an unfinished proposal be submitted after the deadline; the reason is shown with it.

    Raises ValidationError where the evaluation is over or the proposal was submitted.
    """
    call = locked_call(proposal.call_id)
    over = (CallForProposals.Status.PUBLISHED, CallForProposals.Status.CLOSED)
    drafts = Proposal.objects.filter(pk=proposal.pk, status=Proposal.Status.DRAFT)
    if call.status not in over or not call.deadline_passed:
        raise ValidationError(_("A proposal is admitted late between deadline and evaluation."))
    if not drafts.update(late_until=until, late_reason=reason):
        raise ValidationError(_("This proposal was submitted already."))
    proposal.refresh_from_db()
    send_link(proposal)


def forget_old_proposals() -> int:
    """Forget who proposed in vain, PROPOSAL_MONTHS after the award or the cancellation; and what was
    never submitted, as soon as the call is decided. Answers how many proposals that were."""
    limit = timezone.now() - timedelta(days=DAYS_IN_A_MONTH * settings.PROPOSAL_MONTHS)
    over = [CallForProposals.Status.AWARDED, CallForProposals.Status.CANCELLED]
    finished = Proposal.objects.filter(call__status__in=over, forgotten_at=None)
    unfinished = Q(status__in=[Proposal.Status.DRAFT, Proposal.Status.WITHDRAWN], grant=None)
    kind = ContentType.objects.get_for_model(CallForProposals)
    ended = StatusChange.objects.filter(
        content_type=kind, to_status__in=over, happened_on__lt=limit.date()
    )
    in_vain = ~Q(status=Proposal.Status.AWARDED) & Q(call__in=ended.values("object_id"), grant=None)
    forgotten = 0
    for proposal in finished.filter(unfinished | in_vain).order_by("pk")[:200]:
        with transaction.atomic():
            proposal.forget_person()
        forgotten += 1
    return forgotten
