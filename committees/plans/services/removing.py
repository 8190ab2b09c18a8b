"""A plan that was begun by mistake is removed, as long as nobody else has seen it."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from accounts.undo import UNDONE, drop_waiting, withdraw
from committees.models import Action, ActionPlan
from kernel.refusal import Refusal
from kernel.removal import Removal

# What a draft consists of, by the names of the tables.
FRAME = frozenset(
    {
        *("committees.ActionPlan", "committees.ActionTerms", "committees.Action"),
        *("committees.ActionTerms_supporting", "committees.ActionTerms_indicators"),
        *("committees.PlanUpload", "projects.Translation", "kernel.StatusChange"),
    }
)


@transaction.atomic
def remove_plan(plan: ActionPlan, *, by: User) -> None:
    """Remove a draft that was never opened, or that is empty, with the actions of this version alone.

    Raises Refusal where others know of it, or worked with it.
    """
    held = ActionPlan.objects.select_for_update().get(pk=plan.pk)
    # A plan that was brought in with a file begins with a line of its history.
    was_opened = held.status_changes.exclude(verb="bring_in").exists()
    if held.status != ActionPlan.Status.DRAFT or (was_opened and held.terms.exists()):
        raise Refusal(
            _("The institutions have seen this plan: it stays. Return it to draft and correct it.")
        )
    own = Action.objects.filter(terms__plan=held).exclude(
        pk__in=Action.objects.filter(terms__plan__in=held.period.project.plans.exclude(pk=held.pk))
    )
    keys = list(own.values_list("pk", flat=True))
    removal = Removal()
    removal.take_all({ActionPlan: [held.pk], Action: keys})
    removal.refuse_beyond(
        FRAME,
        _("Others refer to this plan: %(things)s. Remove these first, or correct the plan."),
    )
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=held, change="removed")
    held.status_changes.delete()
    held.delete()
    Action.objects.filter(pk__in=keys).delete()


@transaction.atomic
def take_back_review(plan: ActionPlan, *, by: User) -> None:
    """Undo an opening of this half minute: nobody got a message, and the plan is a draft again."""
    withdraw(plan, "submit", by=by)
    plan.take("return", by=by, why=str(UNDONE))


@transaction.atomic
def return_to_draft(plan: ActionPlan, *, by: User, why: str) -> None:
    """Close the review; messages that have not gone out would ask for answers to nothing."""
    plan.take("return", by=by, why=why)
    drop_waiting(plan)
