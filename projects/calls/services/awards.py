"""Takes the steps of a call, decides on its proposals, sends the outcomes and prepares grants."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_address
from accounts.models import User
from partners.models import Contact, Institution, InstitutionName
from partners.services import enter_contact
from projects.calls.letters import proposal_outcome_letter
from projects.calls.services.panel import count_missing_sheets
from projects.calls.services.proposals import locked_call
from projects.institutions.services.institutions import add_institution, record_participation
from projects.institutions.services.representations import grant_representation
from projects.models import CallForProposals, Grant, Participation, Proposal
from projects.training import refuse_in_training


@transaction.atomic
def take_call_step(call: CallForProposals, verb: str, *, by: User | None, why: str = "") -> None:
    """Takes a step of a call.

    Raises ValidationError where it is not ready for the step, TransitionError where its status does
    not allow it.
    """
    call.status = locked_call(call.pk).status
    if call.may_take(verb):
        _refuse_too_early(call, verb, why)
    call.take(verb, by=by, why=why)


def _refuse_too_early(call: CallForProposals, verb: str, why: str) -> None:
    if verb == "publish":
        refuse_in_training(call.project)
    if verb == "publish" and not call.criteria.exists():
        raise ValidationError(
            _("Add a criterion first: applicants have to know how they are judged.")
        )
    if verb == "publish" and call.is_over_at():
        raise ValidationError(_("The deadline has passed. Set a later one first."))
    if verb == "close" and not call.is_over_at():
        raise ValidationError(_("Before the deadline the call stays open."))
    if verb == "evaluate" and count_missing_sheets(call) and not why.strip():
        sentence = _("Scores are still missing. Say why the evaluation ends without them.")
        raise ValidationError({"why": sentence})
    if verb == "award" and count_undecided(call):
        raise ValidationError(_("Decide on each proposal first, with reasons."))
    if verb == "cancel" and not why.strip():
        raise ValidationError({"why": _("Say why the call is cancelled.")})


def count_undecided(call: CallForProposals) -> int:
    waiting = [Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED]
    return call.proposals.filter(status__in=waiting).count()


def awarded_so_far(call: CallForProposals) -> Decimal:
    """Returns the sum of the awarded amounts, in the currency of the call."""
    return call.proposals.aggregate(sum=Sum("amount_awarded"))["sum"] or Decimal(0)


@transaction.atomic
def decide_proposal(
    proposal: Proposal,
    verb: str,
    *,
    by: User,
    on: date,
    reason: str,
    amount: Decimal | None = None,
    over_budget: bool = False,
) -> None:
    """Shortlists, rejects, awards or declines a proposal, with the reason and day of the decision.

    An award beyond the budget of the call needs `over_budget`. Raises ValidationError.
    """
    call = locked_call(proposal.call_id)
    stages = {"shortlist": ("closed", "evaluated"), "reject": ("closed", "evaluated")}
    if call.status not in stages.get(verb, ("evaluated",)):
        raise ValidationError(_("The call has not reached this step: see its steps."))
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reasons: the organisation will read them.")})
    if verb == "award":
        if amount is None:
            raise ValidationError({"amount": _("Say how much is awarded.")})
        if awarded_so_far(call) + amount > call.budget and not over_budget:
            message = _("This is more than what is left of the call's budget. Confirm it below.")
            raise ValidationError({"amount": message})
    changes: dict[str, Any] = {"decided_on": on, "decision_reason": reason.strip()}
    if verb == "award":
        changes["amount_awarded"] = amount
    proposal.take(verb, by=by, on=on, why=reason.strip(), **changes)


@transaction.atomic
def send_outcomes(call: CallForProposals, *, by: User) -> int:
    """Sends each organisation the decision on its proposal, once and in its language.

    Returns how many messages were sent now. Raises ValidationError before the award is concluded.
    """
    call = locked_call(call.pk)
    if call.status != CallForProposals.Status.AWARDED:
        raise ValidationError(
            _("Conclude the award first. Everybody is then notified at the same time.")
        )
    count = 0
    for proposal in call.proposals.filter(status__in=Proposal.DECIDED, told_at=None):
        sent = send_to_address(
            proposal.contact_email,
            partial(proposal_outcome_letter, proposal),
            language=proposal.language,
            name=proposal.contact_name,
            reply_to=call.contact_email,
            key=f"proposal:{proposal.pk}:outcome",
            about=call,
        )
        if sent:
            count += Proposal.objects.filter(pk=proposal.pk).update(told_at=timezone.now())
    return count


def close_past_calls() -> int:
    """Closes the calls whose deadline has passed, unless somebody did. Returns how many."""
    closed = 0
    for call in CallForProposals.objects.past_deadline().select_related("project"):
        with transaction.atomic():
            fresh = locked_call(call.pk)
            if fresh.may_take("close") and fresh.is_over_at():
                fresh.take("close", by=None)
                closed += 1
    return closed


@transaction.atomic
def prepare_grant(
    proposal: Proposal, institution: Institution | None, *, by: User, **terms: object
) -> Grant:
    """Prepares the grant of an awarded proposal and invites the contact person.

    The institution becomes a beneficiary of the project; without one the organisation is entered as
    a new institution. Raises ValidationError.
    """
    locked_call(proposal.call_id)
    if Grant.objects.filter(proposal=proposal).exists():
        raise ValidationError(_("This proposal already has its grant."))
    if proposal.status != Proposal.Status.AWARDED:
        raise ValidationError(_("Only an awarded proposal receives a grant."))
    project = proposal.call.project
    institution = institution or _add_organisation(proposal, by=by)
    place, is_new = Participation.objects.get_or_create(
        project=project, institution=institution, role=Participation.Role.BENEFICIARY
    )
    if is_new:
        record_participation(place, by=by, change="institution added")
    grant = Grant(
        project=project,
        proposal=proposal,
        institution=institution,
        title=proposal.title or proposal.organisation,
        language=proposal.language,
        amount=proposal.amount_awarded,
        currency=proposal.call.currency,
        illustrative=proposal.illustrative,
        **terms,
    )
    grant.full_clean()
    grant.save()
    _invite_contact(proposal, place, by=by)
    return grant


def _add_organisation(proposal: Proposal, *, by: User) -> Institution:
    added = add_institution(
        Institution(
            kind=Institution.Kind.CIVIL_SOCIETY,
            country=proposal.country,
            illustrative=proposal.illustrative,
        ),
        InstitutionName(**{f"name_{proposal.language}": proposal.organisation}),
        by=by,
    )
    if added is None:
        sentence = _(
            "Ask an administrator to add this organisation to the project; then choose it."
        )
        raise ValidationError(sentence)
    return added


def _invite_contact(proposal: Proposal, place: Participation, *, by: User) -> None:
    """Let the contact person of the proposal represent the institution in the project."""
    if not proposal.contact_email:
        return
    contact = enter_contact(
        Contact(
            institution=place.institution,
            full_name=proposal.contact_name,
            email=proposal.contact_email,
            phone=proposal.contact_phone,
            language=proposal.language,
        )
    )
    if not place.representations.open().filter(contact=contact).exists():
        reason = _("Contact person of the proposal")
        grant_representation(place, contact, reason=reason, by=by)
