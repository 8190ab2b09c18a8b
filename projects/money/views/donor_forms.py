"""Pages of the donor's own Excel forms: the list, one form with the places that were recognised, and
the filled files."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    delete_page,
    posted,
    posted_files,
    save_page,
)
from kernel.sheets import as_download
from projects.models import DonorForm, Period, Project
from projects.money.form_values import fields_of
from projects.money.forms.donor_forms import DonorFormForm, FormPeriodForm
from projects.money.ledger import budget_periods
from projects.money.services.donor_forms import (
    FormRefused,
    blank_usual_form,
    filled_form,
    filled_usual_form,
    read_form,
)
from projects.money.views.budget import budget_crumbs, money_context
from projects.money.views.spending import books_project, editable_books_project
from projects.pages import project_page, reverse_in
from projects.permissions.money import may_keep_budget


def form_crumbs(project: Project, *more: Any) -> Crumbs:
    forms = (_("Donor's forms"), reverse_in(project, "donor-forms"))
    return budget_crumbs(project, forms, *more)


def form_or_404(project: Project, pk: int) -> DonorForm:
    return get_object_or_404(project.donor_forms, pk=pk)


def chosen_period(request: Request, project: Project) -> tuple[FormPeriodForm, Period | None]:
    """Return the period of the address; without one that which began last."""
    periods = budget_periods(project)
    begun = [one for one in periods if one.start <= project.today]
    rows = project.periods.filter(pk__in=[one.pk for one in periods])
    data = request.GET if "period" in request.GET else {"period": begun[-1].pk if begun else ""}
    form = FormPeriodForm(data, periods=rows)
    return form, form.cleaned_data.get("period") if form.is_valid() else None


@require_safe
def form_list(request: Request, code: str) -> HttpResponse:
    project = books_project(request.user, code)
    form, period = chosen_period(request, project)
    context = money_context(request.user, project, "budget", _("Donor's forms")) | {
        "form": form,
        "period": period,
        "donor_forms": list(project.donor_forms.all()),
        "fields": fields_of(project),
        "codes": [one.code for one in project.budget_categories.all()],
        "crumbs": budget_crumbs(project),
    }
    return render(request, "projects/donor_forms.html", context)


@require_safe
def donor_form(request: Request, code: str, pk: int) -> HttpResponse:
    """Show which places of the form were recognised, before anybody relies on it."""
    project = books_project(request.user, code)
    form = form_or_404(project, pk)
    problems: list[str] = []
    places = []
    try:
        with form.file.open() as file:
            places = read_form(file.read()).places
    except FileNotFoundError:
        problems = [_("This file is missing; tell the coordination.")]
    except FormRefused as refused:
        problems = refused.sentences
    context = {
        "title": form,
        "donor_form": form,
        "places": places,
        "problems": problems,
        "may_keep": may_keep_budget(request.user, project),
        "crumbs": form_crumbs(project),
    }
    return project_page(request, "projects/donor_form.html", project, context)


@READ_OR_SAVE
def form_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_books_project(request.user, code)
    donor_form = DonorForm(project=project) if pk is None else form_or_404(project, pk)
    form = DonorFormForm(
        posted(request), posted_files(request), instance=donor_form, by=request.user
    )
    return save_page(
        request,
        form,
        sentence=_("The form was saved: check which places were found."),
        to=donor_form,
        title=_("Edit the form") if pk else _("Add a form"),
        back=donor_form if pk else reverse_in(project, "donor-forms"),
        crumbs=form_crumbs(project),
        remove=lambda: reverse_in(project, "donor-form-delete", donor_form.pk),
    )


@READ_OR_SAVE
def form_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_books_project(request.user, code)
    form = form_or_404(project, pk)
    return delete_page(
        request,
        form,
        back=form.get_absolute_url(),
        done=reverse_in(project, "donor-forms"),
        delete=form.remove,
        crumbs=form_crumbs(project),
    )


# --- Files ---


@require_safe
def form_file(request: Request, code: str, pk: int) -> FileResponse:
    """Answer with the form as it was uploaded."""
    form = form_or_404(books_project(request.user, code), pk)
    return serve(form, filename=form.name)


@require_safe
def form_filled(request: Request, code: str, pk: int) -> HttpResponse:
    project = books_project(request.user, code)
    form = form_or_404(project, pk)
    _periods, period = chosen_period(request, project)
    try:
        content = filled_form(form, period)
    except FormRefused as refused:
        for sentence in refused.sentences:
            messages.error(request, sentence)
        return redirect(form)
    return _answer(request, project, content, period, file=form.pk)


@require_safe
def usual_form(request: Request, code: str) -> HttpResponse:
    project = books_project(request.user, code)
    _periods, period = chosen_period(request, project)
    return _answer(request, project, filled_usual_form(project, period), period)


def _answer(
    request: Request, project: Project, content: bytes, period: Period | None, **details: Any
) -> HttpResponse:
    name = f"{project.code}-finance-{period.end:%Y-%m-%d}" if period else f"{project.code}-finance"
    return handed_out(request, content, name, thing=project, what="donor form", **details)


@require_safe
def form_example(request: Request, code: str) -> HttpResponse:
    """Answer with the portal's own form, not filled: an example to begin with."""
    project = books_project(request.user, code)
    return as_download(blank_usual_form(project), "example")
