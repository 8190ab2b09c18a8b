"""Pages of the documents of amendments, and the export of the ledger."""

from datetime import date

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, Request, ask, form_page, posted, posted_files, saved
from kernel.sheets import excel_sheet
from kernel.workbooks import CellValue
from projects.amendments.forms import AmendmentFileForm, AmendmentFilterForm
from projects.amendments.services.amendments import keep_file, remove_file
from projects.amendments.views.amendments import amendment_crumbs
from projects.models import Amendment
from projects.pages import visible_project
from projects.permissions.amendments import (
    may_keep_amendment_files,
    may_see_amounts,
    visible_amendments,
)


def amendment_or_404(user: User, code: str, pk: int) -> Amendment:
    project = visible_project(user, code)
    amendments = visible_amendments(user, project)
    amendment = get_object_or_404(amendments, pk=pk)
    amendment.project = project
    return amendment


@READ_OR_SAVE
def amendment_file_create(request: Request, code: str, pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    form = AmendmentFileForm(posted(request), posted_files(request))
    if form.is_valid():
        typed = form.cleaned_data
        keep_file(amendment, typed["upload"], typed["category"], by=request.user)
        return saved(request, _("The document was saved."), amendment)
    return form_page(
        request,
        form,
        title=_("Add a document"),
        intro=f"{amendment}: {amendment.title}",
        back=amendment,
        crumbs=amendment_crumbs(amendment, amendment),
    )


@require_safe
def amendment_file(request: Request, code: str, pk: int, file_pk: int) -> FileResponse:
    amendment = amendment_or_404(request.user, code, pk)
    project = amendment.project
    if not may_see_amounts(request.user, project):
        raise Http404
    kept = get_object_or_404(amendment.files, pk=file_pk)
    # The name of the file is neutral, since others may see it on a telephone.
    answer = serve(kept, filename=f"{kept.get_category_display()} {kept.pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=kept)
    return answer


@require_POST
def amendment_file_remove(request: Request, code: str, pk: int, file_pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, code, pk)
    ask(may_keep_amendment_files(request.user, amendment))
    remove_file(get_object_or_404(amendment.files, pk=file_pk))
    return saved(request, _("The document was removed."), amendment)


@require_safe
def amendments_export(request: Request, code: str) -> HttpResponse:
    """Exports the ledger as a workbook: what was agreed, what changed, and who approved it when."""
    project = visible_project(request.user, code)
    amendments = visible_amendments(request.user, project)
    form = AmendmentFilterForm(request.GET)
    form.is_valid()
    amounts = may_see_amounts(request.user, project)
    rows = [_cells(each, amounts=amounts) for each in form.narrow(amendments).with_dates()]
    content = excel_sheet(_("Amendments"), _headers(), rows)
    name = f"{project.code}-amendments"
    return handed_out(request, content, name, thing=project, what="amendments")


def _headers() -> list[str]:
    return [
        _("Number"),
        _("Kind"),
        _("Title"),
        _("Reason"),
        _("Before"),
        _("After"),
        _("Committee's recommendation"),
        _("Submitted to the donor on"),
        _("Donor's answer"),
        _("Reference"),
        _("Status"),
    ]


def _cells(amendment: Amendment, *, amounts: bool) -> list[CellValue]:
    before, after = amendment.amount_before, amendment.amount_after
    if not amounts:
        before = after = None
    return [
        amendment.number,
        amendment.get_kind_display(),
        amendment.title,
        amendment.reason,
        _side(amendment.end_before, before, amendment.before),
        _side(amendment.end_after, after, amendment.after),
        amendment.recommended_on,
        amendment.submitted_on,
        amendment.donor_decided_on,
        amendment.donor_reference,
        amendment.get_status_display(),
    ]


def _side(end: date | None, amount: CellValue, words: str) -> CellValue:
    """Returns a day or amount as itself if there are no words, else as text before them."""
    value = end if end is not None else amount
    if value is None or not words:
        return words if value is None else value
    return f"{value} · {words}"
