"""Pages of grants: the grant itself, its preparation, signature and steps."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    locked,
    posted,
    saved,
    trail,
)
from kernel.text import StrOrPromise
from projects.calls.forms.grants import (
    GrantForm,
    GrantSignatureForm,
    GrantStepForm,
    PrepareGrantForm,
)
from projects.calls.services.awards import prepare_grant
from projects.calls.services.grants import sign_grant, take_grant_step
from projects.calls.views.proposals import editable_proposal
from projects.models import Grant
from projects.pages import editable_project, project_tabs, reverse_in, visible_project
from projects.permissions.grants import (
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
