"""Pages of the ledger of amendments and of the steps of each.

The pages on which the committee recommends an amendment and puts it into effect are in
`committees`.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.lifecycle import StatusChange
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sorting import RowOrders, SortedRows, by_label
from projects.amendments.forms import (
    AmendmentFilterForm,
    AmendmentForm,
    DonorAnswerForm,
    SubmitAmendmentForm,
)
from projects.amendments.services.amendments import record_donor_answer, submit_amendment
from projects.models import Amendment, AmendmentFile
from projects.pages import (
    Chain,
    editable_project,
    no_chain,
    project_tabs,
    reverse_in,
    visible_project,
)
from projects.permissions.amendments import (
    may_keep_amendment_files,
    may_record_donor_answer,
    may_see_amounts,
    visible_amendments,
)
from projects.permissions.roles import may_edit, works_for


def _may_submit(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)


# Who may take the steps of these pages.
MAY = {
    "submit": _may_submit,
    "approve": may_record_donor_answer,
    "refuse": may_record_donor_answer,
}
ANSWERS = {"approve", "refuse"}
OF_COMMITTEE = AmendmentFile.Category.RECOMMENDATION
ORDERS: RowOrders = {
    "amendment": "number",
    "recommended": "recommended_on",
    "submitted": "submitted_on",
    "answer": "donor_decided_on",
    "status": lambda: by_label("status", dict(Amendment.Status.choices)),
}
OF_DONOR = {AmendmentFile.Category.REQUEST, AmendmentFile.Category.ANSWER}


@require_safe
def amendment_list(
    request: Request,
    code: str,
    *,
    template: str = "projects/amendments.html",
) -> HttpResponse:
    project = visible_project(request.user, code)
    amendments = visible_amendments(request.user, project)
    form = AmendmentFilterForm(request.GET)
    form.is_valid()
    sorting = SortedRows(request, ORDERS)
    page = page_of(request, list(sorting.of(form.narrow(amendments).with_dates())))
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "amendments"),
        "form": form,
        "page": page,
        "sorting": sorting,
        "amendments": list(page),
        "is_filtered": any(form.cleaned_data.values()),
        "shows_amounts": may_see_amounts(request.user, project),
        "may_edit": may_edit(request.user, project),
        "crumbs": trail(project),
    }
    return render(request, template, context)


@require_safe
def amendment(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/amendment.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = visible_project(request.user, code)
    amendments = visible_amendments(request.user, project)
    amendment = get_object_or_404(amendments.with_dates(), pk=pk)
    amendment.project = project
    shows_amounts = may_see_amounts(request.user, project)
    context = _amendment_context(request.user, amendment, reads_files=shows_amounts)
    context["shows_amounts"] = shows_amounts
    return render(request, template, context | chain(request.user, amendment))


def _amendment_context(user: User, amendment: Amendment, *, reads_files: bool) -> dict[str, Any]:
    project = amendment.project
    is_draft = amendment.status == Amendment.Status.DRAFT
    steps = [verb for verb in amendment.open_steps if verb in MAY and MAY[verb](user, amendment)]
    history = list(amendment.status_changes)
    files = list(amendment.files.all()) if reads_files else []
    return {
        "project": project,
        "amendment": amendment,
        "may_edit": is_draft and may_edit(user, project),
        "steps": [
            {
                "label": amendment.STEPS[verb].label,
                "url": reverse_in(project, "amendment-step", amendment.pk, verb),
                "is_next": number == 0,
            }
            for number, verb in enumerate(steps)
        ],
        "of_committee": [kept for kept in files if kept.category == OF_COMMITTEE],
        "of_donor": [kept for kept in files if kept.category in OF_DONOR],
        "other_files": [kept for kept in files if kept.category not in {OF_COMMITTEE, *OF_DONOR}],
        "may_keep_files": may_keep_amendment_files(user, amendment),
        "skipped": next((step.why for step in history if _skips_the_committee(step)), ""),
        "shows_names": works_for(user, project),
        "history": history,
        "crumbs": amendment_crumbs(amendment),
    }


def _skips_the_committee(step: StatusChange) -> bool:
    return (step.verb, step.from_status) == ("submit", Amendment.Status.DRAFT)


def amendment_crumbs(amendment: Amendment, *more: HasPage | tuple[str, str]) -> Crumbs:
    ledger = reverse_in(amendment.project, "amendments")
    return trail(amendment.project, (_("Amendments"), ledger), *more)


@READ_OR_SAVE
def amendment_create(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    new = Amendment(project=project)
    return _amendment_form(request, new, _("New amendment"), amendment_crumbs(new))


@READ_OR_SAVE
def amendment_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    amendment = get_object_or_404(locked(request, project.amendments.all()), pk=pk)
    if amendment.status != Amendment.Status.DRAFT:
        return _no_longer_a_draft(request, amendment)
    crumbs = amendment_crumbs(amendment, amendment)
    return _amendment_form(request, amendment, _("Edit the amendment"), crumbs)


def _amendment_form(
    request: Request, amendment: Amendment, title: str, crumbs: Crumbs
) -> HttpResponse:
    form = AmendmentForm(posted(request), instance=amendment)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The amendment was saved."), amendment)
    project = amendment.project
    delete_url = reverse_in(project, "amendment-delete", amendment.pk) if amendment.pk else ""
    return form_page(
        request, form, title=title, back=crumbs[-1].url, crumbs=crumbs, delete_url=delete_url
    )


def _no_longer_a_draft(request: Request, amendment: Amendment) -> HttpResponse:
    messages.error(
        request, _("Only a draft can be changed; this amendment has gone further. Enter a new one.")
    )
    return redirect(amendment)


@READ_OR_SAVE
def amendment_delete(request: Request, code: str, pk: int) -> HttpResponse:
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
def amendment_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    """Submits an amendment, or records the donor's answer, with its day and document."""
    project = visible_project(request.user, code)
    amendment = get_object_or_404(visible_amendments(request.user, project), pk=pk)
    if verb not in MAY:
        raise Http404
    ask(
        MAY[verb](request.user, amendment),
        _("Only the coordination and the donor can do this. Ask your coordinator."),
    )
    form = _step_form(request, amendment, verb)
    if request.method == "POST" and form.is_valid():
        return _take_step(request, amendment, verb, form)
    if not amendment.may_take(verb):
        return _came_too_late(request, amendment)
    return form_page(
        request,
        form,
        title=amendment.STEPS[verb].label,
        intro=f"{amendment}: {amendment.title}",
        back=amendment.get_absolute_url(),
        crumbs=amendment_crumbs(amendment, amendment),
    )


def _step_form(
    request: Request, amendment: Amendment, verb: str
) -> SubmitAmendmentForm | DonorAnswerForm:
    typed = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if verb in ANSWERS:
        asked = amendment.status_changes.filter(verb="submit").order_by("-pk")
        submitted_on = asked.values_list("happened_on", flat=True).first()
        return DonorAnswerForm(*typed, verb=verb, submitted_on=submitted_on)
    return SubmitAmendmentForm(*typed, amendment=amendment)


def _came_too_late(request: Request, amendment: Amendment) -> HttpResponse:
    if request.method == "POST":
        status = amendment.get_status_display()
        messages.info(request, _("The amendment is now: %(status)s.") % {"status": status})
    return redirect(amendment)


def _take_step(
    request: Request, amendment: Amendment, verb: str, form: SubmitAmendmentForm | DonorAnswerForm
) -> HttpResponse:
    facts = form.cleaned_data
    step = {"by": request.user, "on": facts["on"], "why": facts.get("why", "")}
    if verb in ANSWERS:
        answer = {"reference": facts["reference"], "letter": facts["upload"]}
        taken = act(request, lambda: record_donor_answer(amendment, verb, **step, **answer))
    else:
        letter = facts["upload"]
        taken = act(request, lambda: submit_amendment(amendment, request=letter, **step))
    if taken:
        status = amendment.get_status_display()
        messages.success(request, _("The amendment is now: %(status)s.") % {"status": status})
    return redirect(amendment)
