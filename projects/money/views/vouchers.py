"""The page of a voucher, with its scans and its approval by a second person, and pages of the samples
that an audit draws: by a stated rule, kept, and drawn again to compare."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.formats import clock, day, join_list
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    posted,
    posted_files,
    save_page,
    saved,
    trail,
)
from kernel.sent_forms import counted_once
from kernel.sheets import SheetOfRows, excel_book
from kernel.workbooks import CellValue
from projects.models import Assignment, Expenditure, Project, VoucherSample, VoucherScan
from projects.money.budget_figures import cents
from projects.money.forms.samples import SampleForm, suggested_sample
from projects.money.forms.vouchers import ReturnVoucherForm, SeenForm, VoucherScansForm
from projects.money.services.approval import (
    add_scans,
    approve_expenditure,
    ask_again,
    lock_covering,
    locks_in_force,
    own_message,
    remove_scan,
    replaced_message,
    return_expenditure,
    was_replaced,
)
from projects.money.services.samples import DrawnAgain, draw_again, draw_sample
from projects.money.views.spending import books_crumbs, books_project, editable_books_project
from projects.pages import handed_file, project_page, reverse_in, visible_project
from projects.permissions.money import (
    may_approve_vouchers,
    may_audit,
    may_decide_on,
    may_keep_budget,
    may_read_voucher_files,
)


def voucher_or_404(project: Project, pk: int) -> Expenditure:
    rows = project.expenditures.select_related("category", "result", "activity", "adjusts", "batch")
    return get_object_or_404(rows, pk=pk)


def voucher_context(user: User, row: Expenditure) -> dict[str, Any]:
    """Return what the page of a voucher shows, and what its reader may do with it."""
    keeps = may_keep_budget(user, row.project)
    lock = lock_covering(locks_in_force(row.project), row.spent_on)
    corrections = list(row.adjustments.select_related("category", "result"))
    is_final = lock or row.is_imported or row.is_adjustment or corrections
    context = {
        "row": row,
        "lock": lock,
        "corrections": corrections,
        "may_keep": keeps,
        "may_change": keeps and not is_final,
        "may_correct": keeps and bool(is_final) and row.is_counted,
    }
    context |= _scans(user, row, keeps=keeps, is_locked=lock is not None)
    return context | _approval(user, row, keeps)


def _scans(user: User, row: Expenditure, *, keeps: bool, is_locked: bool) -> dict[str, Any]:
    shows = may_read_voucher_files(user, row.project)
    scans = list(row.scans.all())
    is_kept = is_locked or row.status == Expenditure.Status.APPROVED
    return {
        "scans": scans,
        "shows_scans": shows,
        "has_gap": not scans and not row.is_adjustment,
        "may_add_scan": keeps and len(scans) < VoucherScan.MOST,
        "may_remove_scan": keeps and not is_kept,
    }


def _approval(user: User, row: Expenditure, keeps: bool) -> dict[str, Any]:
    """Say who decides, and why the reader does not, if they otherwise could."""
    status = Expenditure.Status
    waits = row.status == status.WAITING
    decides = may_decide_on(user, row)
    history = list(row.status_changes)
    returned = row.status == status.RETURNED
    replaced = returned and was_replaced(row)
    reasons = [change.why for change in history if change.to_status == status.RETURNED]
    others = (
        row.decided_together.exclude(pk=row.pk).select_related("project", "category", "result")
        if row.correction
        else ()
    )
    return {
        "decides": decides,
        "together": [*others],
        "waits_for_others": waits and not decides and may_approve_vouchers(user, row.project),
        "is_stuck": waits and not decides and not _has_another_approver(row),
        "return_reason": reasons[-1] if returned and reasons else "",
        "may_ask": returned and keeps and not replaced,
        "why_not_ask": replaced_message() if replaced and keeps else "",
        "history": history,
    }


def _has_another_approver(row: Expenditure) -> bool:
    roles = [Assignment.Role.COORDINATOR, Assignment.Role.FINANCE]
    people = row.project.assignments.current().filter(role__in=roles, user__is_active=True)
    return people.exclude(user__in=[row.entered_by_id or 0, row.changed_by_id or 0]).exists()


# --- Approval ---


@require_POST
@counted_once
def expenditure_approve(request: Request, code: str, pk: int) -> HttpResponse:
    row = _decidable(request.user, code, pk)
    form = SeenForm(request.POST)
    seen = form.cleaned_data["mark"] if form.is_valid() else ""
    if act(request, lambda: approve_expenditure(row, seen=seen, by=request.user)):
        return saved(request, _("The voucher was approved."), row)
    return redirect(row)


@READ_OR_SAVE
def expenditure_return(request: Request, code: str, pk: int) -> HttpResponse:
    row = _decidable(request.user, code, pk)
    form = ReturnVoucherForm(posted(request), initial={"mark": row.approval_mark})
    return save_page(
        request,
        form,
        lambda: return_expenditure(
            row, seen=form.cleaned_data["mark"], reason=form.cleaned_data["reason"], by=request.user
        ),
        sentence=_("The voucher was sent back."),
        title=_("Send the voucher back"),
        intro=_(
            "Whoever entered it reads your reason. Until it is approved, it counts in no figure."
        ),
        crumbs=books_crumbs(row.project, row),
        submit=_("Send back"),
    )


def _decidable(user: User, code: str, pk: int) -> Expenditure:
    row = voucher_or_404(books_project(user, code), pk)
    ask(
        may_approve_vouchers(user, row.project),
        _("Only coordination and finance can do this."),
    )
    ask(not row.is_by(user), own_message())
    return row


@require_POST
@counted_once
def expenditure_ask(request: Request, code: str, pk: int) -> HttpResponse:
    row = voucher_or_404(editable_books_project(request.user, code), pk)
    if act(request, lambda: ask_again(row, by=request.user)):
        return saved(request, _("The voucher waits for approval again."), row)
    return redirect(row)


# --- Scans ---


@READ_OR_SAVE
def scan_add(request: Request, code: str, pk: int) -> HttpResponse:
    row = voucher_or_404(editable_books_project(request.user, code), pk)
    form = VoucherScansForm(posted(request), posted_files(request))
    if form.is_valid() and (
        added := act(form, lambda: add_scans(row, form.cleaned_data["uploads"], by=request.user))
    ):
        count = len(form.cleaned_data["uploads"])
        sentence = ngettext("The scan is attached.", "The scans are attached.", count)
        if added.result:
            names = join_list(str(other) for other in added.result)
            warning = _(
                "The same file is also attached to: %(vouchers)s. Check that it was not paid twice."
            )
            sentence = f"{sentence} {warning % {'vouchers': names}}"
        return saved(request, sentence, row)
    return form_page(
        request,
        form,
        title=_("Attach scans"),
        intro=str(row),
        crumbs=books_crumbs(row.project, row),
        submit=_("Attach"),
    )


@require_safe
def scan_file(request: Request, code: str, pk: int, scan_pk: int) -> FileResponse:
    project = books_project(request.user, code)
    if not may_read_voucher_files(request.user, project):
        raise Http404
    scans = VoucherScan.objects.filter(expenditure__project=project, expenditure=pk)
    scan = get_object_or_404(scans, pk=scan_pk)
    # A neutral name, since downloads stay on shared computers.
    return handed_file(request, scan, f"{_('Voucher')} {pk}-{scan.pk}", inline=True)


@READ_OR_SAVE
def scan_delete(request: Request, code: str, pk: int, scan_pk: int) -> HttpResponse:
    row = voucher_or_404(editable_books_project(request.user, code), pk)
    scan = get_object_or_404(row.scans, pk=scan_pk)
    return delete_page(
        request,
        scan,
        delete=lambda: remove_scan(scan),
        sentence=_("The scan was removed."),
        crumbs=books_crumbs(row.project, row),
    )


# --- Samples ---


def audited_project(user: User, code: str) -> Project:
    """Return the project if the person audits it. Raises Http404 otherwise."""
    project = visible_project(user, code)
    if not may_audit(user, project):
        raise Http404
    return project


def audit_crumbs(project: Project, *more: HasPage | tuple[str, str]) -> Crumbs:
    return trail(project, (_("Audit"), reverse_in(project, "audit")), *more)


@READ_OR_SAVE
def sample_list(request: Request, code: str) -> HttpResponse:
    """List the samples that were drawn, and draw another."""
    project = audited_project(request.user, code)
    form = SampleForm(
        posted(request),
        instance=VoucherSample(project=project),
        initial=suggested_sample(project),
    )
    if form.is_valid() and act(form, lambda: draw_sample(form.instance, by=request.user)):
        return saved(request, _("The sample was drawn and is kept."), form.instance)
    context = {
        "crumbs": audit_crumbs(project),
        "form": form,
        "samples": list(project.voucher_samples.select_related("drawn_by")),
    }
    return project_page(request, "projects/samples.html", project, context, tab="audit")


def sample_or_404(user: User, code: str, pk: int) -> VoucherSample:
    project = audited_project(user, code)
    return get_object_or_404(project.voucher_samples.select_related("drawn_by"), pk=pk)


@require_safe
def sample(request: Request, code: str, pk: int) -> HttpResponse:
    found = sample_or_404(request.user, code, pk)
    project = found.project
    context = {
        "title": found,
        "crumbs": audit_crumbs(project, (_("Samples"), reverse_in(project, "samples"))),
        "sample": found,
        "vouchers": list(found.vouchers.select_related("expenditure__category")),
        "again": draw_again(found),
    }
    return project_page(request, "projects/sample.html", project, context, tab="audit")


@require_safe
def sample_export(request: Request, code: str, pk: int) -> HttpResponse:
    """Export the sample, its rule, and the list from which it was drawn, as the books have it
    today."""
    found = sample_or_404(request.user, code, pk)
    again = draw_again(found)
    pages = [_drawn_page(found), _rule_page(found, again), _population_page(found, again)]
    content = excel_book(pages, made_at=found.drawn_at)
    return handed_out(
        request, content, f"{found.project.code}-sample-{found.pk}", thing=found, what="sample"
    )


def _drawn_page(sample: VoucherSample) -> SheetOfRows:
    currency = sample.project.currency
    rows: list[list[CellValue]] = [
        [
            *(row.number, row.expenditure_key, row.voucher, row.spent_on),
            *(row.amount, row.currency, row.rate, cents(row.amount * row.rate), row.units),
            row.expenditure.description if row.expenditure else _("deleted from the books since"),
        ]
        for row in sample.vouchers.select_related("expenditure")
    ]
    head = [
        *(_("No."), _("Row of the books"), _("Voucher number"), _("Date")),
        *(_("Amount"), _("Currency"), _("Rate")),
        _("Amount in %(currency)s") % {"currency": currency},
        *(_("Units drawn"), _("Description")),
    ]
    return SheetOfRows(_("Sample"), head, rows, [6, 10, 18, 12, 14, 9, 12, 16, 10, 50])


def _rule_page(sample: VoucherSample, again: DrawnAgain) -> SheetOfRows:
    drawn = f"{day(sample.drawn_at)}, {clock(sample.drawn_at)}"
    rows: list[list[CellValue]] = [
        [_("Project"), sample.project.code],
        [_("Rule"), sample.get_rule_display()],
        [_("Seed"), sample.seed],
        [_("How many"), sample.size],
        [_("From"), sample.starts_on],
        [_("To"), sample.ends_on],
        [_("Vouchers to draw from"), sample.population_count],
        [_("Their value"), cents(sample.population_value)],
        [_("SHA-256 of their list"), sample.population_sha256],
        [_("Drawn"), drawn],
        [_("The list is the same today"), _("yes") if again.same_population else _("no")],
        [_("Drawn again, the sample is the same"), _("yes") if again.same_sample else _("no")],
    ]
    return SheetOfRows(_("Rule"), [_("What"), _("Value")], rows, [36, 70])


def _population_page(sample: VoucherSample, again: DrawnAgain) -> SheetOfRows:
    rows: list[list[CellValue]] = [
        [one.key, one.spent_on, one.voucher, one.amount, one.currency, one.rate]
        for one in again.population.vouchers
    ]
    head = [
        *(_("Row of the books"), _("Date"), _("Voucher number")),
        *(_("Amount"), _("Currency"), _("Rate")),
    ]
    return SheetOfRows(_("Vouchers today"), head, rows, [10, 12, 18, 14, 9, 12])
