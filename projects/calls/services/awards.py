"""What becomes of a call and its proposals: published, closed, decided with reasons, told."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.mail import send_to_address
from accounts.models import User
from partners.models import Contact, Institution, InstitutionName
from partners.services import invite_contact
from projects.calls.services.panel import missing_sheets
from projects.calls.services.proposals import locked_call
from projects.institutions.services import add_institution, record_participation
from projects.models import CallForProposals, Grant, Participation, Proposal

OUTCOME = "projects/email/proposal_outcome"


@transaction.atomic
def take_call_step(call: CallForProposals, verb: str, *, by: User | None, why: str = "") -> None:
    """Move a call on. Raises ValidationError where it is not ready, TransitionError where it is
    elsewhere already."""
    call.status = locked_call(call.pk).status
    if call.may_take(verb):
        _refuse_too_early(call, verb, why)
    call.take(verb, by=by, why=why)


def _refuse_too_early(call: CallForProposals, verb: str, why: str) -> None:
    if verb == "publish" and not call.criteria.exists():
        raise ValidationError(_("Add a criterion first: applicants read by what they are judged."))
    if verb == "publish" and call.is_over_at():
        raise ValidationError(_("The deadline has passed. Give the call a later one first."))
    if verb == "close" and not call.is_over_at():
        raise ValidationError(_("Before the deadline the call stays open."))
    if verb == "evaluate" and missing_sheets(call) and not why.strip():
        sentence = _("Scores are still missing. Say why the evaluation ends without.")
        raise ValidationError({"why": sentence})
    if verb == "award" and undecided(call):
        raise ValidationError(_("Decide on each proposal first, with reasons."))
    if verb == "cancel" and not why.strip():
        raise ValidationError({"why": _("Say why the call is cancelled.")})


def undecided(call: CallForProposals) -> int:
    waiting = [Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED]
    return call.proposals.filter(status__in=waiting).count()


def awarded_so_far(call: CallForProposals) -> Decimal:
    """The sum of what was awarded, in the currency of the call."""
    return call.proposals.aggregate(sum=Sum("amount_awarded"))["sum"] or Decimal(0)


@transaction.atomic
def decide(
    proposal: Proposal,
    verb: str,
    *,
    by: User,
    on: date,
    reason: str,
    amount: Decimal | None = None,
    over_budget: bool = False,
) -> None:
    """Short-list, reject, award or decline, each with its reason and the day of the decision.

    An award beyond the budget of the call is refused once: with `over_budget` the person means it.
    Raises ValidationError.
    """
    call = locked_call(proposal.call_id)
    stages = {"shortlist": ("closed", "evaluated"), "reject": ("closed", "evaluated")}
    if call.status not in stages.get(verb, ("evaluated",)):
        raise ValidationError(_("The call is not that far: see its steps."))
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reasons: the organisation will read them.")})
    if verb == "award":
        if amount is None:
            raise ValidationError({"amount": _("Say how much is awarded.")})
        if awarded_so_far(call) + amount > call.budget and not over_budget:
            message = _("This is more than what is left of the call's budget. Confirm it below.")
            raise ValidationError({"amount": message})
    changes = {"decided_on": on, "decision_reason": reason.strip()}
    if verb == "award":
        changes["amount_awarded"] = amount
    proposal.take(verb, by=by, on=on, why=reason.strip(), **changes)


@transaction.atomic
def tell_outcomes(call: CallForProposals, *, by: User) -> int:
    """Write to everybody on whose proposal was decided, in their language, once each.

    Answers how many were written to now.
    """
    call = locked_call(call.pk)
    if call.status != CallForProposals.Status.AWARDED:
        raise ValidationError(_("Conclude the award first; then all are told at once."))
    told = 0
    for proposal in call.proposals.filter(status__in=Proposal.DECIDED, told_at=None):
        facts = {
            "proposal": proposal,
            "call": call,
            "person": {"full_name": proposal.contact_name},
        }
        sent = send_to_address(
            proposal.contact_email,
            OUTCOME,
            facts,
            subject=gettext_lazy("An answer for you"),
            language=proposal.language,
            key=f"proposal:{proposal.pk}:outcome",
        )
        if sent:
            told += Proposal.objects.filter(pk=proposal.pk).update(told_at=timezone.now())
    return told


def close_past_calls() -> int:
    """Close what is past its deadline; who was first, a person or this, does not matter."""
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
    """The grant of an awarded proposal; the organisation takes part in the project from now on,
    and its contact person is invited. Without an institution it is entered as a new one.

    Raises ValidationError.
    """
    locked_call(proposal.call_id)
    if Grant.objects.filter(proposal=proposal).exists():
        raise ValidationError(_("This proposal has its grant already."))
    if proposal.status != Proposal.Status.AWARDED:
        raise ValidationError(_("Only an awarded proposal gets a grant."))
    project = proposal.call.project
    institution = institution or _enter(proposal, by=by)
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
    _invite(proposal, institution, by=by)
    return grant


def _enter(proposal: Proposal, *, by: User) -> Institution:
    return add_institution(
        Institution(
            kind=Institution.Kind.CIVIL_SOCIETY,
            country=proposal.country,
            illustrative=proposal.illustrative,
        ),
        InstitutionName(name_fr=proposal.organisation),
        by=by,
    )


def _invite(proposal: Proposal, institution: Institution, *, by: User) -> None:
    if not proposal.contact_email:
        return
    contact, _created = Contact.objects.get_or_create(
        institution=institution,
        full_name=proposal.contact_name,
        email=proposal.contact_email,
        ended_on=None,
        defaults={"phone": proposal.contact_phone, "language": proposal.language},
    )
    if not contact.user_id:
        invite_contact(contact, by=by)
