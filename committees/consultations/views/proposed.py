"""What a written procedure asks the seats to approve, to be read where they are asked."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from committees.minutes.views.reading import reading_context as minutes_shown
from committees.models import ActionPlan, Minutes, WrittenConsultation
from committees.permissions.minutes import visible_minutes
from committees.permissions.plans import visible_plans
from committees.plans.services.reading import terms_shown


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
