"""The actions that the plan of nearly every project year has: a plan may begin with them."""

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, ActionTerms
from committees.plans.services.lifecycle import keep_action, propose_reference
from kernel.text import StrOrPromise, columns_of
from partners.models import Institution


@dataclass(frozen=True)
class UsualAction:
    """`first` and `last` are per cent of the days of the year, or of what is left of it."""

    title: StrOrPromise
    deliverable: StrOrPromise
    first: int
    last: int


USUAL = (
    UsualAction(
        _("Hold the meetings of the steering committee"), _("Minutes of each meeting"), 0, 100
    ),
    UsualAction(
        _("Collect and check the values of the indicators"),
        _("Values of each period, approved"),
        0,
        100,
    ),
    UsualAction(_("Reassess the risks"), _("Risk register updated"), 45, 55),
    UsualAction(
        _("Prepare the action plan of the next year"), _("Plan validated by the committee"), 70, 90
    ),
    UsualAction(_("Write the annual report"), _("Report signed and submitted"), 80, 100),
)


def add_usual_actions(plan: ActionPlan, responsible: Institution) -> int:
    """Add the usual actions, in the languages of the project, and return how many. In a year that
    has begun they share the days that are left of it."""
    year, today = plan.period, plan.project.today
    first = today if year.start < today < year.end else year.start
    for usual in USUAL:
        starts_on, ends_on = (_day(first, year.end, share) for share in (usual.first, usual.last))
        terms = ActionTerms(
            plan=plan, responsible=responsible, starts_on=starts_on, ends_on=ends_on
        )
        for language in plan.project.languages:
            with translation.override(language):
                setattr(terms, f"title_{language}", str(usual.title))
                setattr(terms, f"deliverable_{language}", str(usual.deliverable))
        terms.note_translations(columns_of("title", "deliverable"))
        terms.full_clean(exclude={"action"}, validate_unique=False)
        keep_action(terms, reference=propose_reference(plan))
    return len(USUAL)


def _day(first: date, last: date, share: int) -> date:
    return first + (last - first) * share // 100
