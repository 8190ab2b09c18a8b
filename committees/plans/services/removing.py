"""A plan that was begun by mistake is removed, as long as nobody else has seen it; and an extension of its
review is taken back."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import undo
from accounts.models import AccessEvent, User
from committees.models import Action, ActionPlan
from committees.plans.services.review import prolong_links
from kernel.lifecycle import that_hold
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
    steps = that_hold(held.status_changes)
    was_opened = any(step.verb != "bring_in" for step in steps)
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
def take_back_extension(plan: ActionPlan, *, by: User) -> None:
    """Undo an extension of this half minute: the deadline before it holds, for earlier links, too."""
    _extension, before = plan.history.order_by("-history_id")[:2]
    undo.take_back(plan, "extend", by=by, review_until=before.review_until)
    prolong_links(plan)


@transaction.atomic
def return_to_draft(plan: ActionPlan, *, by: User, why: str) -> None:
    """Close the review; messages that have not gone out would ask for answers to nothing."""
    plan.take("return", by=by, why=why)
    undo.drop_waiting(plan)
