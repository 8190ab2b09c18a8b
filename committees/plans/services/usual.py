"""The actions that the plan of nearly every project year has: a plan may begin with them."""

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from committees.models import ActionPlan, ActionTerms
from committees.plans.services.lifecycle import keep_action, propose_reference
from kernel.languages import LANGUAGES
from kernel.text import StrOrPromise, columns_of
from partners.models import Institution
from projects.models import Period


@dataclass(frozen=True)
class UsualAction:
    """`first` and `last` are per cent of the days of the year."""

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
    """Add the usual actions, in all languages, and return how many."""
    for usual in USUAL:
        starts_on, ends_on = (_day(plan.period, share) for share in (usual.first, usual.last))
        terms = ActionTerms(
            plan=plan, responsible=responsible, starts_on=starts_on, ends_on=ends_on
        )
        for language in LANGUAGES:
            with translation.override(language):
                setattr(terms, f"title_{language}", str(usual.title))
                setattr(terms, f"deliverable_{language}", str(usual.deliverable))
        terms.note_translations(columns_of("title", "deliverable"))
        terms.full_clean(exclude={"action"}, validate_unique=False)
        keep_action(terms, reference=propose_reference(plan))
    return len(USUAL)


def _day(year: Period, share: int) -> date:
    return year.start + (year.end - year.start) * share // 100
