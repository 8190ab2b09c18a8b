"""Pages of the books: corrections, locked periods, and the import of the accounting system's file."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    form_page,
    page_of,
    posted,
    posted_files,
    save_page,
    saved,
)
from kernel.refusal import Refusal
from kernel.sheets import excel_sheet
from projects.models import ExpenditureUpload, ImportMapping, Project
from projects.money.forms.spending import (
    AccountingLockForm,
    AdjustmentForm,
    LiftLockForm,
    suggested_lock_days,
)
from projects.money.forms.spending_import import (
    AccountingColumnsForm,
    AccountingFileForm,
    ImportConfirmForm,
    ImportQuestionsForm,
)
from projects.money.services.approval import lift_lock, lock_days
from projects.money.services.spending import adjust_expenditure, undo_import
from projects.money.services.spending_import import (
    ImportPreview,
    keep_upload,
    preview_import,
    proposed_columns,
    write_import,
)
from projects.money.views.budget import budget_crumbs, budget_project, money_context
from projects.pages import project_page, reverse_in
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
    return save_page(
        request,
        form,
        lambda: adjust_expenditure(
            row,
            category=form.cleaned_data["category"],
            result=form.cleaned_data["result"],
            amount=form.cleaned_data["amount"],
            on=form.cleaned_data["spent_on"],
            reason=form.cleaned_data["reason"],
            by=request.user,
        ),
        sentence=_("The correction was entered."),
        to=row.adjusts or row,
        title=_("Correct the expenditure"),
        intro=_(
            "Say what it should have been. The original is kept; the difference is "
            "entered on the day of the correction."
        ),
        crumbs=books_crumbs(project, row),
    )


# --- Locks ---


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
    context = money_context(request.user, project, "locks", _("Locked periods")) | {
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
        crumbs=budget_crumbs(project, (_("Locked periods"), back)),
    )


# --- The import ---
#
# Pages that import the accounting system's file: upload, assign columns, check rows, confirm.
#
# Only the person who uploaded the file sees it, and nothing is written before they confirm.

ROWS_SHOWN = 50


def own_upload(request: Request, project: Project) -> ExpenditureUpload | None:
    upload = ExpenditureUpload.objects.filter(project=project, owner=request.user).first()
    if upload:
        upload.project = project
    return upload


@READ_OR_SAVE
def import_start(request: Request, code: str) -> HttpResponse:
    project = editable_books_project(request.user, code)
    form = AccountingFileForm(posted(request), posted_files(request))
    if form.is_valid():
        upload = keep_upload(project, form.cleaned_data["file"], owner=request.user)
        try:
            proposed_columns(upload, ImportMapping.of(project))
        except Refusal as refusal:
            upload.discard()
            form.add_error("file", str(refusal))
        else:
            return redirect(reverse_in(project, "import-columns"))
    context = money_context(request.user, project, "expenditures", _("Import expenditure")) | {
        "form": form,
        "waiting": own_upload(request, project),
        "page": page_of(request, project.import_batches.select_related("by")),
        "has_categories": project.budget_categories.exists(),
    }
    return render(request, "projects/import.html", context)


@READ_OR_SAVE
def import_columns(request: Request, code: str) -> HttpResponse:
    """Assigns fields to columns, as their headers or earlier answers suggest."""
    project = editable_books_project(request.user, code)
    upload = own_upload(request, project)
    if upload is None:
        return _nothing_waits(request, project)
    mapping = ImportMapping.of(project)
    if not (columns := act(request, lambda: proposed_columns(upload, mapping))):
        return redirect(reverse_in(project, "import"))
    form = AccountingColumnsForm(posted(request), columns=columns.result, mapping=mapping)
    if form.is_valid():
        mapping.learn(**form.answers())
        return redirect(reverse_in(project, "import-check"))
    context = {
        "title": _("Columns of the file"),
        "upload": upload,
        "form": form,
        "fields": [(column, form[f"column_{column.place}"]) for column in columns.result],
        "crumbs": books_crumbs(project, (_("Import"), reverse_in(project, "import"))),
    }
    return project_page(request, "projects/import_columns.html", project, context)


@READ_OR_SAVE
def import_check(request: Request, code: str) -> HttpResponse:
    """Shows every row as it was read, asks what is unclear, then writes all rows at once."""
    project = editable_books_project(request.user, code)
    upload = own_upload(request, project)
    if upload is None:
        return _nothing_waits(request, project)
    if not (read := act(request, lambda: preview_import(upload))):
        return redirect(reverse_in(project, "import"))
    preview = read.result
    form: ImportQuestionsForm | ImportConfirmForm
    if preview.has_questions:
        form = questions = _questions(request, project, preview)
        if questions.is_valid():
            mapping = ImportMapping.of(project)
            mapping.learn(**questions.answers(mapping))
            return redirect(reverse_in(project, "import-check"))
    else:
        form = confirmation = _confirmation(request, preview)
        if confirmation.is_valid():
            return _write(request, upload, confirmation)
    context = {
        "title": _("Rows of the file"),
        "upload": upload,
        "preview": preview,
        "asks": preview.has_questions,
        "form": form,
        "page": _rows_shown(request, preview),
        "crumbs": books_crumbs(project, (_("Import"), reverse_in(project, "import"))),
    }
    return project_page(request, "projects/import_check.html", project, context)


def _questions(request: Request, project: Project, preview: ImportPreview) -> ImportQuestionsForm:
    return ImportQuestionsForm(
        posted(request),
        project=project,
        open_day=preview.open_day,
        open_amount=preview.open_amount,
        categories=preview.categories,
        results=preview.results,
    )


def _confirmation(request: Request, preview: ImportPreview) -> ImportConfirmForm:
    initial = {"seen": preview.fingerprint}
    return ImportConfirmForm(posted(request), initial=initial, locked=len(preview.locked))


def _rows_shown(request: Request, preview: ImportPreview) -> Page[dict[str, Any]]:
    """Returns a page of all rows with what becomes of them; first those that need an answer."""
    rows: list[dict[str, Any]] = [
        *({"entry": entry, "fate": "wrong"} for entry in preview.wrong),
        *({"entry": row.entry, "fate": "locked", "importable": row} for row in preview.locked),
        *({"entry": row.entry, "fate": "new", "importable": row} for row in preview.new),
        *({"entry": entry, "fate": "known"} for entry in preview.known),
    ]
    return Paginator(rows, ROWS_SHOWN).get_page(request.GET.get("page"))


def _write(request: Request, upload: ExpenditureUpload, form: ImportConfirmForm) -> HttpResponse:
    project = upload.project
    written = act(
        request,
        lambda: write_import(
            upload,
            seen=form.cleaned_data["seen"],
            locked_on=form.day_of_corrections,
            by=request.user,
        ),
    )
    if not written:
        return redirect(reverse_in(project, "import-check"))
    rows = written.result.rows
    sentence = ngettext("%(count)d row was imported.", "%(count)d rows were imported.", rows)
    return saved(request, sentence % {"count": rows}, reverse_in(project, "expenditures"))


@require_safe
def import_problems(request: Request, code: str) -> HttpResponse:
    """Downloads the rows that cannot be imported, each after a column that says why."""
    project = editable_books_project(request.user, code)
    upload = own_upload(request, project)
    if upload is None:
        return _nothing_waits(request, project)
    if not (read := act(request, lambda: preview_import(upload))):
        return redirect(reverse_in(project, "import"))
    preview = read.result
    headers = [_("Row"), _("What is wrong"), *preview.headers]
    rows = [
        [str(entry.number), " ".join(entry.problems), *entry.cells[: len(preview.headers)]]
        for entry in preview.wrong
    ]
    widths = [8, 60, *(16 for _header in preview.headers)]
    content = excel_sheet(_("What is wrong"), headers, rows, widths)
    return handed_out(request, content, f"{project.code}-problems", thing=project, what="problems")


@require_POST
def import_discard(request: Request, code: str) -> HttpResponse:
    project = editable_books_project(request.user, code)
    if upload := own_upload(request, project):
        upload.discard()
        messages.success(request, _("The file was deleted and nothing was saved."))
    return redirect(reverse_in(project, "import"))


@require_POST
def import_undo(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_books_project(request.user, code)
    batch = get_object_or_404(project.import_batches, pk=pk)
    if undone := act(request, lambda: undo_import(batch)):
        count = undone.result
        sentence = ngettext("%(count)d row was removed.", "%(count)d rows were removed.", count)
        messages.success(request, sentence % {"count": count})
    return redirect(reverse_in(project, "import"))


def _nothing_waits(request: Request, project: Project) -> HttpResponse:
    messages.info(request, _("No file is waiting here: upload one."))
    return redirect(reverse_in(project, "import"))
