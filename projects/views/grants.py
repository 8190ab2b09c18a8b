"""Grants: the page of one, its signature and steps, instalments, reports and support."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent, User
from accounts.services import send_invitation
from kernel.files import serve
from kernel.lifecycle import TransitionError
from projects.forms.grants import (
    AskReportForm,
    GrantForm,
    GrantStepForm,
    InstalmentForm,
    JudgeForm,
    PaymentForm,
    PrepareGrantForm,
    ReportForm,
    SignatureForm,
    SupportForm,
)
from projects.forms.proposals import explain
from projects.models import Channel, Grant, GrantReport, Instalment, SupportNote
from projects.permissions import (
    is_grantee,
    may_edit,
    may_judge_report,
    may_note_support,
    may_pay,
    may_submit_report,
    visible_grants,
    works_for,
)
from projects.services.awards import prepare_grant
from projects.services.grants import (
    judge_report,
    pay_instalment,
    save_instalment,
    sign_grant,
    submit_report,
    take_grant_step,
)
from projects.views.pages import (
    READ_OR_SAVE,
    Crumbs,
    atomic_post,
    delete_page,
    demand,
    editable_project,
    form_page,
    project_crumbs,
    project_tabs,
    reverse_in,
    saved,
    visible_project,
)
from projects.views.proposals import editable_proposal

STEPS = ("start", "close", "end")


def grant_or_404(user: User, code: str, pk: int) -> Grant:
    project = visible_project(user, code)
    grant = get_object_or_404(visible_grants(user, project).with_related(), pk=pk)
    grant.project = project
    return grant


def editable_grant(user: User, code: str, pk: int) -> Grant:
    grant = grant_or_404(user, code, pk)
    demand(may_edit(user, grant.project))
    return grant


def grant_crumbs(grant: Grant, *, inside: bool = True) -> Crumbs:
    calls = (_("Calls"), reverse_in(grant.project, "calls"))
    more = [(str(grant), grant.get_absolute_url())] if inside and grant.pk else []
    return project_crumbs(grant.project, calls, *more)


@require_safe
def grant(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    user = request.user
    grant = grant_or_404(user, code, pk)
    instalments = list(grant.instalments.all())
    reports = list(grant.reports.prefetch_related("files"))
    for report in reports:
        report.grant = grant
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
            {"label": grant.STEPS[verb].label, "url": _url(grant, "grant-step", verb)}
            for verb in STEPS
            if editing and grant.may_take(verb)
        ],
        "history": list(grant.status_changes),
    }
    return render(request, "projects/grant.html", context)


def _url(grant: Grant, name: str, *args: Any) -> str:
    return reverse_in(grant.project, name, grant.pk, *args)


def _page(
    request: HttpRequest, form: forms.BaseForm, grant: Grant, title: str, **context: Any
) -> HttpResponse:
    back = grant.get_absolute_url() if grant.pk else reverse_in(grant.project, "calls")
    return form_page(request, form, title=title, back=back, crumbs=grant_crumbs(grant), **context)


def _done(form: forms.BaseForm, act: Callable[[], Any]) -> bool:
    """Act, and say at the form why not where that cannot be."""
    try:
        act()
    except (ValidationError, TransitionError) as error:
        known = isinstance(error, ValidationError)
        explain(form, error if known else ValidationError(str(error)))
        return False
    return True


@READ_OR_SAVE
@atomic_post
def grant_create(request: HttpRequest, code: str) -> HttpResponse:
    """A grant without a call; that of a proposal begins at the proposal."""
    project = editable_project(request.user, code)
    return _grant_form(request, Grant(project=project, currency=project.currency), _("New grant"))


@READ_OR_SAVE
@atomic_post
def grant_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    demand(
        grant.status == Grant.Status.PREPARED,
        _("The agreement is signed: its terms stand."),
    )
    return _grant_form(request, grant, _("Edit the grant"))


def _grant_form(request: HttpRequest, grant: Grant, title: str) -> HttpResponse:
    form = GrantForm(request.POST or None, instance=grant, user=request.user)
    if request.method == "POST" and form.is_valid() and form.save_or_explain():
        return saved(request, _("The grant was saved."), grant)
    return _page(request, form, grant, title)


@READ_OR_SAVE
def grant_prepare(request: HttpRequest, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    project = proposal.call.project
    form = PrepareGrantForm(request.POST or None, user=request.user, project=project)
    if request.method == "POST" and form.is_valid():
        terms = dict(form.cleaned_data)
        institution = terms.pop("institution")
        made: list[Grant] = []
        if _done(
            form,
            lambda: made.append(prepare_grant(proposal, institution, by=request.user, **terms)),
        ):
            _welcome(made[0])
            return saved(request, _("The grant is prepared; record the signature next."), made[0])
    calls = (_("Calls"), reverse_in(project, "calls"))
    return form_page(
        request,
        form,
        title=_("Prepare the grant"),
        intro=str(proposal),
        back=proposal.get_absolute_url(),
        crumbs=project_crumbs(project, calls, (str(proposal), proposal.get_absolute_url())),
    )


def _welcome(grant: Grant) -> None:
    """Once the account is committed, tell the contact person how to sign in."""
    people = grant.institution.contacts.current().filter(user__last_login=None)
    for contact in people.exclude(user=None).select_related("user"):
        send_invitation(contact.user)


@READ_OR_SAVE
def grant_sign(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    form = SignatureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {"reference": form.cleaned_data["reference"], "signed_on": form.cleaned_data["on"]}
        if _done(form, lambda: sign_grant(grant, by=request.user, **facts)):
            return saved(request, _("The signature was recorded."), grant)
    return _page(request, form, grant, _("Record the signature"))


@READ_OR_SAVE
def grant_step(request: HttpRequest, code: str, pk: int, verb: str) -> HttpResponse:
    if verb not in STEPS:
        raise Http404
    grant = editable_grant(request.user, code, pk)
    form = GrantStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if _done(form, lambda: take_grant_step(grant, verb, by=request.user, **facts)):
            status = grant.get_status_display()
            return saved(request, _("The grant is now: %(status)s.") % {"status": status}, grant)
    return _page(request, form, grant, grant.STEPS[verb].label, danger=verb == "end")


# Instalments


@READ_OR_SAVE
@atomic_post
def instalment_create(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    new = Instalment(grant=grant, number=grant.instalments.count() + 1)
    return _instalment_form(request, new, _("Plan an instalment"))


@READ_OR_SAVE
@atomic_post
def instalment_edit(request: HttpRequest, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    instalment = get_object_or_404(grant.instalments.filter(paid_on=None), pk=instalment_pk)
    instalment.grant = grant
    return _instalment_form(request, instalment, _("Edit the instalment"))


def _instalment_form(request: HttpRequest, instalment: Instalment, title: str) -> HttpResponse:
    grant = instalment.grant
    form = InstalmentForm(request.POST or None, instance=instalment)
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: save_instalment(instalment))
    ):
        return saved(request, _("The instalment was saved."), grant)
    delete_url = _url(grant, "instalment-delete", instalment.pk) if instalment.pk else ""
    return _page(request, form, grant, title, delete_url=delete_url)


@READ_OR_SAVE
@atomic_post
def instalment_delete(request: HttpRequest, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    instalment = get_object_or_404(grant.instalments.filter(paid_on=None), pk=instalment_pk)
    back = grant.get_absolute_url()
    return delete_page(request, instalment, back=back, done=back, crumbs=grant_crumbs(grant))


@READ_OR_SAVE
def instalment_pay(request: HttpRequest, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    demand(
        may_pay(request.user, grant),
        _("Only finance and the coordination record payments."),
    )
    instalment = get_object_or_404(grant.instalments.all(), pk=instalment_pk)
    form = PaymentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if _done(form, lambda: pay_instalment(instalment, **facts)):
            return saved(request, _("The payment was recorded."), grant)
    return _page(request, form, grant, _("Record a payment"), intro=str(instalment))


# Reports


@READ_OR_SAVE
@atomic_post
def report_create(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    form = AskReportForm(request.POST or None, instance=GrantReport(grant=grant))
    if request.method == "POST" and form.is_valid() and form.save_or_explain():
        return saved(request, _("The report is asked for."), grant)
    return _page(request, form, grant, _("Ask for a report"))


def report_or_404(user: User, code: str, pk: int, report_pk: int) -> GrantReport:
    grant = grant_or_404(user, code, pk)
    report = get_object_or_404(grant.reports.all(), pk=report_pk)
    report.grant = grant
    return report


@require_safe
def report(request: HttpRequest, code: str, pk: int, report_pk: int) -> HttpResponse:
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
def report_submit(request: HttpRequest, code: str, pk: int, report_pk: int) -> HttpResponse:
    """By the grantee online, or by the coordination with channel and day."""
    report = report_or_404(request.user, code, pk, report_pk)
    own = is_grantee(request.user, report.grant)
    demand(
        own or may_edit(request.user, report.grant.project),
        _("The grantee submits its reports; the coordination enters what came otherwise."),
    )
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        entered=not own,
        initial={"narrative": report.narrative, "financial": report.financial},
    )
    if request.method == "POST" and form.is_valid():
        facts = dict(form.cleaned_data)
        del facts["no_victim_data"]
        facts.setdefault("channel", Channel.PORTAL)
        facts.setdefault("received_on", report.grant.project.today)
        if _done(form, lambda: submit_report(report, by=request.user, **facts)):
            return saved(request, _("The report was submitted."), _report_url(report))
    if not report.is_open:
        return redirect(_report_url(report))
    return _page(request, form, report.grant, _("Submit the report"), keep=True)


def _report_url(report: GrantReport) -> str:
    return _url(report.grant, "grant-report", report.pk)


@READ_OR_SAVE
def report_judge(
    request: HttpRequest, code: str, pk: int, report_pk: int, verb: str
) -> HttpResponse:
    if verb not in ("accept", "return"):
        raise Http404
    report = report_or_404(request.user, code, pk, report_pk)
    demand(
        may_judge_report(request.user, report),
        _("Monitoring and the coordination accept submitted reports, never their own."),
    )
    form = JudgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if _done(form, lambda: judge_report(report, verb, by=request.user, **facts)):
            status = report.get_status_display()
            messages.success(request, _("The report is now: %(status)s.") % {"status": status})
            return redirect(_report_url(report))
    return _page(request, form, report.grant, report.STEPS[verb].label, intro=str(report))


@require_safe
def report_file(
    request: HttpRequest, code: str, pk: int, report_pk: int, file_pk: int
) -> FileResponse:
    report = report_or_404(request.user, code, pk, report_pk)
    file = get_object_or_404(report.files.all(), pk=file_pk)
    answer = serve(file, filename=f"{_('Report')} {report.pk}-{file.pk}")
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=report, file=file.pk)
    return answer


# Support


@READ_OR_SAVE
@atomic_post
def support_create(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    demand(
        may_note_support(request.user, grant),
        _("Monitoring and the coordination note the support that was given."),
    )
    form = SupportForm(request.POST or None, instance=SupportNote(grant=grant, by=request.user))
    if request.method == "POST" and form.is_valid() and form.save_or_explain():
        return saved(request, _("The note was saved."), grant)
    return _page(request, form, grant, _("Note support given"))
