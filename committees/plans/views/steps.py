"""The steps of a plan: review, presentation, validation, the donor, execution."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST

from accounts.models import User
from committees.forms import WhichDecisionForm
from committees.models import ActionPlan
from committees.pages import ways_to_decide
from committees.permissions.plans import may_record_donor_answer
from committees.permissions.roles import everybody_speaking_for
from committees.plans.forms.review import (
    PlanDonorAnswerForm,
    PlanToDonorForm,
    ReturnToDraftForm,
    ReviewExtensionForm,
    ReviewExtensionForOneForm,
    ReviewOpeningForm,
)
from committees.plans.letters import plan_for_donor_letter, plan_review_letter
from committees.plans.services.lifecycle import (
    decisions_on,
    record_approval,
    record_changes_asked,
    start_plan,
    submit_to_donor,
    validate_plan,
)
from committees.plans.services.reminders import extend_for, present_plan
from committees.plans.services.removing import return_to_draft, take_back_extension
from committees.plans.services.review import (
    extend_review,
    open_review,
    still_to_answer,
)
from committees.plans.views.parts import plan_or_404, plan_trail, preselected
from committees.plans.views.writing import plan_to_write
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted
from kernel.text import StrOrPromise
from kernel.undo import FIELD
from partners.models import Institution
from projects.permissions.roles import Role, roles_of
from projects.sending.donor import donor_context, donor_recipients
from projects.sending.page import link_context, say_sent, typed, typed_day, undo_url, undone
from projects.sending.recipients import Recipient, each_once

USUAL_REVIEW = timedelta(days=14)
REVIEW_IS_OPEN = gettext_lazy("The review is open.")


@READ_OR_SAVE
def plan_submit(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if FIELD in request.POST:
        return undone(request, plan, "submit")
    found = review_recipients(plan, plan.reviewers())
    form = ReviewOpeningForm(**typed(request, proposed_deadline(plan)), plan=plan, found=found)
    if form.is_valid():
        facts = {
            "until": form.cleaned_data["until"],
            "why": form.with_delivery(),
            "lines": form.lines,
        }
        if opened := act(form, lambda: open_review(plan, by=request.user, **facts)):
            say_sent(request, REVIEW_IS_OPEN, opened.result, undo_url(request, plan, "submit"))
            return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("Open the review"),
        submit=_("Open and inform the institutions"),
        **review_context(request, plan, found, form=form),
    )


@READ_OR_SAVE
def plan_extend(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if FIELD in request.POST:
        return undone(request, plan, "extend", take_back_extension)
    silent = still_to_answer(plan)
    found = review_recipients(plan, silent)
    form = ReviewExtensionForm(
        **typed(request, proposed_deadline(plan)), plan=plan, found=found if silent else None
    )
    if form.is_valid():
        facts = {
            "until": form.cleaned_data["until"],
            "why": form.with_delivery(form.cleaned_data["why"]),
            "lines": form.lines,
        }
        if extended := act(form, lambda: extend_review(plan, **facts, by=request.user)):
            undo = undo_url(request, plan, "extend")
            say_sent(request, REVIEW_IS_OPEN, extended.result, undo)
            return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("Extend the review"),
        submit=_("Extend"),
        intro=_("The institutions that have not answered are informed of the new deadline."),
        **review_context(request, plan, found, form=form, all_answered=not silent),
    )


def review_recipients(plan: ActionPlan, institutions: Iterable[Institution]) -> list[Recipient]:
    """Return whom `notify_institutions` writes to, and whom of these institutions it cannot reach."""
    contacts = everybody_speaking_for(plan.project, institutions)
    return each_once(Recipient(contact=one, place=one.institution.short_name) for one in contacts)


def review_context(
    request: Request,
    plan: ActionPlan,
    found: list[Recipient],
    *,
    form: Form,
    why: str = "",
    all_answered: bool = False,
) -> dict[str, Any]:
    """Return what `components/sending_page.html` shows of a message about the review."""
    given = typed_day(request, "until") or proposed_deadline(plan)["until"]
    context = link_context(
        request,
        found,
        lambda url: plan_review_letter(plan, url, until=given, why=why),
        form=form,
        all_answered=all_answered,
        about=plan,
        project=plan.project,
        page="committees:plan-link",
        enter_url=reverse("projects:participations", args=[plan.project.code]),
    )
    return {"template": "components/sending_page.html", **context}


@READ_OR_SAVE
def plan_extend_for(request: Request, pk: int) -> HttpResponse:
    """Give one institution more time, which also reopens its position."""
    plan = plan_to_write(request.user, pk)
    initial = proposed_deadline(plan) | preselected(request, "institution")
    chosen = request.POST.get("institution") or initial.get("institution", "")
    institution = plan.reviewers().filter(pk=chosen if chosen.isdecimal() else 0).first()
    found = review_recipients(plan, [institution]) if institution else None
    why = request.POST.get("why", "")
    form = ReviewExtensionForOneForm(**typed(request, initial), plan=plan, found=found)
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("institution", "until")}
        facts["why"] = form.with_delivery(form.cleaned_data["why"])
        if extended := act(form, lambda: extend_for(plan, **facts, by=request.user)):
            say_sent(request, REVIEW_IS_OPEN, extended.result)
            return redirect("committees:plan-positions", plan.pk)
    return step_page(
        request,
        plan,
        form,
        title=_("More time for one institution"),
        submit=_("Extend or reopen"),
        intro=_(
            "The institution may answer until that day, and change what it said before. "
            "Its people are informed, with the reason."
        ),
        **(review_context(request, plan, found, form=form, why=why) if found is not None else {}),
    )


@READ_OR_SAVE
def plan_return(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = ReturnToDraftForm(posted(request))
    if form.is_valid():
        why = form.cleaned_data["why"]
        if act(request, lambda: return_to_draft(plan, by=request.user, why=why)):
            messages.success(request, _("The plan is a draft again: only the team sees it."))
        return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("Return to draft"),
        submit=_("Return to draft"),
        intro=_(
            "Institutions do not see a draft. Their remarks and positions are kept; "
            "positions are marked as given on an earlier text."
        ),
    )


# What a button does at once, by its verb, and the sentence that says so.
PRESSES: dict[str, tuple[Callable[[ActionPlan, User], object], StrOrPromise]] = {
    "present": (
        lambda plan, by: present_plan(plan, by=by),
        gettext_lazy(
            "The plan is before the committee. Name it in the decision that validates it."
        ),
    ),
    "start": (
        lambda plan, by: start_plan(plan, by=by),
        gettext_lazy("The plan is in execution."),
    ),
    "close": (
        lambda plan, by: plan.take("close", by=by),
        gettext_lazy("The plan is closed."),
    ),
}


@require_POST
def plan_press(request: Request, pk: int, verb: str) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if verb not in PRESSES:
        raise Http404
    action, sentence = PRESSES[verb]
    if act(request, lambda: action(plan, request.user)):
        messages.success(request, sentence)
    return redirect(plan)


@READ_OR_SAVE
def plan_to_donor(request: Request, pk: int) -> HttpResponse:
    """Show who represents the donor and gets the message, then submit the plan."""
    plan = plan_to_write(request.user, pk)
    if FIELD in request.POST:
        return undone(request, plan, "submit_to_donor")
    if not plan.may_take("submit_to_donor"):
        sentence = _(
            "The plan is “%(status)s”: it can be submitted once the committee has validated it, and "
            "again if the donor requests changes."
        )
        messages.info(request, sentence % {"status": plan.get_status_display()})
        return redirect(plan)
    found = donor_recipients(plan.project, by=request.user)
    form = PlanToDonorForm(**typed(request), found=found)
    if form.is_valid():
        facts = {"on": form.cleaned_data["on"], "why": form.with_delivery(), "lines": form.lines}
        if sent := act(form, lambda: submit_to_donor(plan, by=request.user, **facts)):
            undo = undo_url(request, plan, "submit_to_donor")
            say_sent(request, _("The plan was submitted to the donor."), sent.result, undo)
            return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("Submit to the donor"),
        submit=_("Submit to the donor"),
        template="components/sending_page.html",
        **donor_context(request, plan, found, partial(plan_for_donor_letter, plan), form=form),
    )


@READ_OR_SAVE
def plan_validate(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    decisions = decisions_on(plan)
    form = WhichDecisionForm(posted(request), decisions=decisions, likely=decisions)
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        if act(request, lambda: validate_plan(plan, decision=decision, by=request.user)):
            messages.success(
                request,
                _("The plan is validated by the committee. The donor's approval is another step."),
            )
        return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("Record the validation"),
        submit=_("Record the validation"),
        template="committees/plan_validate.html",
        nothing=_("No adopted decision names this version"),
        ways=ways_to_decide(plan.project, "committees:carry-over", in_writing=f"?plan={plan.pk}"),
    )


@READ_OR_SAVE
def plan_donor_answer(request: Request, pk: int) -> HttpResponse:
    """Record the donor's own answer, or the letter that the coordination received."""
    plan = plan_or_404(request.user, pk)
    ask(
        may_record_donor_answer(request.user, plan),
        _("Only the donor and the coordination record the donor's answer."),
    )
    is_donor = Role.DONOR in roles_of(request.user, plan.project)
    form = PlanDonorAnswerForm(posted(request), is_donor=is_donor)
    if form.is_valid():
        record_donor_answer(request, plan, form)
        return redirect(plan)
    return step_page(
        request,
        plan,
        form,
        title=_("The donor's answer"),
        submit=_("Record the answer"),
        intro=_(
            "What the committee validated can no longer change. If the donor requests "
            "changes, they go into a new version, which the committee validates again."
        ),
    )


def record_donor_answer(request: Request, plan: ActionPlan, form: PlanDonorAnswerForm) -> None:
    fields = form.cleaned_data
    facts = {"on": fields["on"], "reference": fields["reference"], "by": request.user}
    if fields["answer"] == form.APPROVES:
        if act(request, lambda: record_approval(plan, **facts)):
            messages.success(request, _("The donor's approval was recorded."))
    else:
        if act(request, lambda: record_changes_asked(plan, why=fields["why"], **facts)):
            messages.success(
                request,
                _("The donor's request was recorded. Open a new version to make the changes."),
            )


# The parts of these views


def proposed_deadline(plan: ActionPlan) -> dict[str, Any]:
    return {"until": plan.project.today + USUAL_REVIEW}


def step_page(
    request: Request, plan: ActionPlan, form: Form, *, title: str, submit: str, **context: Any
) -> HttpResponse:
    return form_page(
        request,
        form,
        title=title,
        back=plan,
        crumbs=plan_trail(plan),
        submit=submit,
        plan=plan,
        **context,
    )
