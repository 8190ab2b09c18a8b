"""The panel of a call, with conflicts of interest, scores and the ranking, and what follows from it:
the steps of the call, the decisions, and the grants."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_address, send_to_person
from accounts.models import AccessEvent, User
from kernel.channel import Channel
from partners.models import Contact, Institution, InstitutionName
from partners.services import enter_contact, invite_by_address
from projects.calls.letters import panel_invited_letter, proposal_outcome_letter
from projects.calls.scoring import CriterionScale, ScoringOutcome, marks, ranking, scoring_outcome
from projects.calls.services.proposals import locked_call
from projects.institutions.services.register import add_institution, record_participation
from projects.institutions.services.representations import grant_representation
from projects.models import (
    Assessment,
    CallForProposals,
    Grant,
    PanelMember,
    Participation,
    Proposal,
    Score,
)
from projects.training import refuse_in_training


@transaction.atomic
def add_panel_member(
    call: CallForProposals, *, email: str, full_name: str, language: str, by: User
) -> PanelMember:
    """Puts a person on the panel, with a new account if needed, and sends a message.

    Raises ValidationError.
    """
    CallForProposals.objects.select_for_update().get(pk=call.pk)
    known = User.objects.filter(email__iexact=User.objects.normalize_email(email)).first()
    if not known and not full_name.strip():
        message = _("Nobody here has this address. Enter the full name, and they will be invited.")
        raise ValidationError({"full_name": message})
    person = known or invite_by_address(full_name=full_name, email=email, language=language, by=by)
    if not person.is_active:
        raise ValidationError(_("This person's account was closed. Ask an administrator."))
    seat = PanelMember.objects.filter(call=call, user=person).first()
    if seat and not seat.ended_on:
        raise ValidationError(_("This person is already on the panel."))
    seat = seat or PanelMember(call=call, user=person)
    seat.ended_on = None
    seat.save()
    _record(seat, by=by, change="added")
    send_to_person(person, partial(panel_invited_letter, call, by=by), by=by, about=call)
    return seat


@transaction.atomic
def end_panel_member(seat: PanelMember, *, by: User) -> None:
    """Ends the access of a member to the call; the scores that they submitted stay."""
    seat.ended_on = timezone.localdate()
    seat.save(update_fields=["ended_on"])
    _record(seat, by=by, change="removed")


def _record(seat: PanelMember, *, by: User, change: str) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=seat.call,
        role="panel",
        change=change,
        person=seat.user,
    )


@transaction.atomic
def declare_interest(
    seat: PanelMember, proposal: Proposal, *, has_conflict: bool, conflict: str, by: User | None
) -> Assessment:
    """Records whether a member has a conflict of interest.

    A conflict may come up later but is never taken back, since the member may have read the proposal.
    `by`: kept with it if somebody else enters it. Raises ValidationError.
    """
    PanelMember.objects.select_for_update().get(pk=seat.pk)
    own = Assessment.objects.filter(member=seat, proposal=proposal).first()
    if own and own.has_conflict:
        raise ValidationError(_("You declared a conflict of interest, which remains valid."))
    own = own or Assessment(member=seat, proposal=proposal)
    own.has_conflict, own.conflict = has_conflict, conflict.strip() if has_conflict else ""
    entered_by = by if by and by.pk != seat.user_id else None
    if entered_by or own.channel == Channel.PORTAL:  # who entered scores stays with them
        own.entered_by = entered_by
    own.full_clean()
    own.save()
    return own


@transaction.atomic
def save_scores(
    assessment: Assessment,
    points: dict[int, Decimal],
    *,
    comments: dict[int, str],
    comment: str,
    final: bool,
    by: User,
    channel: str = Channel.PORTAL,
    received_on: date | None = None,
) -> None:
    """Saves a member's points by criterion; with `final` they count and can no longer change.

    `channel`, `received_on`: how and when they came, if the coordination enters them. Raises
    ValidationError once they are submitted, in a conflict, and for points missing or too high.
    """
    sheet = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    call = CallForProposals.objects.select_for_update().get(pk=sheet.proposal.call_id)
    if sheet.is_submitted:
        raise ValidationError(_("These scores have been submitted and can no longer change."))
    if sheet.has_conflict:
        raise ValidationError(_("There is a conflict of interest: no scores are accepted."))
    if not call.is_being_evaluated:
        raise ValidationError(
            _("Scores can be given between the deadline and the end of the evaluation.")
        )
    scales = criterion_scales(call)
    if final:
        try:
            marks(points, scales)
        except ValueError:
            raise ValidationError(_("Give points for each criterion, up to its highest.")) from None
    _keep_points(sheet, points, comments, scales)
    sheet.comment, sheet.channel, sheet.received_on = comment, channel, received_on
    sheet.entered_by = by if channel != Channel.PORTAL else None
    sheet.submitted_at = timezone.now() if final else None
    sheet.full_clean(exclude=["member", "proposal"])
    sheet.save()
    assessment.refresh_from_db()


def _keep_points(
    sheet: Assessment,
    points: dict[int, Decimal],
    comments: dict[int, str],
    scales: dict[int, CriterionScale],
) -> None:
    for key, scale in scales.items():
        score = points.get(key)
        if score is None:
            sheet.scores.filter(criterion=key).delete()
        elif not 0 <= score <= scale.max_points:
            raise ValidationError(_("Points range from 0 to the criterion's highest score."))
        else:
            values = {"points": score, "comment": comments.get(key, "")}
            Score.objects.update_or_create(assessment=sheet, criterion_id=key, defaults=values)


def criterion_scales(call: CallForProposals) -> dict[int, CriterionScale]:
    rows = call.criteria.values_list("pk", "weight", "max_points")
    return {pk: CriterionScale(weight, most) for pk, weight, most in rows}


def rank_proposals(call: CallForProposals, proposals: list[Proposal]) -> list[ScoringOutcome]:
    """Returns the ranking of these proposals by the scores submitted without conflict of interest."""
    scales = criterion_scales(call)
    counted = Assessment.objects.counted().filter(proposal__in=[each.pk for each in proposals])
    sheets: dict[int, dict[int, Decimal]] = {}
    proposal_of = dict(counted.values_list("pk", "proposal"))
    for sheet, criterion, points in Score.objects.filter(assessment__in=counted).values_list(
        "assessment", "criterion", "points"
    ):
        sheets.setdefault(sheet, {})[criterion] = points
    marks_of: dict[int, list[Fraction]] = defaultdict(list)
    for sheet, by_criterion in sheets.items():
        marks_of[proposal_of[sheet]].append(marks(by_criterion, scales))
    return ranking(scoring_outcome(each.pk, marks_of[each.pk]) for each in proposals)


def count_missing_sheets(call: CallForProposals) -> int:
    """Returns how many score sheets are missing: one of each present member without a conflict of
    interest, for each proposal that is not decided."""
    members = call.panel.current().count()
    running = call.proposals.filter(
        status__in=[Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED]
    )
    done = Assessment.objects.filter(proposal__in=running, member__in=call.panel.current()).exclude(
        has_conflict=False, submitted_at=None
    )
    return members * running.count() - done.count()


# --- Awards ---
#
# Takes the steps of a call, decides on its proposals, sends the outcomes and prepares grants.


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


def outcomes_to_send(call: CallForProposals) -> QuerySet[Proposal]:
    """Returns the proposals that are decided and whose organisation does not know it yet; none before
    the award is concluded."""
    if call.status != CallForProposals.Status.AWARDED:
        return call.proposals.none()
    return call.proposals.filter(status__in=Proposal.DECIDED, told_at=None).order_by("number")


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
    for proposal in outcomes_to_send(call):
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
