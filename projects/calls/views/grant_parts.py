"""Pages of the instalments of a grant, the reports of the grantee and the support given."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent, User
from kernel.channel import Channel
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    delete_page,
    posted,
    posted_files,
    saved,
)
from projects.calls.forms.grants import (
    GrantReportForm,
    GrantReportRequestForm,
    GrantReportReviewForm,
    InstalmentForm,
    InstalmentPaymentForm,
    SupportNoteForm,
)
from projects.calls.services.grants import (
    judge_report,
    locked_grant,
    pay_instalment,
    save_instalment,
    submit_report,
)
from projects.calls.views.grants import (
    editable_grant,
    grant_crumbs,
    grant_form_page,
    grant_or_404,
    grant_url,
)
from projects.models import GrantReport, Instalment, SupportNote
from projects.permissions.grants import (
    is_grantee,
    may_judge_report,
    may_note_support,
    may_pay,
    may_submit_report,
)
from projects.permissions.roles import may_edit, works_for


@READ_OR_SAVE
def instalment_form(
    request: Request, code: str, pk: int, instalment_pk: int | None = None
) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    instalment = Instalment(grant=grant, number=grant.instalments.count() + 1)
    title = _("Plan an instalment")
    if instalment_pk is not None:
        instalment = get_object_or_404(grant.instalments.filter(paid_on=None), pk=instalment_pk)
        title = _("Edit the instalment")
    form = InstalmentForm(posted(request), instance=instalment)
    if (
        request.method == "POST"
        and form.is_valid()
        and act(form, lambda: save_instalment(instalment))
    ):
        return saved(request, _("The instalment was saved."), grant)
    delete_url = grant_url(grant, "instalment-delete", instalment_pk) if instalment_pk else ""
    return grant_form_page(request, form, grant, title, delete_url=delete_url)


@READ_OR_SAVE
def instalment_delete(request: Request, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    if request.method == "POST":
        locked_grant(pk)  # an instalment that somebody pays at the same moment is not deleted
    instalment = get_object_or_404(grant.instalments.filter(paid_on=None), pk=instalment_pk)
    back = grant.get_absolute_url()
    return delete_page(request, instalment, back=back, done=back, crumbs=grant_crumbs(grant))


@READ_OR_SAVE
def instalment_pay(request: Request, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    ask(
        may_pay(request.user, grant),
        _("Only finance and the coordination record payments."),
    )
    instalment = get_object_or_404(grant.instalments.all(), pk=instalment_pk)
    form = InstalmentPaymentForm(posted(request), initial={"settle_by": grant.ends_on})
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: pay_instalment(instalment, **facts)):
            return saved(request, _("The payment was recorded."), grant)
    return grant_form_page(request, form, grant, _("Record a payment"), intro=str(instalment))


@READ_OR_SAVE
def report_create(request: Request, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    ask(not grant.is_over, _("This grant is over: no further report is requested."))
    form = GrantReportRequestForm(posted(request), instance=GrantReport(grant=grant))
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The report was requested."), grant)
    return grant_form_page(request, form, grant, _("Request a report"))


def report_or_404(user: User, code: str, pk: int, report_pk: int) -> GrantReport:
    grant = grant_or_404(user, code, pk)
    return get_object_or_404(grant.reports, pk=report_pk)


@require_safe
def report(request: Request, code: str, pk: int, report_pk: int) -> HttpResponse:
    report = report_or_404(request.user, code, pk, report_pk)
    context = {
        "report": report,
        "grant": report.grant,
        "project": report.grant.project,
        "files": list(report.files.all()),
        "may_submit": may_submit_report(request.user, report),
        "may_judge": may_judge_report(request.user, report),
        "shows_names": works_for(request.user, report.grant.project),
        "history": list(report.status_changes),
        "crumbs": grant_crumbs(report.grant),
    }
    return render(request, "projects/grant_report.html", context)


@READ_OR_SAVE
def report_submit(request: Request, code: str, pk: int, report_pk: int) -> HttpResponse:
    """Submits a report: the grantee's own, or one that the coordination enters with its channel."""
    report = report_or_404(request.user, code, pk, report_pk)
    own = is_grantee(request.user, report.grant)
    ask(
        own or may_edit(request.user, report.grant.project),
        _(
            "The grantee submits its reports; the coordination enters those received in "
            "another way."
        ),
    )
    form = GrantReportForm(
        posted(request),
        posted_files(request),
        entered=not own,
        initial={"narrative": report.narrative, "financial": report.financial},
    )
    if form.is_valid():
        facts = dict(form.cleaned_data)
        del facts["no_victim_data"]
        facts.setdefault("channel", Channel.PORTAL)
        facts.setdefault("received_on", report.grant.project.today)
        if act(form, lambda: submit_report(report, by=request.user, **facts)):
            return saved(request, _("The report was submitted."), _report_url(report))
    if not report.is_open:
        return redirect(_report_url(report))
    return grant_form_page(request, form, report.grant, _("Submit the report"), keep=True)


def _report_url(report: GrantReport) -> str:
    return grant_url(report.grant, "grant-report", report.pk)


@READ_OR_SAVE
def report_judge(request: Request, code: str, pk: int, report_pk: int, verb: str) -> HttpResponse:
    if verb not in ("accept", "return"):
        raise Http404
    report = report_or_404(request.user, code, pk, report_pk)
    ask(
        may_judge_report(request.user, report),
        _("Monitoring and the coordination accept submitted reports, never their own."),
    )
    form = GrantReportReviewForm(posted(request))
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: judge_report(report, verb, by=request.user, **facts)):
            status = report.get_status_display()
            messages.success(request, _("The report is now: %(status)s.") % {"status": status})
            return redirect(_report_url(report))
    return grant_form_page(request, form, report.grant, report.STEPS[verb].label, intro=str(report))


@require_safe
def report_file(request: Request, code: str, pk: int, report_pk: int, file_pk: int) -> FileResponse:
    report = report_or_404(request.user, code, pk, report_pk)
    file = get_object_or_404(report.files.all(), pk=file_pk)
    answer = serve(file, filename=f"{_('Report')} {report.pk}-{file.pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=report, file=file.pk)
    return answer


@READ_OR_SAVE
def support_create(request: Request, code: str, pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    ask(
        may_note_support(request.user, grant),
        _("Monitoring and the coordination record the support given."),
    )
    form = SupportNoteForm(posted(request), instance=SupportNote(grant=grant, by=request.user))
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The note was saved."), grant)
    return grant_form_page(request, form, grant, _("Record support given"))
