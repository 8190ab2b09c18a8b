"""Samples of vouchers for an audit: drawn by a stated rule, kept, and drawn again to compare."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.formats import clock, day
from kernel.pages import READ_OR_SAVE, Crumbs, HasPage, Request, act, posted, saved, trail
from kernel.sheets import SheetOfRows, excel_book
from kernel.workbooks import CellValue
from projects.models import Project, VoucherSample
from projects.money.budget_figures import cents
from projects.money.forms.samples import SampleForm, suggested_sample
from projects.money.services.samples import DrawnAgain, draw_again, draw_sample
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.money import may_audit


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
        "project": project,
        "tabs": project_tabs(request.user, project, "audit"),
        "crumbs": audit_crumbs(project),
        "form": form,
        "samples": list(project.voucher_samples.select_related("drawn_by")),
    }
    return render(request, "projects/samples.html", context)


def sample_or_404(user: User, code: str, pk: int) -> VoucherSample:
    project = audited_project(user, code)
    return get_object_or_404(project.voucher_samples.select_related("drawn_by"), pk=pk)


@require_safe
def sample(request: Request, code: str, pk: int) -> HttpResponse:
    found = sample_or_404(request.user, code, pk)
    project = found.project
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "audit"),
        "crumbs": audit_crumbs(project, (_("Samples"), reverse_in(project, "samples"))),
        "sample": found,
        "vouchers": list(found.vouchers.select_related("expenditure__category")),
        "again": draw_again(found),
    }
    return render(request, "projects/sample.html", context)


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
