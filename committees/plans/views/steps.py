"""The steps of a plan: review, presentation, validation, the donor, execution."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from committees.models import ActionPlan
from committees.permissions.plans import may_record_donor_answer
from committees.plans.forms.review import (
    DeadlineForm,
    DonorAnswerForm,
    ExtensionForm,
    ExtensionForOneForm,
    ReasonForm,
    ValidationForm,
)
from committees.plans.services.deadlines import extend_for, present_plan
from committees.plans.services.lifecycle import (
    record_approval,
    record_changes_asked,
    start_plan,
    validate_plan,
)
from committees.plans.services.review import Told, extend_review, open_review
from committees.plans.views.parts import plan_or_404, preselected
from committees.plans.views.writing import plan_to_write
from kernel.formats import join_list
from kernel.lifecycle import TransitionError
from kernel.refusal import Refusal
from projects.permissions.roles import Role, roles_of

form_methods = require_http_methods(["GET", "HEAD", "POST"])
USUAL_REVIEW = timedelta(days=14)


@form_methods
def plan_submit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = DeadlineForm(request.POST or None, initial=proposed_deadline(plan), plan=plan)
    if form.is_valid():
        with_step(
            request,
            lambda: say_who_was_told(
                request, open_review(plan, until=form.cleaned_data["until"], by=request.user)
            ),
        )
        return redirect(plan)
    return asking(
        request,
        plan,
        form,
        title=_("Open the review"),
        submit=_("Open and tell the institutions"),
        intro=_(
            "The people of each institution who have an account get a message in their language, "
            "with a link that opens this plan alone."
        ),
    )


@form_methods
def plan_extend(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = ExtensionForm(request.POST or None, initial=proposed_deadline(plan), plan=plan)
    if form.is_valid():
        with_step(
            request,
            lambda: say_who_was_told(
                request, extend_review(plan, **form.cleaned_data, by=request.user)
            ),
        )
        return redirect(plan)
    return asking(
        request,
        plan,
        form,
        title=_("Extend the review"),
        submit=_("Extend"),
        intro=_("The institutions that have not answered are told of the new deadline."),
    )


@form_methods
def plan_extend_for(request: HttpRequest, pk: int) -> HttpResponse:
    """More time for one institution, which also reopens what it said."""
    plan = plan_to_write(request.user, pk)
    initial = proposed_deadline(plan) | preselected(request, "institution")
    form = ExtensionForOneForm(request.POST or None, initial=initial, plan=plan)
    if form.is_valid():
        fields = form.cleaned_data
        with_step(
            request,
            lambda: say_who_was_told(request, extend_for(plan, **fields, by=request.user)),
        )
        return redirect("committees:plan-positions", plan.pk)
    return asking(
        request,
        plan,
        form,
        title=_("More time for one institution"),
        submit=_("Extend or reopen"),
        intro=_(
            "The institution may answer until that day, and change what it said before. "
            "Its people are told, with the reason."
        ),
    )


@form_methods
def plan_return(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        why = form.cleaned_data["why"]
        done = _("The plan is a draft again: only the team sees it.")
        with_step(request, lambda: plan.take("return", by=request.user, why=why), done)
        return redirect(plan)
    return asking(
        request,
        plan,
        form,
        title=_("Return to draft"),
        submit=_("Return to draft"),
        intro=_(
            "Institutions do not see a draft. Their remarks and positions stay; "
            "positions say that they were given on an earlier text."
        ),
    )


@require_POST
def plan_present(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    done = _("The plan is before the committee. Name it in the decision that validates it.")
    with_step(request, lambda: present_plan(plan, by=request.user), done)
    return redirect(plan)


@form_methods
def plan_validate(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = ValidationForm(request.POST or None, plan=plan)
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        done = _("The plan is validated by the committee. The donor's approval is another step.")
        with_step(request, lambda: validate_plan(plan, decision=decision, by=request.user), done)
        return redirect(plan)
    context = {
        "plan": plan,
        "form": form,
        "title": _("Record the validation"),
        "submit": _("Record the validation"),
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/plan_validate.html", context)


@require_POST
def plan_submit_to_donor(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    done = _("The plan is submitted to the donor.")
    with_step(request, lambda: plan.take("submit_to_donor", by=request.user), done)
    return redirect(plan)


@form_methods
def plan_donor_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The donor answers; the coordination records the letter that it received."""
    plan = plan_or_404(request.user, pk)
    if not may_record_donor_answer(request.user, plan):
        raise PermissionDenied
    is_donor = Role.DONOR in roles_of(request.user, plan.project)
    form = DonorAnswerForm(request.POST or None, is_donor=is_donor)
    if form.is_valid():
        record_donor_answer(request, plan, form)
        return redirect(plan)
    return asking(
        request,
        plan,
        form,
        title=_("The donor's answer"),
        submit=_("Record the answer"),
        intro=_(
            "What the committee validated stays as it is. If the donor asks for changes, they go "
            "into a new version, which the committee validates again."
        ),
    )


def record_donor_answer(request: HttpRequest, plan: ActionPlan, form: DonorAnswerForm) -> None:
    fields = form.cleaned_data
    facts = {"on": fields["on"], "reference": fields["reference"], "by": request.user}
    if fields["answer"] == form.APPROVES:
        done = _("The donor's approval is recorded.")
        with_step(request, lambda: record_approval(plan, **facts), done)
    else:
        done = _("The donor's request is recorded. Open a new version to make the changes.")
        with_step(request, lambda: record_changes_asked(plan, why=fields["why"], **facts), done)


@require_POST
def plan_start(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    done = _("The plan is in execution.")
    with_step(request, lambda: start_plan(plan, by=request.user), done)
    return redirect(plan)


@require_POST
def plan_close(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    done = _("The plan is closed.")
    with_step(request, lambda: plan.take("close", by=request.user), done)
    return redirect(plan)


# The parts of these views


def proposed_deadline(plan: ActionPlan) -> dict[str, Any]:
    return {"until": plan.project.today + USUAL_REVIEW}


def with_step(request: HttpRequest, take: Callable[[], Any], done: str = "") -> None:
    """Take a step and say that it is done, or why it could not be."""
    try:
        take()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except (Refusal, TransitionError) as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)


def say_who_was_told(request: HttpRequest, told: Told) -> None:
    sentence = ngettext(
        "The review is open; %(count)d person was told.",
        "The review is open; %(count)d people were told.",
        told.people,
    )
    messages.success(request, sentence % {"count": told.people})
    if told.unreached:
        messages.warning(
            request,
            _(
                "Nobody of these institutions has an account with an e-mail address: %(names)s. "
                "Call them, and enter their answer, or invite one of their contacts."
            )
            % {"names": join_list(told.unreached)},
        )


def asking(
    request: HttpRequest, plan: ActionPlan, form: Form, *, title: str, submit: str, intro: str = ""
) -> HttpResponse:
    context = {
        "plan": plan,
        "form": form,
        "title": title,
        "submit": submit,
        "intro": intro,
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/plan_step.html", context)
