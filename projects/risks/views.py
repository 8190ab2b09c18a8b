"""Pages of the register of risks: list and map, a risk with its history, the review of all."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.models import User
from kernel.cells import Action, Cell, Chip, Column, Empty, dotted, illustrative, text_cell
from kernel.formats import day_in_table
from kernel.pages import READ_OR_SAVE, Request, ask, posted, saved, trail
from kernel.sheets import SheetOfRows
from projects.models import Project, Risk, RiskRating
from projects.models.risk import RiskQuerySet
from projects.pages import reverse_in, visible_project
from projects.permissions.risks import (
    may_edit_risks,
    may_see_risks,
    may_see_unshared_risks,
    visible_risks,
)
from projects.permissions.roles import works_for
from projects.records import ProjectRecords
from projects.risk_levels import Trend
from projects.risks.forms import RiskFilterForm, RiskForm, RiskReviewForm, RiskStepForm
from projects.risks.register import (
    RiskRegister,
    RiskRegisterRow,
    last_rating_dates,
    missing_categories,
    register_rows,
    risk_map,
)
from projects.risks.services import rate_risks, sheet_head, sheet_rows


def register_project(user: User, code: str) -> Project:
    """Returns the project if the person may see its register. Raises Http404 otherwise."""
    project = visible_project(user, code)
    if not may_see_risks(user, project):
        raise Http404
    return project


def no_chain_of_register(_user: User, _register: RiskRegister) -> dict[str, Any]:
    return {}


SIGNS = {Trend.UP: "↑", Trend.DOWN: "↓", Trend.SAME: "→"}


class RiskPages(ProjectRecords[Risk]):
    """The register, the most serious risk first, with the last three dates of ratings and a map."""

    model, name, names, icon = Risk, "risk", "risks", "exclamation-triangle"
    form_class, filter_class = RiskForm, RiskFilterForm
    title, heading = gettext_lazy("Risks"), gettext_lazy("Register, most serious first")
    note = gettext_lazy(
        "Likelihood × impact, each from 1 to 4. A day without a new rating shows the one that held."
    )
    new_label, new_title = gettext_lazy("New risk"), gettext_lazy("New risk")
    edit_title = gettext_lazy("Edit the risk")
    saved_sentence = gettext_lazy("The risk was saved.")
    removal_intro = gettext_lazy(
        "Its ratings are deleted with it. A risk that is over should be closed rather than deleted."
    )
    list_template, page_template = "projects/risks.html", "projects/risk.html"
    export_kinds = ("xlsx",)

    def find_place(self) -> Project:
        return register_project(self.request.user, self.kwargs["code"])

    def may_edit(self) -> bool:
        return may_edit_risks(self.request.user, self.place)

    def rows(self) -> RiskQuerySet:
        return visible_risks(self.request.user, self.place).with_ratings()

    def editable_rows(self) -> QuerySet[Risk]:
        return self.place.risks.all()

    @cached_property
    def risks(self) -> list[Risk]:
        return list(self.rows())

    @cached_property
    def days(self) -> list[date]:
        return last_rating_dates(self.risks)

    def filtered(self, form: Any, rows: RiskQuerySet) -> list[Risk]:
        narrowed: list[Risk] = form.narrow(self.risks)
        return narrowed

    def lines(self, rows: list[Risk]) -> list[RiskRegisterRow]:
        return register_rows(rows, self.days)

    def columns(self) -> list[Column]:
        return [
            Column("risk", _("Risk"), self.risk_cell, lambda line: line.risk.number, css="w-50"),
            *self.rating_columns(),
            Column("trend", _("Trend"), trend_cell, lambda line: str(line.risk.trend.label)),
        ]

    def rating_columns(self) -> list[Column]:
        """Return a column for each day, of which the last can be sorted by."""

        def column(place: int, day: date) -> Column:
            is_last = place == len(self.days) - 1
            return Column(
                "level" if is_last else day.isoformat(),
                day_in_table(day),
                lambda line: rating_cell(line.ratings[place]),
                last_level if is_last else None,
            )

        return [column(place, day) for place, day in enumerate(self.days)]

    def risk_cell(self, line: RiskRegisterRow) -> Cell:
        risk = line.risk
        is_open = risk.status == Risk.Status.OPEN
        chips = [] if is_open else [Chip(risk.get_status_display(), risk.status)]
        unshared = self.sees_all and not risk.is_shared
        return text_cell(
            risk,
            "definition",
            lead=risk.number,
            key=risk.number,
            url=risk.get_absolute_url(),
            chips=chips + illustrative(risk),
            notes=dotted(
                risk.category.label,
                ", ".join(result.code for result in risk.results.all()),
                risk.owner_name,
                _("not shared with the committee") if unshared else "",
            ),
        )

    @cached_property
    def sees_all(self) -> bool:
        return may_see_unshared_risks(self.request.user, self.place)

    def actions(self) -> list[Action]:
        if not self.edits:
            return []
        actions = [Action(self.new_label, self.url("risk-create"), "plus-lg")]
        if self.risks:
            review = self.url("risk-review")
            actions.insert(0, Action(_("Review the register"), review, is_primary=True))
        return actions

    def empty(self) -> Empty:
        title = _("No risk in the register.")
        if self.edits:
            text = _(
                "Enter what may go wrong, who watches it and what is done about it; then rate all "
                "risks together before each meeting."
            )
            url, action = self.url("risk-create"), _("Enter the first risk")
            return Empty(title, text, url, action, self.icon)
        text = _(
            "What may go wrong in the project, and what is done about it, will be listed here."
        )
        return Empty(title, text, icon=self.icon)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show the whole register")
        return Empty(_("No risk matches."), text, self.url("risks"), action, "search")

    def list_context(self, rows: list[Risk]) -> dict[str, Any]:
        chain = self.kwargs.get("chain", no_chain_of_register)
        context: dict[str, Any] = {
            "map": risk_map(rows),
            "missing": missing_categories(self.risks) if self.edits and self.risks else [],
            "sees_all": self.sees_all,
        }
        context |= chain(self.request.user, RiskRegister(self.place, self.risks))
        return context

    def sheet(self) -> SheetOfRows:
        shown = self.found()[1]
        days = last_rating_dates(shown)
        return SheetOfRows(_("Risks"), sheet_head(days), sheet_rows(shown, days))

    def page_context(self, risk: Risk) -> dict[str, Any]:
        return {
            "ratings": list(reversed(risk.rated)),
            "steps": self.steps(risk) if self.edits else [],
            "sees_all": self.sees_all,
            "shows_names": works_for(self.request.user, self.place),
            "history": list(risk.status_changes),
        }

    def step_form(self, risk: Risk, verb: str) -> RiskStepForm:
        return RiskStepForm(posted(self.request), since=risk.identified_on)

    def step_context(self, risk: Risk, verb: str, form: forms.Form) -> dict[str, Any]:
        return super().step_context(risk, verb, form) | {"intro": f"{risk}: {risk.definition}"}

    def stepped(self, risk: Risk) -> str:
        return _("The risk is now: %(status)s.") % {"status": risk.get_status_display()}


def rating_cell(rating: RiskRating | None) -> Cell | None:
    if rating is None:
        return None
    chip = Chip(rating.band.label, rating.band)
    return Cell(chips=[chip], notes=[str(rating)], key=rating.level)


def last_level(line: RiskRegisterRow) -> int | None:
    return line.ratings[-1].level if line.ratings and line.ratings[-1] else None


def trend_cell(line: RiskRegisterRow) -> Cell:
    trend = line.risk.trend
    return Cell(trend.label, sign=SIGNS.get(trend, "•"))


@READ_OR_SAVE
def risk_review(request: Request, code: str) -> HttpResponse:
    """Rates all risks that are not closed at once."""
    project = register_project(request.user, code)
    ask(may_edit_risks(request.user, project))
    risks = project.risks.not_closed().with_ratings().order_by("number")
    form = RiskReviewForm(posted(request), risks=risks)
    if form.is_valid():
        written = rate_risks(project, form.ratings(), by=request.user)
        return saved(request, _review_message(len(written)), reverse_in(project, "risks"))
    context = {
        "project": project,
        "form": form,
        "rows": form.rows(),
        "title": _("Review the register"),
        "cancel_url": reverse_in(project, "risks"),
        "crumbs": trail(project, (_("Risks"), reverse_in(project, "risks"))),
    }
    return render(request, "projects/risk_review.html", context)


def _review_message(count: int) -> str:
    if not count:
        return _("Nothing was different: no rating was saved.")
    return ngettext("%(count)d risk was rated.", "%(count)d risks were rated.", count) % {
        "count": count
    }
