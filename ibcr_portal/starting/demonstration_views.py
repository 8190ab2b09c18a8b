"""The page of the demonstration: loads it, shows what would go with it, and removes it."""

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from ibcr_portal.models import DemonstrationJob
from ibcr_portal.starting.demonstration import ask_for, is_public, latest_job
from ibcr_portal.starting.forms import AdministratorForm
from ibcr_portal.starting.removing import (
    has_other_administrator,
    plan_removal,
)
from ibcr_portal.starting.views import signed_in
from kernel.pages import Request, act, in_background, posted, trail
from kernel.sent_forms import counted_once

Kind = DemonstrationJob.Kind


def administrators_only(request: Request) -> None:
    if not request.user.is_staff:
        raise Http404


@require_safe
def page(request: Request) -> HttpResponse:
    administrators_only(request)
    return show(request, administrator_form(request))


@in_background
@require_safe
def state(request: Request) -> HttpResponse:
    """The part of the page that shows how far the work is, which the page asks for."""
    administrators_only(request)
    context = job_facts(latest_job())
    if not context["job"] or not context["job"].in_hand:
        response = HttpResponse()
        response["HX-Refresh"] = "true"  # the whole page is another one now
        return response
    return render(request, "ibcr_portal/starting/demonstration.html#state", context)


@require_POST
@counted_once
def load(request: Request) -> HttpResponse:
    administrators_only(request)
    act(request, lambda: ask_for(Kind.LOAD, by=request.user))
    return redirect("demonstration")


@sensitive_post_parameters("password", "again")
@require_POST
@counted_once
def remove(request: Request) -> HttpResponse:
    administrators_only(request)
    form = administrator_form(request)
    if not form.is_valid():
        return show(request, form)
    done = act(form, lambda: hand_over(form, by=request.user))
    if not done:
        return show(request, form)
    if person := done.result:
        logout(request)
        signed_in(request, person)
    return redirect("demonstration")


@transaction.atomic
def hand_over(form: forms.Form, *, by: User) -> User | None:
    """Have the demonstration removed, and return the administrator who was entered for it. Raises
    Refusal, or ValidationError."""
    ask_for(Kind.REMOVE, by=by)
    if not isinstance(form, AdministratorForm):
        return None
    person = form.create()
    AccessEvent.record(AccessEvent.Kind.ROLE, user=by, thing=person, change="administrator added")
    return person


def administrator_form(request: Request) -> forms.Form:
    """Ask for an administrator who stays, if there is none."""
    if has_other_administrator():
        return forms.Form(posted(request))
    return AdministratorForm(posted(request), initial={"language": request.user.language})


def show(request: Request, form: forms.Form) -> HttpResponse:
    context: dict[str, Any] = job_facts(latest_job())
    plan = None if context["in_hand"] else plan_removal()
    if plan and plan.counts_something:
        context |= {"plan": plan, "is_own": request.user.pk in plan.people}
    context |= {
        "title": _("Demonstration"),
        "crumbs": trail((_("Organisation"), reverse("organisation"))),
        "form": form,
        "public_password": is_public(),
    }
    return render(request, "ibcr_portal/starting/demonstration.html", context)


def job_facts(job: DemonstrationJob | None) -> dict[str, Any]:
    if job is None:
        return {"job": None, "in_hand": False}
    label = _("In the queue")
    if job.state == job.State.WORKING:
        label = _("Removing") if job.kind == Kind.REMOVE else _("Loading")
        if job.stage:
            label = _("Loading %(project)s") % {"project": job.stage}
    return {
        "job": job,
        "in_hand": job.in_hand,
        "job_label": label,
        "job_percent": 100 * job.progress // job.progress_of if job.progress_of else None,
        "just_ended": job.is_ready,
    }
