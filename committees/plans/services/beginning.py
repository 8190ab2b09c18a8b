"""Begins a plan: empty, with the usual actions, or with those of another plan."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import ActionPlan
from committees.plans.services.copying import copy_actions
from committees.plans.services.lifecycle import create_plan
from committees.plans.services.usual import add_usual_actions
from kernel.refusal import Refusal
from projects.models import Participation, Period


@transaction.atomic
def begin_plan(
    period: Period, *, source: ActionPlan | None = None, usual: bool = False, by: User
) -> ActionPlan:
    """Begin the plan of a year, with a copy of the actions of `source` or with the usual ones.

    A next version has those of the version before, and no others.
    """
    plan = create_plan(period, by=by)
    if plan.version > 1 or not (source or usual):
        return plan
    places = period.project.participations.select_related("institution")
    own = places.filter(role=Participation.Role.ACCOUNTABLE).first() or places.first()
    if own is None:
        raise Refusal(
            _("Add an institution to the project first: it is responsible for the actions.")
        )
    if source:
        copy_actions(plan, source, otherwise=own.institution)
    else:
        add_usual_actions(plan, own.institution)
    return plan
