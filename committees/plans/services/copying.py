"""Copies the actions of another plan: of another year, or of another project that the person may
read."""

from datetime import date, timedelta

from django.db import IntegrityError
from django.utils.translation import gettext as _

from committees.models import Action, ActionPlan, ActionTerms
from committees.plans.services.board import order_of
from committees.plans.services.lifecycle import propose_reference, terms_open_to_change
from committees.plans.services.writing import reference_taken
from kernel.names import plain
from kernel.refusal import Refusal
from kernel.text import LANGUAGES
from partners.models import Institution
from projects.models import Indicator, Result


def copy_actions(plan: ActionPlan, source: ActionPlan, *, otherwise: Institution) -> int:
    """Add the actions of another plan as new ones, and return how many: those whose title the plan
    has already are left out.

    Each keeps its words. Its dates are moved from that year into this one. What only the other
    project has is replaced: an institution that does not take part here by `otherwise`, a result or
    an indicator by the one of the same code here, if there is one. The budget stays with its project,
    as do activities, origins and progress.
    """
    try:
        with terms_open_to_change(plan) as held:
            copied = _Copying(held, source, otherwise).copied()
    except IntegrityError:
        raise Refusal(reference_taken()) from None
    if not copied:
        raise Refusal(_("This plan already has all the actions of that one."))
    return copied


class _Copying:
    def __init__(self, plan: ActionPlan, source: ActionPlan, otherwise: Institution) -> None:
        self.plan, self.source, self.otherwise = plan, source, otherwise
        project = plan.project
        self.is_own = source.project_id == project.pk
        self.partners = set(project.participations.values_list("institution", flat=True))
        self.results = {result.code: result for result in project.results.all()}
        indicators = Indicator.objects.filter(result__project=project)
        self.indicators = {each.code: each for each in indicators}
        self.days = plan.period.start - source.period.start

    def copied(self) -> int:
        known = {title for terms in self.plan.terms.all() for title in _titles(terms)}
        rows = self.source.terms.select_related("action", "result", "responsible")
        rows = rows.prefetch_related("supporting", "indicators")
        new = [terms for terms in sorted(rows, key=order_of) if not _titles(terms) & known]
        for terms in new:
            self._copy(terms)
        return len(new)

    def _copy(self, terms: ActionTerms) -> None:
        starts_on, ends_on = self._dates(terms)
        result = self._result(terms.result)
        action = Action(project_id=self.plan.project_id)
        action.reference = propose_reference(self.plan, result)
        action.full_clean()
        action.save()
        copy = ActionTerms(
            plan=self.plan,
            action=action,
            starts_on=starts_on,
            ends_on=ends_on,
            result=result,
            responsible=self._partner(terms.responsible) or self.otherwise,
            budget=terms.budget if self.is_own else None,
            translation_sources=terms.translation_sources,
        )
        for name in ("title", "deliverable"):
            for language in LANGUAGES:
                column = f"{name}_{language}"
                setattr(copy, column, getattr(terms, column))
        copy.full_clean()
        copy.save()
        copy.supporting.set([each for each in terms.supporting.all() if self._partner(each)])
        codes = [each.code for each in terms.indicators.all()]
        copy.indicators.set([self.indicators[code] for code in codes if code in self.indicators])

    def _partner(self, institution: Institution) -> Institution | None:
        return institution if institution.pk in self.partners else None

    def _result(self, result: Result | None) -> Result | None:
        return self.results.get(result.code) if result else None

    def _dates(self, terms: ActionTerms) -> tuple[date, date]:
        """Move both dates by the distance of the two years, but not out of this one."""
        first, last = self.plan.period.start, self.plan.period.end
        start = min(max(_moved(terms.starts_on, self.days), first), last)
        return start, min(max(_moved(terms.ends_on, self.days), start), last)


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _titles(terms: ActionTerms) -> set[str]:
    texts = (getattr(terms, f"title_{language}") for language in LANGUAGES)
    return {plain(text) for text in texts if text}
