"""A written procedure with its seats and their answers, as its page and its link show it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from committees.asking import has_address
from committees.consultations.services import quorum_of_answers
from committees.minutes.views.reading import reading_context as minutes_shown
from committees.models import ActionPlan, Minutes, Resolution, WrittenConsultation
from committees.models.seat import Seat, seats_on
from committees.permissions.minutes import reads_all_ballots, visible_minutes
from committees.permissions.plans import visible_plans
from committees.plans.services.reading import terms_shown
from partners.reading import named_institutions


def reading_context(
    consultation: WrittenConsultation, reader: User, own: list[Seat]
) -> dict[str, Any]:
    """Return the proposal, each voting seat with the answer that the reader may know, and which of
    the seats are theirs (`own`)."""
    committee, today = consultation.committee, timezone.localdate()
    on = consultation.closed_on or today
    seats = [seat for seat in seats_on(committee.pk, on) if seat.is_voting]
    institutions = named_institutions(seat.institution_id for seat in seats)
    for seat in seats:
        seat.institution = institutions[seat.institution_id]
    ballots = list(consultation.ballots.latest_each())
    resolution = Resolution.objects.filter(consultation=consultation)
    if reads_all_ballots(reader, consultation):
        known = {seat.pk for seat in seats}
    else:
        known = {seat.pk for seat in own}
    seen = {ballot.seat_id: ballot for ballot in ballots if ballot.seat_id in known}
    rows = [
        {"seat": seat, "ballot": seen.get(seat.pk), "is_reached": has_address(seat, today)}
        for seat in seats
    ]
    return {
        "consultation": consultation,
        "project": committee.project,
        "committee": committee,
        "resolution": resolution.only("kind", "number", "status", "committee").first(),
        "rows": rows,
        "unreached": [row["seat"] for row in rows if not row["is_reached"]],
        "quorum": quorum_of_answers(consultation, ballots, on, seats),
        "own": {seat.pk for seat in own} if consultation.opened_on else set(),
        "has_answered": bool(own) and all(seat.pk in seen for seat in own),
    }


def proposed(
    request: HttpRequest,
    consultation: WrittenConsultation,
    reader: User,
    *,
    by_link: bool = False,
) -> dict[str, Any]:
    """Return the text of the minutes and the actions of the plan, as far as the reader sees them.

    A text that was taken back to draft is read again only once it is sent again, and by a link
    nothing that is reserved.
    """
    project = consultation.committee.project
    context: dict[str, Any] = {}
    if (key := consultation.adopts_minutes_id) and (
        minutes := visible_minutes(reader, project)
        .with_related()
        .filter(pk=key, status__in=Minutes.CIRCULATED)
        .first()
    ):
        context["read"] = minutes_shown(request, minutes, reader, by_link=by_link)
    if (plan := consultation.validates) and _sees(reader, plan):
        context |= {"plan": plan, "terms": terms_shown(plan)}
    return context


def _sees(reader: User, plan: ActionPlan) -> bool:
    return visible_plans(reader, plan.project).filter(pk=plan.pk).exists()
