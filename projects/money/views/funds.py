"""Pages of the exchange rates, and of the contributions promised and received."""

from decimal import Decimal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.pages import (
    READ_OR_SAVE,
    Request,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    saved,
)
from projects.models import Contribution, ExchangeRate, Project
from projects.money.forms.budget import ContributionForm, ExchangeRateForm
from projects.money.services.budget import lock_project
from projects.money.views.budget import (
    budget_crumbs,
    budget_project,
    editable_budget_project,
    money_context,
)
from projects.pages import reverse_in


@require_safe
def rate_list(request: Request, code: str) -> HttpResponse:
    project = budget_project(request.user, code)
    context = money_context(request.user, project, "rates")
    context["page"] = page_of(request, project.exchange_rates.all())
    return render(request, "projects/rates.html", context)


@READ_OR_SAVE
def rate_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    rate, title = ExchangeRate(project=project), _("New rate")
    if pk is not None:
        rate = get_object_or_404(locked(request, project.exchange_rates.all()), pk=pk)
        title = _("Edit the rate")
    if request.method == "POST":
        lock_project(project)  # the form refuses two rates for the same day
    back = reverse_in(project, "rates")
    form = ExchangeRateForm(posted(request), instance=rate)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The rate was saved."), back)
    return form_page(
        request,
        form,
        title=title,
        intro=_("Amounts entered before keep the rate they were entered with."),
        back=back,
        crumbs=budget_crumbs(project, (_("Rates"), back)),
        delete_url=reverse_in(project, "rate-delete", pk) if pk else "",
    )


@READ_OR_SAVE
def rate_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    rate = get_object_or_404(project.exchange_rates, pk=pk)
    back = reverse_in(project, "rates")
    crumbs = budget_crumbs(project, (_("Rates"), back))
    return delete_page(request, rate, back=back, done=back, crumbs=crumbs)


def _contributions(project: Project) -> QuerySet[Contribution]:
    contributions = Contribution.objects.filter(participation__project=project)
    return contributions.select_related("participation__institution").prefetch_related(
        "participation__institution__names"
    )


@require_safe
def contribution_list(request: Request, code: str) -> HttpResponse:
    project = budget_project(request.user, code)
    rows = list(_contributions(project))
    context = money_context(request.user, project, "contributions") | {
        "page": page_of(request, rows),
        "promised": sum((row.value_promised or Decimal(0) for row in rows), Decimal(0)),
        "received": sum((row.value_received or Decimal(0) for row in rows), Decimal(0)),
        "today": project.today,
    }
    return render(request, "projects/contributions.html", context)


@READ_OR_SAVE
def contribution_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    row, title = Contribution(), _("New contribution")
    if pk is not None:
        rows = locked(request, Contribution.objects.filter(participation__project=project))
        row, title = get_object_or_404(rows, pk=pk), _("Edit the contribution")
    back = reverse_in(project, "contributions")
    form = ContributionForm(posted(request), instance=row, project=project)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The contribution was saved."), back)
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=budget_crumbs(project, (_("Contributions"), back)),
        delete_url=reverse_in(project, "contribution-delete", pk) if pk else "",
    )


@READ_OR_SAVE
def contribution_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    row = get_object_or_404(_contributions(project), pk=pk)
    back = reverse_in(project, "contributions")
    crumbs = budget_crumbs(project, (_("Contributions"), back))
    return delete_page(request, row, back=back, done=back, crumbs=crumbs)
