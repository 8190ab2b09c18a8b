"""Pages of the books: corrections and locked periods."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    form_page,
    posted,
    saved,
)
from projects.models import Project
from projects.money.forms.spending import (
    AccountingLockForm,
    AdjustmentForm,
    LiftLockForm,
    suggested_lock_days,
)
from projects.money.services.approval import lift_lock, lock_days
from projects.money.services.spending import (
    adjust_expenditure,
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
