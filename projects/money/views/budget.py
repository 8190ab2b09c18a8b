"""Pages of the budget: the overview with spending, its categories, years and revisions."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from kernel.cells import Cell, Column, Empty, illustrative, text_cell
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    locked,
    posted,
    save_page,
    saved,
    trail,
)
from kernel.records import Record
from kernel.sent_forms import counted_once
from kernel.text import StrOrPromise, active_language
from projects.models import (
    Budget,
    BudgetCategory,
    BudgetComment,
    Contribution,
    Period,
    Project,
)
from projects.money.budget_tables import budget_tables, spending_chart
from projects.money.forms.budget import (
    BudgetApprovalForm,
    BudgetCategoryForm,
    BudgetCommentForm,
    BudgetPeriodFilterForm,
    BudgetSettingsForm,
    BudgetYearForm,
)
from projects.money.ledger import books_total, budget_periods
from projects.money.services.approval import locks_in_force
from projects.money.services.budget import (
    add_usual_categories,
    approve_budget,
    lock_project,
    revisable_amendments,
    write_budget,
)
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.money import (
    may_keep_budget,
    may_see_books,
    may_see_budget,
    may_set_approval,
)
from projects.records import ProjectRecords

ONLY_FINANCE = gettext_lazy("Only coordination and finance can do this.")


def budget_project(user: User, code: str) -> Project:
    """Returns the project if the person may see its budget. Raises Http404 otherwise."""
    project = visible_project(user, code)
    if not may_see_budget(user, project):
        raise Http404
    return project


def editable_budget_project(user: User, code: str) -> Project:
    project = budget_project(user, code)
    ask(may_keep_budget(user, project), str(ONLY_FINANCE))
    return project


def budget_crumbs(project: Project, *more: HasPage | tuple[str, str]) -> Crumbs:
    return trail(project, (_("Budget"), reverse_in(project, "budget")), *more)


def money_context(user: User, project: Project, here: str, title: str) -> dict[str, Any]:
    """Return the context that all pages of a project's money share."""
    return {
        "project": project,
        "title": title,
        "place_title": project.short_title,
        "tabs": project_tabs(user, project, here),
        "crumbs": budget_crumbs(project),
        "may_keep": may_keep_budget(user, project),
        "may_see_books": may_see_books(user, project),
    }


class MoneyPages(ProjectRecords[Record]):
    """The pages of a kind of record of a project's money, below its budget."""

    prefix = "<str:code>/budget/"
    crumb: StrOrPromise = ""  # what leads to the list, if not its title
    refusal = ONLY_FINANCE

    def find_place(self) -> Project:
        return budget_project(self.request.user, self.kwargs["code"])

    def may_edit(self) -> bool:
        return may_keep_budget(self.request.user, self.place)

    def crumbs(self, *more: Any) -> Crumbs:
        way = (str(self.crumb or self.title), self.url(self.names))
        return budget_crumbs(self.place, way, *more)

    def place_context(self) -> dict[str, Any]:
        projects = trail((_("Projects"), reverse("projects:list")))
        return super().place_context() | {"crumbs": projects + budget_crumbs(self.place)}

    def edit_cell(self, record: Any, text: str, **rest: Any) -> Cell:
        """Return a cell that leads those who may edit the record to its form."""
        url = self.url(f"{self.name}-edit", record.pk) if self.edits else ""
        return Cell(text, url=url, chips=illustrative(record), **rest)


@require_safe
def budget(request: Request, code: str) -> HttpResponse:
    project = budget_project(request.user, code)
    periods = budget_periods(project)
    form = BudgetPeriodFilterForm(
        request.GET, periods=project.periods.filter(pk__in=[period.pk for period in periods])
    )
    shown = form.cleaned_data.get("period") if form.is_valid() else None
    budget = Budget.of(project)
    tables = budget_tables(project, budget, shown=shown)
    contributions = list(Contribution.objects.filter(participation__project=project))
    context = money_context(request.user, project, "budget", _("Budget")) | {
        "crumbs": trail(project),
        "form": form,
        "budget": budget,
        "tables": tables,
        "chart": spending_chart(tables, project.currency),
        "received": sum((each.value_received or 0 for each in contributions), Decimal(0)),
        "promised": sum((each.value_promised or 0 for each in contributions), Decimal(0)),
        "locks": locks_in_force(project),
        "books": books_total(project.expenditures.all()),
        "has_contributions": bool(contributions),
    }
    return render(request, "projects/budget.html", context)


@READ_OR_SAVE
def budget_settings(request: Request, code: str) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    if request.method == "POST":
        lock_project(project)  # an approval that is recorded meanwhile stays
    form = BudgetSettingsForm(
        posted(request),
        instance=Budget.of(project),
        sets_approval=may_set_approval(request.user, project),
    )
    crumbs = budget_crumbs(project)
    return save_page(
        request,
        form,
        sentence=_("The settings were saved."),
        title=_("Settings of the budget"),
        crumbs=crumbs,
    )


@READ_OR_SAVE
def budget_approve(request: Request, code: str) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    form = BudgetApprovalForm(posted(request), initial={"on": project.today})
    return save_page(
        request,
        form,
        lambda: approve_budget(project, on=form.cleaned_data["on"]),
        sentence=_("The budget is approved: its original amounts can no longer change."),
        title=_("Record the approval of the budget"),
        intro=_(
            "From then on, the original amounts can no longer change. A change is a "
            "revision with its reason, and beyond the tolerance it needs an amendment "
            "approved by the donor."
        ),
        crumbs=budget_crumbs(project),
    )


@require_POST
@counted_once
def budget_usual_categories(request: Request, code: str) -> HttpResponse:
    project = editable_budget_project(request.user, code)
    if count := add_usual_categories(project):
        sentence = ngettext(
            "%(count)d category was added.", "%(count)d categories were added.", count
        )
        messages.success(request, sentence % {"count": count})
    else:
        messages.info(request, _("The project already has categories."))
    return redirect(reverse_in(project, "budget"))


class BudgetCategoryPages(MoneyPages[BudgetCategory]):
    model, name, names = BudgetCategory, "budget-category", "budget-categories"
    icon, form_class = "list-ul", BudgetCategoryForm
    title, crumb = gettext_lazy("Budget categories"), gettext_lazy("Categories")
    new_label, new_title = gettext_lazy("New category"), gettext_lazy("New category")
    edit_title = gettext_lazy("Edit the category")
    saved_sentence = gettext_lazy("The category was saved.")
    list_template = "projects/budget_categories.html"

    def find_place(self) -> Project:
        return editable_budget_project(self.request.user, self.kwargs["code"])

    def rows(self) -> QuerySet[BudgetCategory]:
        return self.place.budget_categories.all()

    def new_record(self) -> BudgetCategory:
        position = self.place.budget_categories.count() + 1
        return BudgetCategory(project=self.place, position=position)

    def columns(self) -> list[Column]:
        return [
            Column("category", _("Category"), self.name_cell),
            Column("code", _("Code"), lambda category: category.code),
            Column("published", _("Published as"), published_as),
        ]

    def name_cell(self, category: BudgetCategory) -> Cell:
        return text_cell(category, "name", url=self.url("budget-category-edit", category.pk))

    def empty(self) -> Empty:
        text = _(
            "Budget and spending are kept by category: personnel, travel, activities and so on."
        )
        return Empty(_("No category yet."), text, icon=self.icon)


def published_as(category: BudgetCategory) -> str:
    return _("disbursement to partners") if category.is_passed_on else _("expenditure")


@READ_OR_SAVE
def budget_year(request: Request, code: str, pk: int) -> HttpResponse:
    """Enters the amounts of one period, or revises those of an approved budget."""
    project = editable_budget_project(request.user, code)
    if request.method == "POST":
        lock_project(project)  # the second of two people who save a period sees the first one's
    period = get_object_or_404(Period, pk=pk, pk__in=[one.pk for one in budget_periods(project)])
    period.project = project
    budget = Budget.of(project)
    form = _year_form(request, budget, period)
    if form.is_valid() and (
        written := act(
            form,
            lambda: write_budget(
                period,
                form.amounts(),
                by=request.user,
                on=project.today,
                grounds=form.grounds(),
            ),
        )
    ):
        changed = written.result
        sentence = ngettext(
            "%(count)d amount was changed.", "%(count)d amounts were changed.", changed
        )
        return saved(request, sentence % {"count": changed}, reverse_in(project, "budget"))
    context = {
        "project": project,
        "period": period,
        "budget": budget,
        "form": form,
        "crumbs": budget_crumbs(project),
    }
    return render(request, "projects/budget_year.html", context)


def _year_form(request: Request, budget: Budget, period: Period) -> BudgetYearForm:
    project = period.project
    lines = project.budget_lines.filter(period=period).select_related("category", "result")
    return BudgetYearForm(
        posted(request),
        budget=budget,
        lines=lines,
        categories=list(project.budget_categories.all()),
        amendments=revisable_amendments(project),
    )


@require_safe
def budget_lines(request: Request, code: str, pk: int) -> HttpResponse:
    """Shows a category: its amounts by period and result, and the revisions of each."""
    project = budget_project(request.user, code)
    category = get_object_or_404(project.budget_categories, pk=pk)
    lines = category.lines.select_related("period", "result").prefetch_related(
        "revisions__amendment"
    )
    context = {
        "project": project,
        "category": category,
        "lines": list(lines),
        "crumbs": budget_crumbs(project),
    }
    return render(request, "projects/budget_lines.html", context)


@READ_OR_SAVE
def budget_comment(request: Request, code: str, pk: int, period_pk: int) -> HttpResponse:
    """Explains the variance of a category in a period."""
    project = editable_budget_project(request.user, code)
    # The first two who explain it have no comment yet that could be locked.
    category = get_object_or_404(locked(request, project.budget_categories.all()), pk=pk)
    period = get_object_or_404(project.periods, pk=period_pk)
    comments = BudgetComment.objects.filter(category=category, period=period)
    comment = comments.first() or BudgetComment(category=category, period=period)
    comment.language = comment.language or active_language()
    form = BudgetCommentForm(posted(request), instance=comment)
    back = f"{reverse_in(project, 'budget')}?period={period.pk}"
    return save_page(
        request,
        form,
        sentence=_("The comment was saved."),
        title=_("Comment on the variance"),
        intro=f"{category} · {period}",
        back=back,
        crumbs=budget_crumbs(project),
    )
