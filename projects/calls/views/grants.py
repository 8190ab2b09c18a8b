"""Pages of grants: the grant itself, its preparation, signature and steps."""

from typing import Any

from django import forms
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
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.text import StrOrPromise
from projects.calls.forms.grants import (
    GrantForm,
    GrantReportForm,
    GrantReportRequestForm,
    GrantReportReviewForm,
    GrantSignatureForm,
    GrantStepForm,
    InstalmentForm,
    InstalmentPaymentForm,
    PrepareGrantForm,
    SupportNoteForm,
)
from projects.calls.services.grants import (
    judge_report,
    locked_grant,
    pay_instalment,
    save_instalment,
    sign_grant,
    submit_report,
    take_grant_step,
)
from projects.calls.services.panel import prepare_grant
from projects.calls.views.proposals import editable_proposal
from projects.models import Grant, GrantReport, Instalment, SupportNote
from projects.pages import editable_project, project_tabs, reverse_in, visible_project
from projects.permissions.calls import (
    is_grantee,
    may_judge_report,
    may_note_support,
    may_pay,
    may_submit_report,
    visible_grants,
)
from projects.permissions.roles import may_edit, works_for

STEPS = ("start", "close", "end")


def grant_or_404(user: User, code: str, pk: int) -> Grant:
    project = visible_project(user, code)
    grant = get_object_or_404(visible_grants(user, project).with_related(), pk=pk)
    grant.project = project
    return grant


def editable_grant(user: User, code: str, pk: int) -> Grant:
    grant = grant_or_404(user, code, pk)
    ask(may_edit(user, grant.project))
    return grant


def grant_crumbs(grant: Grant, *, inside: bool = True) -> Crumbs:
    calls = (_("Calls"), reverse_in(grant.project, "calls"))
    return trail(grant.project, calls, *([grant] if inside and grant.pk else []))


@require_safe
def grant(request: Request, code: str, pk: int) -> HttpResponse:
    user = request.user
    grant = grant_or_404(user, code, pk)
    instalments = list(grant.instalments.select_related("advance"))
    reports = list(grant.reports.prefetch_related("files"))
    works = works_for(user, grant.project)
    editing = may_edit(user, grant.project)
    context = {
        "grant": grant,
        "project": grant.project,
        "tabs": project_tabs(user, grant.project, "calls"),
        "crumbs": grant_crumbs(grant, inside=False),
        "instalments": instalments,
        "paid": sum(each.amount for each in instalments if each.paid_on),
        "left": grant.amount - sum(each.amount for each in instalments),
        "reports": [
            {
                "report": report,
                "may_submit": may_submit_report(user, report),
                "may_judge": may_judge_report(user, report),
            }
            for report in reports
        ],
        "support": list(grant.support.select_related("by")),
        "shows_names": works,
        "may_edit": editing,
        "may_pay": grant.may_be_paid and may_pay(user, grant),
        "may_note": may_note_support(user, grant),
        "may_sign": editing and grant.may_take("sign"),
        "steps": [
            {"label": grant.STEPS[verb].label, "url": grant_url(grant, "grant-step", verb)}
            for verb in STEPS
            if editing and grant.may_take(verb)
        ],
        "history": list(grant.status_changes),
    }
    return render(request, "projects/grant.html", context)


def grant_url(grant: Grant, name: str, *args: Any) -> str:
    return reverse_in(grant.project, name, grant.pk, *args)


def grant_form_page(
    request: Request, form: forms.BaseForm, grant: Grant, title: StrOrPromise, **context: Any
) -> HttpResponse:
    back = grant.get_absolute_url() if grant.pk else reverse_in(grant.project, "calls")
    return form_page(request, form, title=title, back=back, crumbs=grant_crumbs(grant), **context)


@READ_OR_SAVE
def grant_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    """Without a key it enters a grant without a call; that of a proposal is prepared from the
    proposal."""
    if pk is None:
        project = editable_project(request.user, code)
        grant, title = Grant(project=project, currency=project.currency), _("New grant")
    else:
        project = editable_grant(request.user, code, pk).project
        # Locked, so that a signature or instalment of the same moment is seen and not overwritten.
        grant = get_object_or_404(locked(request, project.grants.with_related()), pk=pk)
        title = _("Edit the grant")
    ask(
        grant.status == Grant.Status.PREPARED,
        _("The agreement is signed: its terms can no longer change."),
    )
    form = GrantForm(posted(request), instance=grant, user=request.user)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The grant was saved."), grant)
    return grant_form_page(request, form, grant, title)


@READ_OR_SAVE
def grant_prepare(request: Request, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    project = proposal.call.project
    form = PrepareGrantForm(posted(request), user=request.user, project=project)
    if form.is_valid():
        terms = dict(form.cleaned_data)
        institution = terms.pop("institution")
        if prepared := act(
            form, lambda: prepare_grant(proposal, institution, by=request.user, **terms)
        ):
            grant = prepared.result
            return saved(request, _("The grant is prepared; record the signature next."), grant)
    calls = (_("Calls"), reverse_in(project, "calls"))
    return form_page(
        request,
        form,
        title=_("Prepare the grant"),
        intro=str(proposal),
        back=proposal,
        crumbs=trail(project, calls, proposal),
    )


@READ_OR_SAVE
def grant_sign(request: Request, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    form = GrantSignatureForm(posted(request))
    if form.is_valid():
        facts = {"reference": form.cleaned_data["reference"], "signed_on": form.cleaned_data["on"]}
        if act(form, lambda: sign_grant(grant, by=request.user, **facts)):
            return saved(request, _("The signature was recorded."), grant)
    return grant_form_page(request, form, grant, _("Record the signature"))


@READ_OR_SAVE
def grant_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    if verb not in STEPS:
        raise Http404
    grant = editable_grant(request.user, code, pk)
    form = GrantStepForm(posted(request))
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: take_grant_step(grant, verb, by=request.user, **facts)):
            status = grant.get_status_display()
            return saved(request, _("The grant is now: %(status)s.") % {"status": status}, grant)
    return grant_form_page(request, form, grant, grant.STEPS[verb].label, danger=verb == "end")


# --- Pages of the instalments of a grant, the reports of the grantee and the support given ---


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
