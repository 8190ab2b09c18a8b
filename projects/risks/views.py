"""Pages of the register of risks: list and map, a risk with its history, the review of all."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sheets import excel_sheet
from kernel.sorting import SortedLines
from projects.models import Project, Risk
from projects.pages import Chain, no_chain, project_tabs, reverse_in, visible_project
from projects.permissions.risks import (
    may_edit_risks,
    may_see_risks,
    may_see_unshared_risks,
    visible_risks,
)
from projects.permissions.roles import works_for
from projects.risks.forms import RiskFilterForm, RiskForm, RiskReviewForm, RiskStepForm
from projects.risks.register import (
    RiskRegister,
    last_rating_dates,
    missing_categories,
    register_rows,
    risk_map,
)
from projects.risks.services.risks import rate_risks
from projects.risks.services.sheet import sheet_head, sheet_rows


def register_project(user: User, code: str) -> Project:
    """Returns the project if the person may see its register. Raises Http404 otherwise."""
    project = visible_project(user, code)
    if not may_see_risks(user, project):
        raise Http404
    return project


def editable_register_project(user: User, code: str) -> Project:
    project = register_project(user, code)
    ask(may_edit_risks(user, project))
    return project


RegisterChain = Callable[[User, RiskRegister], dict[str, Any]]


def no_chain_of_register(_user: User, _register: RiskRegister) -> dict[str, Any]:
    return {}


ORDERS = {
    "risk": lambda line: line.risk.number,
    "level": lambda line: line.ratings[-1].level if line.ratings and line.ratings[-1] else None,
    "trend": lambda line: str(line.risk.trend.label),
}


@require_safe
def risk_list(
    request: Request,
    code: str,
    *,
    template: str = "projects/risks.html",
    chain: RegisterChain = no_chain_of_register,
) -> HttpResponse:
    """Lists the risks, the gravest first, with their last three ratings and their map."""
    project = register_project(request.user, code)
    form = RiskFilterForm(request.GET)
    form.is_valid()
    risks = list(visible_risks(request.user, project).with_ratings())
    shown, days = form.narrow(risks), last_rating_dates(risks)
    edits = may_edit_risks(request.user, project)
    sorting = SortedLines(request, ORDERS)
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "risks"),
        "form": form,
        "page": page_of(request, sorting.of(register_rows(shown, days))),
        "sorting": sorting,
        "days": days,
        "map": risk_map(shown),
        "is_filtered": any(form.cleaned_data.values()),
        "missing": missing_categories(risks) if edits and risks else [],
        "may_edit": edits,
        "sees_all": may_see_unshared_risks(request.user, project),
        "crumbs": trail(project),
    }
    register = RiskRegister(project, risks)
    return render(request, template, context | chain(request.user, register))


@require_safe
def risks_export(request: Request, code: str) -> HttpResponse:
    """Exports the register as a workbook, with a column for each date of ratings."""
    project = register_project(request.user, code)
    risks = visible_risks(request.user, project).with_ratings()
    form = RiskFilterForm(request.GET)
    form.is_valid()
    shown = form.narrow(risks)
    days = last_rating_dates(shown)
    content = excel_sheet(_("Risks"), sheet_head(days), sheet_rows(shown, days))
    return handed_out(request, content, f"{project.code}-risks", thing=project, what="risks")


@require_safe
def risk(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/risk.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = register_project(request.user, code)
    risks = visible_risks(request.user, project)
    risk = get_object_or_404(risks.with_ratings(), pk=pk)
    risk.project = project
    edits = may_edit_risks(request.user, project)
    context = {
        "project": project,
        "risk": risk,
        "ratings": list(reversed(risk.rated)),
        "may_edit": edits,
        "steps": [
            {
                "label": risk.STEPS[verb].label,
                "url": reverse_in(project, "risk-step", risk.pk, verb),
            }
            for verb in (risk.open_steps if edits else [])
        ],
        "sees_all": may_see_unshared_risks(request.user, project),
        "shows_names": works_for(request.user, project),
        "history": list(risk.status_changes),
        "crumbs": risk_crumbs(risk),
    }
    return render(request, template, context | chain(request.user, risk))


def risk_crumbs(risk: Risk, *more: HasPage | tuple[str, str]) -> Crumbs:
    return trail(risk.project, (_("Risks"), reverse_in(risk.project, "risks")), *more)


@READ_OR_SAVE
def risk_create(request: Request, code: str) -> HttpResponse:
    project = editable_register_project(request.user, code)
    new = Risk(project=project)
    return _risk_form(request, new, _("New risk"), risk_crumbs(new))


@READ_OR_SAVE
def risk_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_register_project(request.user, code)
    risk = get_object_or_404(locked(request, project.risks.all()), pk=pk)
    risk.project = project
    crumbs = risk_crumbs(risk, risk)
    return _risk_form(request, risk, _("Edit the risk"), crumbs)


def _risk_form(request: Request, risk: Risk, title: str, crumbs: Crumbs) -> HttpResponse:
    form = RiskForm(posted(request), instance=risk)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The risk was saved."), risk)
    delete_url = reverse_in(risk.project, "risk-delete", risk.pk) if risk.pk else ""
    return form_page(
        request, form, title=title, back=crumbs[-1].url, crumbs=crumbs, delete_url=delete_url
    )


@READ_OR_SAVE
def risk_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_register_project(request.user, code)
    risk = get_object_or_404(project.risks, pk=pk)
    risk.project = project
    return delete_page(
        request,
        risk,
        back=risk.get_absolute_url(),
        done=reverse_in(project, "risks"),
        crumbs=risk_crumbs(risk),
        intro=_(
            "Its ratings are deleted with it. A risk that is over should be closed rather "
            "than deleted."
        ),
    )


@READ_OR_SAVE
def risk_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    """Records that the risk happened, is over or is open again, on a day and with a reason."""
    project = editable_register_project(request.user, code)
    risk = get_object_or_404(project.risks, pk=pk)
    risk.project = project
    if verb not in Risk.STEPS:
        raise Http404
    form = RiskStepForm(posted(request), since=risk.identified_on)
    if form.is_valid():
        return _take(request, risk, verb, form)
    if not risk.may_take(verb):
        return redirect(risk)
    return form_page(
        request,
        form,
        title=Risk.STEPS[verb].label,
        intro=f"{risk}: {risk.definition}",
        back=risk.get_absolute_url(),
        crumbs=risk_crumbs(risk, risk),
    )


def _take(request: Request, risk: Risk, verb: str, form: RiskStepForm) -> HttpResponse:
    on, why = form.cleaned_data["on"], form.cleaned_data["why"]
    if act(request, lambda: risk.take(verb, by=request.user, on=on, why=why)):
        status = risk.get_status_display()
        messages.success(request, _("The risk is now: %(status)s.") % {"status": status})
    return redirect(risk)


@READ_OR_SAVE
def risk_review(request: Request, code: str) -> HttpResponse:
    """Rates all risks that are not closed at once."""
    project = editable_register_project(request.user, code)
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
