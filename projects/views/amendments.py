"""The ledger of amendments, and what becomes of each: the committee recommends, the donor
approves. Recommending and putting into effect belong to `committees`."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.lifecycle import TransitionError
from projects.forms.changes import AmendmentForm, DonorAnswerForm
from projects.models import Amendment
from projects.permissions import (
    may_edit,
    may_record_donor_answer,
    roles_of,
    visible_amendments,
    works_for,
)
from projects.views.pages import (
    READ_OR_SAVE,
    Chain,
    Crumbs,
    Roles,
    atomic_post,
    delete_page,
    demand,
    editable_project,
    form_page,
    locked,
    no_chain,
    project_crumbs,
    project_tabs,
    reverse_in,
    saved,
    visible_project,
)


def _may_submit(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)


# The steps of this app's pages; both answers of the donor carry their day and reference.
MAY = {
    "submit": _may_submit,
    "approve": may_record_donor_answer,
    "refuse": may_record_donor_answer,
}
ANSWERS = {"approve", "refuse"}


@require_safe
def amendment_list(
    request: HttpRequest,
    code: str,
    *,
    template: str = "projects/amendments.html",
    roles: Roles = roles_of,
) -> HttpResponse:
    project = visible_project(request.user, code)
    amendments = visible_amendments(request.user, project, roles(request.user, project))
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "amendments", roles),
        "amendments": list(amendments.with_recommendation()),
        "may_edit": may_edit(request.user, project),
        "crumbs": project_crumbs(project),
    }
    return render(request, template, context)


@require_safe
def amendment(
    request: HttpRequest,
    code: str,
    pk: int,
    *,
    template: str = "projects/amendment.html",
    chain: Chain = no_chain,
    roles: Roles = roles_of,
) -> HttpResponse:
    project = visible_project(request.user, code)
    amendments = visible_amendments(request.user, project, roles(request.user, project))
    amendment = get_object_or_404(amendments.with_recommendation(), pk=pk)
    amendment.project = project
    context = _amendment_facts(request.user, amendment)
    return render(request, template, context | chain(request.user, amendment))


def _amendment_facts(user: User, amendment: Amendment) -> dict:
    project = amendment.project
    is_draft = amendment.status == Amendment.Status.DRAFT
    steps = [verb for verb in amendment.open_steps if verb in MAY and MAY[verb](user, amendment)]
    return {
        "project": project,
        "amendment": amendment,
        "may_edit": is_draft and may_edit(user, project),
        "steps": [
            {
                "label": amendment.STEPS[verb].label,
                "url": reverse_in(project, "amendment-step", amendment.pk, verb),
                "asks": verb in ANSWERS,
            }
            for verb in steps
        ],
        "shows_names": works_for(user, project),
        "history": list(amendment.status_changes),
        "crumbs": amendment_crumbs(amendment),
    }


def amendment_crumbs(amendment: Amendment, *more: tuple[str, str]) -> Crumbs:
    ledger = reverse_in(amendment.project, "amendments")
    return project_crumbs(amendment.project, (_("Amendments"), ledger), *more)


@READ_OR_SAVE
@atomic_post
def amendment_create(request: HttpRequest, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    new = Amendment(project=project)
    return _amendment_form(request, new, _("New amendment"), amendment_crumbs(new))


@READ_OR_SAVE
@atomic_post
def amendment_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    amendment = get_object_or_404(locked(request, project.amendments.all()), pk=pk)
    if amendment.status != Amendment.Status.DRAFT:
        return _no_longer_a_draft(request, amendment)
    crumbs = amendment_crumbs(amendment, (str(amendment), amendment.get_absolute_url()))
    return _amendment_form(request, amendment, _("Edit the amendment"), crumbs)


def _amendment_form(
    request: HttpRequest, amendment: Amendment, title: str, crumbs: Crumbs
) -> HttpResponse:
    form = AmendmentForm(request.POST or None, instance=amendment)
    if request.method == "POST" and form.is_valid() and form.save_or_explain():
        return saved(request, _("The amendment was saved."), amendment)
    project = amendment.project
    delete_url = reverse_in(project, "amendment-delete", amendment.pk) if amendment.pk else ""
    return form_page(
        request, form, title=title, back=crumbs[-1]["url"], crumbs=crumbs, delete_url=delete_url
    )


def _no_longer_a_draft(request: HttpRequest, amendment: Amendment) -> HttpResponse:
    messages.error(
        request, _("Only a draft can be changed; this amendment went further. Enter a new one.")
    )
    return redirect(amendment)


@READ_OR_SAVE
@atomic_post
def amendment_delete(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    amendment = get_object_or_404(locked(request, project.amendments.all()), pk=pk)
    if amendment.status != Amendment.Status.DRAFT:
        return _no_longer_a_draft(request, amendment)
    return delete_page(
        request,
        amendment,
        back=amendment.get_absolute_url(),
        done=reverse_in(project, "amendments"),
        crumbs=amendment_crumbs(amendment),
    )


@READ_OR_SAVE
def amendment_step(request: HttpRequest, code: str, pk: int, verb: str) -> HttpResponse:
    """Submit at once; record the donor's answer with its day and reference."""
    project = visible_project(request.user, code)
    amendment = get_object_or_404(visible_amendments(request.user, project), pk=pk)
    if verb not in MAY:
        raise Http404
    demand(
        MAY[verb](request.user, amendment),
        _("Only the coordination and the donor do this. Ask your coordinator."),
    )
    form = DonorAnswerForm(request.POST or None) if verb in ANSWERS else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _take(request, amendment, verb, form)
    if form is None or not amendment.may_take(verb):
        return redirect(amendment)
    return form_page(
        request,
        form,
        title=amendment.STEPS[verb].label,
        intro=f"{amendment}: {amendment.title}",
        back=amendment.get_absolute_url(),
        crumbs=amendment_crumbs(amendment, (str(amendment), amendment.get_absolute_url())),
    )


def _take(
    request: HttpRequest, amendment: Amendment, verb: str, form: DonorAnswerForm | None
) -> HttpResponse:
    facts = {}
    if form:
        answer = form.cleaned_data
        facts = {
            "on": answer["on"],
            "donor_decided_on": answer["on"],
            "donor_reference": answer["reference"],
        }
    try:
        amendment.take(verb, by=request.user, **facts)
    except TransitionError as error:
        messages.error(request, str(error))
        return redirect(amendment)
    status = amendment.get_status_display()
    return saved(request, _("The amendment is now: %(status)s.") % {"status": status}, amendment)
