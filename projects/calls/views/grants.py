"""Pages of grants: preparation, signature and steps, instalments, the reports of the grantee, and the
support given."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.channel import Channel
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    save_page,
    saved,
    trail,
)
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
from projects.pages import handed_file, project_tabs, reverse_in, visible_project
from projects.permissions.calls import (
    is_grantee,
    may_judge_report,
    may_note_support,
    may_pay,
    may_submit_report,
    visible_grants,
)
from projects.permissions.roles import may_edit, works_for
from projects.records import PartPages, ProjectRecords

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


def grant_crumbs(grant: Grant) -> Crumbs:
    return trail(grant.project, (_("Calls"), reverse_in(grant.project, "calls")), grant)


def grant_url(grant: Grant, name: str, *args: Any) -> str:
    return reverse_in(grant.project, name, grant.pk, *args)


class GrantPages(ProjectRecords[Grant]):
    """A grant and its form: for one without a call; that of a proposal is prepared from it."""

    model, form_class = Grant, GrantForm
    name, names, page_template = "grant", "grants", "projects/grant.html"
    has_list, can_be_removed = False, False
    title = gettext_lazy("Calls")
    new_title, edit_title = gettext_lazy("New grant"), gettext_lazy("Edit the grant")
    saved_sentence = gettext_lazy("The grant was saved.")

    def list_url(self) -> str:
        return self.url("calls")

    def rows(self) -> QuerySet[Grant]:
        return visible_grants(self.request.user, self.place).with_related()

    def new_record(self) -> Grant:
        return Grant(project=self.place, currency=self.place.currency)

    def ask_editor(self) -> None:
        if pk := self.kwargs.get("pk"):
            self.record(self.rows(), pk)  # a reader who may not see it gets 404
        super().ask_editor()

    def form(self, grant: Grant) -> GrantForm:
        ask(
            grant.status == Grant.Status.PREPARED,
            _("The agreement is signed: its terms can no longer change."),
        )
        return GrantForm(posted(self.request), instance=grant, user=self.request.user)

    def page_context(self, grant: Grant) -> dict[str, Any]:
        user = self.request.user
        instalments = list(grant.instalments.select_related("advance"))
        return {
            "tabs": project_tabs(user, self.place, "calls"),
            "instalments": instalments,
            "paid": sum(each.amount for each in instalments if each.paid_on),
            "left": grant.amount - sum(each.amount for each in instalments),
            "reports": [
                {
                    "report": report,
                    "may_submit": may_submit_report(user, report),
                    "may_judge": may_judge_report(user, report),
                }
                for report in grant.reports.prefetch_related("files")
            ],
            "support": list(grant.support.select_related("by")),
            "shows_names": works_for(user, self.place),
            "may_pay": grant.may_be_paid and may_pay(user, grant),
            "may_note": may_note_support(user, grant),
            "may_sign": self.edits and grant.may_take("sign"),
            "steps": [
                {"label": grant.STEPS[verb].label, "url": grant_url(grant, "grant-step", verb)}
                for verb in STEPS
                if self.edits and grant.may_take(verb)
            ],
            "history": list(grant.status_changes),
        }


def grant_save_page(
    request: Request, form: forms.BaseForm, grant: Grant, *args: Any, **page: Any
) -> HttpResponse:
    return save_page(request, form, *args, crumbs=grant_crumbs(grant), **page)


@READ_OR_SAVE
def grant_prepare(request: Request, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    project = proposal.call.project
    form = PrepareGrantForm(posted(request), user=request.user, project=project)
    return save_page(
        request,
        form,
        lambda: prepare_grant(proposal, by=request.user, **form.cleaned_data),
        sentence=_("The grant is prepared; record the signature next."),
        to=lambda grant: grant,
        title=_("Prepare the grant"),
        intro=str(proposal),
        crumbs=trail(project, (_("Calls"), reverse_in(project, "calls")), proposal),
    )


@READ_OR_SAVE
def grant_sign(request: Request, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    form = GrantSignatureForm(posted(request))
    return grant_save_page(
        request,
        form,
        grant,
        lambda: sign_grant(
            grant,
            reference=form.cleaned_data["reference"],
            signed_on=form.cleaned_data["on"],
            by=request.user,
        ),
        sentence=_("The signature was recorded."),
        title=_("Record the signature"),
    )


@READ_OR_SAVE
def grant_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    if verb not in STEPS:
        raise Http404
    grant = editable_grant(request.user, code, pk)
    form = GrantStepForm(posted(request))
    sentence = _("The grant is now: %(status)s.")
    return grant_save_page(
        request,
        form,
        grant,
        lambda: take_grant_step(grant, verb, by=request.user, **form.cleaned_data),
        sentence=lambda _done: sentence % {"status": grant.get_status_display()},
        title=grant.STEPS[verb].label,
        danger=verb == "end",
    )


# --- Instalments, reports and support ---


class InstalmentPages(PartPages[Instalment]):
    model, form_class, place_name = Instalment, InstalmentForm, "grant"
    name, names, key = "instalment", "instalments", "instalment_pk"
    prefix = "<str:code>/grants/<int:pk>/"
    new_title, edit_title = gettext_lazy("Plan an instalment"), gettext_lazy("Edit the instalment")
    saved_sentence = gettext_lazy("The instalment was saved.")

    def find_place(self) -> Grant:
        return editable_grant(self.request.user, self.kwargs["code"], self.kwargs["pk"])

    def crumbs(self, *_more: Any) -> Crumbs:
        return grant_crumbs(self.place)

    def rows(self) -> QuerySet[Instalment]:
        if self.request.method == "POST":
            locked_grant(self.place.pk)  # what somebody pays at the same moment does not change
        return super().rows().filter(paid_on=None)

    def new_record(self) -> Instalment:
        return Instalment(grant=self.place, number=self.place.instalments.count() + 1)

    def save(self, form: Any) -> bool:
        return bool(act(form, lambda: save_instalment(form.instance)))


@READ_OR_SAVE
def instalment_pay(request: Request, code: str, pk: int, instalment_pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    ask(
        may_pay(request.user, grant),
        _("Only finance and the coordination record payments."),
    )
    instalment = get_object_or_404(grant.instalments.all(), pk=instalment_pk)
    form = InstalmentPaymentForm(posted(request), initial={"settle_by": grant.ends_on})
    return grant_save_page(
        request,
        form,
        grant,
        lambda: pay_instalment(instalment, **form.cleaned_data),
        sentence=_("The payment was recorded."),
        title=_("Record a payment"),
        intro=str(instalment),
    )


@READ_OR_SAVE
def report_create(request: Request, code: str, pk: int) -> HttpResponse:
    grant = editable_grant(request.user, code, pk)
    ask(not grant.is_over, _("This grant is over: no further report is requested."))
    form = GrantReportRequestForm(posted(request), instance=GrantReport(grant=grant))
    sentence, title = _("The report was requested."), _("Request a report")
    return grant_save_page(request, form, grant, sentence=sentence, title=title)


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
    title, crumbs = _("Submit the report"), grant_crumbs(report.grant)
    return form_page(request, form, title=title, crumbs=crumbs, keep=True)


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
    sentence = _("The report is now: %(status)s.")
    return grant_save_page(
        request,
        form,
        report.grant,
        lambda: judge_report(report, verb, by=request.user, **form.cleaned_data),
        sentence=lambda _done: sentence % {"status": report.get_status_display()},
        to=_report_url(report),
        title=report.STEPS[verb].label,
        intro=str(report),
    )


@require_safe
def report_file(request: Request, code: str, pk: int, report_pk: int, file_pk: int) -> FileResponse:
    report = report_or_404(request.user, code, pk, report_pk)
    file = get_object_or_404(report.files.all(), pk=file_pk)
    return handed_file(
        request, file, f"{_('Report')} {report.pk}-{file.pk}", thing=report, file=file.pk
    )


@READ_OR_SAVE
def support_create(request: Request, code: str, pk: int) -> HttpResponse:
    grant = grant_or_404(request.user, code, pk)
    ask(
        may_note_support(request.user, grant),
        _("Monitoring and the coordination record the support given."),
    )
    form = SupportNoteForm(posted(request), instance=SupportNote(grant=grant, by=request.user))
    sentence, title = _("The note was saved."), _("Record support given")
    return grant_save_page(request, form, grant, sentence=sentence, title=title)
