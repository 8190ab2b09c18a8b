"""The panel of a call: its members, conflicts of interest, scores and the ranking."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mail import send_to_person
from accounts.models import AccessEvent, User
from kernel.channel import Channel
from partners.services import invite_by_address
from projects.calls.letters import panel_invited_letter
from projects.calls.scoring import CriterionScale, ScoringOutcome, marks, ranking, scoring_outcome
from projects.models import (
    Assessment,
    CallForProposals,
    PanelMember,
    Proposal,
    Score,
)


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
