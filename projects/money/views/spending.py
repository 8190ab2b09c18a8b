"""Pages of the books: expenditure with filters and export, corrections, locked periods."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
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
    page_of,
    posted,
    saved,
)
from kernel.sheets import sheet
from kernel.sorting import RowOrders, SortedRows, in_letters
from kernel.workbooks import CellValue
from projects.models import Expenditure, Project
from projects.money.budget_figures import cents
from projects.money.forms.spending import (
    AccountingLockForm,
    AdjustmentForm,
    ExpenditureFilterForm,
    ExpenditureForm,
    LiftLockForm,
    suggested_lock_days,
)
from projects.money.ledger import books_total, budget_periods
from projects.money.services.approval import lift_lock, lock_covering, lock_days, locks_in_force
from projects.money.services.budget import lock_project
from projects.money.services.spending import (
    adjust_expenditure,
    delete_expenditure,
    save_expenditure,
)
from projects.money.views.budget import budget_crumbs, budget_project, money_context
from projects.pages import reverse_in
from projects.permissions.money import may_keep_budget, may_lock_books, may_see_books


def books_project(user: User, code: str) -> Project:
    """Returns the project if the person may see its vouchers. Raises Http404 otherwise."""
    project = budget_project(user, code)
    if not may_see_books(user, project):
        raise Http404
    return project


def editable_books_project(user: User, code: str) -> Project:
    project = books_project(user, code)
    ask(may_keep_budget(user, project), _("Only coordination and finance can do this."))
    return project


def books_crumbs(project: Project, *more: HasPage | tuple[str, str]) -> Crumbs:
    expenditures = (_("Expenditure"), reverse_in(project, "expenditures"))
    return budget_crumbs(project, expenditures, *more)


def filtered_expenditures(
    request: Request, project: Project
) -> tuple[ExpenditureFilterForm, QuerySet]:
    periods = project.periods.filter(pk__in=[period.pk for period in budget_periods(project)])
    used = project.expenditures.order_by("currency").values_list("currency", flat=True)
    form = ExpenditureFilterForm(
        request.GET, project=project, periods=periods, currencies=list(used.distinct())
    )
    return form, form.narrow(project.expenditures.select_related("category", "result", "adjusts"))


ORDERS: RowOrders = {
    "date": "spent_on",
    "what": lambda: in_letters("description"),
    "result": "result__code",
    "amount": "amount",
}


@require_safe
def expenditure_list(request: Request, code: str) -> HttpResponse:
    project = books_project(request.user, code)
    form, rows = filtered_expenditures(request, project)
    locks = locks_in_force(project)
    sorting = SortedRows(request, ORDERS)
    page = page_of(request, sorting.of(rows))
    for row in page.object_list:
        row.project, row.lock = project, lock_covering(locks, row.spent_on)
    query = request.GET.copy()
    query.pop("page", None)
    context = money_context(request.user, project, "expenditures") | {
        "form": form,
        "page": page,
        "sorting": sorting,
        "total": books_total(rows),
        "is_filtered": any(form.cleaned_data.values()),
        "query": query.urlencode(),
    }
    return render(request, "projects/expenditures.html", context)


@require_safe
def expenditure_export(request: Request, code: str, kind: str) -> HttpResponse:
    """Exports the filtered list and logs who did it."""
    project = books_project(request.user, code)
    if kind not in ("xlsx", "csv"):
        raise Http404
    _form, rows = filtered_expenditures(request, project)
    headers, table = _headers(project), [_cells(row) for row in rows.iterator(chunk_size=2000)]
    widths = [12, 16, 30, 12, 14, 9, 12, 16, 44, 16, 20]
    content = sheet(kind, _("Expenditure"), headers, table, widths)
    return handed_out(request, content, f"{project.code}-books", kind, thing=project, what="books")


def _headers(project: Project) -> list[str]:
    return [
        _("Date"),
        _("Voucher number"),
        _("Category"),
        _("Result"),
        _("Amount"),
        _("Currency"),
        _("Rate"),
        _("Amount in %(currency)s") % {"currency": project.currency},
        _("Description"),
        _("Corrects"),
        _("Status"),
    ]


def _cells(row: Expenditure) -> list[CellValue]:
    return [
        row.spent_on,
        row.voucher,
        str(row.category),
        row.result.code if row.result else "",
        row.amount,
        row.currency,
        row.rate,
        cents(row.value),
        row.description,
        str(row.adjusts) if row.adjusts else (row.concerns_on or ""),
        row.get_status_display(),
    ]


@READ_OR_SAVE
def expenditure_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_books_project(request.user, code)
    row, title = Expenditure(project=project), _("New expenditure")
    if pk is not None:
        if request.method == "POST":
            lock_project(project)  # the second of two people who edit a row sees the first one's
        row, title = get_object_or_404(project.expenditures, pk=pk), _("Edit the expenditure")
    form = ExpenditureForm(posted(request), instance=row)
    if form.is_valid() and act(form, lambda: save_expenditure(form.instance, by=request.user)):
        return saved(request, _("The expenditure was saved."), row)
    back = row.get_absolute_url() if pk else reverse_in(project, "expenditures")
    delete_url = reverse_in(project, "expenditure-delete", pk) if pk else ""
    return form_page(
        request,
        form,
        title=title,
        back=back,
        crumbs=books_crumbs(project),
        delete_url=delete_url,
    )


@READ_OR_SAVE
def expenditure_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_books_project(request.user, code)
    row = get_object_or_404(project.expenditures.select_related("category"), pk=pk)
    return delete_page(
        request,
        row,
        back=row.get_absolute_url(),
        done=reverse_in(project, "expenditures"),
        delete=lambda: delete_expenditure(row),
        sentence=_("The expenditure was deleted."),
        crumbs=books_crumbs(project),
    )


@READ_OR_SAVE
def expenditure_adjust(request: Request, code: str, pk: int) -> HttpResponse:
    """Takes the right values of an expenditure and enters the difference in an open period."""
    project = editable_books_project(request.user, code)
    row = get_object_or_404(
        project.expenditures.select_related("category", "result", "adjusts"), pk=pk
    )
    initial = {
        "category": row.category_id,
        "result": row.result_id,
        "amount": row.amount,
        "spent_on": project.today,
    }
    form = AdjustmentForm(posted(request), original=row, initial=initial)
    if form.is_valid():
        right = form.cleaned_data
        if act(
            form,
            lambda: adjust_expenditure(
                row,
                category=right["category"],
                result=right["result"],
                amount=right["amount"],
                on=right["spent_on"],
                reason=right["reason"],
                by=request.user,
            ),
        ):
            return saved(request, _("The correction was entered."), row.adjusts or row)
    return form_page(
        request,
        form,
        title=_("Correct the expenditure"),
        intro=_(
            "Say what it should have been. The original is kept; the difference is "
            "entered on the day of the correction."
        ),
        back=row,
        crumbs=books_crumbs(project, row),
    )


# Locks


@READ_OR_SAVE
def lock_list(request: Request, code: str) -> HttpResponse:
    """Shows the locked periods; finance locks the next one here."""
    project = books_project(request.user, code)
    locks = list(project.accounting_locks.select_related("locked_by", "lifted_by"))
    in_force = [lock for lock in locks if lock.lifted_on is None]
    locks_books = may_lock_books(request.user, project)
    form = AccountingLockForm(posted(request), initial=suggested_lock_days(project, in_force))
    if request.method == "POST":
        ask(locks_books, _("Only finance can lock the books."))
        if form.is_valid() and act(
            form,
            lambda: lock_days(
                project,
                start=form.cleaned_data["starts_on"],
                end=form.cleaned_data["ends_on"],
                by=request.user,
            ),
        ):
            return saved(request, _("The period is locked."), reverse_in(project, "locks"))
    context = money_context(request.user, project, "locks") | {
        "locks": locks,
        "form": form,
        "may_lock": locks_books,
    }
    return render(request, "projects/locks.html", context)


@READ_OR_SAVE
def lock_lift(request: Request, code: str, pk: int) -> HttpResponse:
    project = books_project(request.user, code)
    ask(may_lock_books(request.user, project), _("Only finance can lock the books."))
    lock = get_object_or_404(project.accounting_locks, pk=pk)
    form = LiftLockForm(posted(request))
    back = reverse_in(project, "locks")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if act(request, lambda: lift_lock(lock, reason=reason, by=request.user)):
            messages.success(request, _("The period is unlocked."))
        return redirect(back)
    return form_page(
        request,
        form,
        title=_("Unlock the period"),
        intro=str(lock),
        back=back,
        crumbs=budget_crumbs(project, (_("Locked periods"), back)),
    )
