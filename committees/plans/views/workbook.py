"""The plan as a workbook: download it, give it back, look at every change, confirm.

The file is seen by who gave it alone, and nothing is written before they confirm."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.exports import handed_out
from committees.models import ActionPlan, PlanUpload
from committees.pages import accepted, done, typed
from committees.plans.services.importing import Import
from committees.plans.services.workbooks import (
    keep_workbook,
    marked_workbook,
    reading_of,
    workbook_of,
    write_import,
)
from committees.plans.views.writing import plan_to_write, refuse
from kernel.workbook_forms import ConfirmForm, WorkbookForm

form_methods = require_http_methods(["GET", "HEAD", "POST"])
GIVE, CHECK = "committees:plan-workbook", "committees:plan-workbook-check"


@form_methods
def plan_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = WorkbookForm(typed(request), request.FILES or None)
    if form.is_valid() and accepted(form, lambda: taken(request, plan, form)):
        return redirect(CHECK, plan.pk)
    context = {
        "plan": plan,
        "form": form,
        "title": _("The plan as a workbook"),
        "submit": _("Look at the changes"),
        "waiting": own_upload(request, plan),
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/plan_workbook.html", context)


def taken(request: HttpRequest, plan: ActionPlan, form: WorkbookForm) -> None:
    """Keep the workbook if it can be read at all; if not, its own sentence stands on the form."""
    upload = keep_workbook(plan, form.cleaned_data["file"], owner=request.user)
    try:
        reading_of(upload, plan)
    except Exception:
        upload.discard()
        raise


@require_safe
def plan_workbook_download(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    return handed_out(request, workbook_of(plan), name_of(plan, "plan"), thing=plan)


@form_methods
def plan_workbook_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Every change that the workbook would make; pressing the button makes them all."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    if upload is None:
        messages.info(request, _("No workbook waits here: give one."))
        return redirect(GIVE, plan.pk)
    if not plan.terms_are_open:
        return refuse(request, plan)
    readings: list[Import] = []
    if not done(request, lambda: readings.append(reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    found = readings[0]
    form = ConfirmForm(request.POST or None, initial={"seen": found.fingerprint})
    if form.is_valid():
        written: list[Import] = []
        chosen = form.cleaned_data
        if done(
            request, lambda: written.append(write_import(upload, plan, by=request.user, **chosen))
        ):
            messages.success(request, count_of(written[0]))
            return redirect(plan)
        return redirect(CHECK, plan.pk)
    context = {
        "plan": plan,
        "form": form,
        "found": found,
        "check": {
            name: reverse(f"committees:plan-workbook{ending}", args=[plan.pk])
            for name, ending in (("again", ""), ("problems", "-problems"), ("discard", "-discard"))
        },
        "title": _("Changes of the workbook"),
    }
    return render(request, "committees/plan_workbook_check.html", context)


@require_safe
def plan_workbook_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """The same workbook with what is wrong marked and explained."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    readings: list[Import] = []
    if upload is None or not done(request, lambda: readings.append(reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    content = marked_workbook(plan, readings[0])
    return handed_out(request, content, name_of(plan, "marked"), thing=plan, what="marked")


@require_POST
def plan_workbook_discard(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if upload := own_upload(request, plan):
        upload.discard()
        messages.success(request, _("The workbook is deleted, nothing was written."))
    return redirect(plan)


# The parts of these views


def own_upload(request: HttpRequest, plan: ActionPlan) -> PlanUpload | None:
    return PlanUpload.objects.filter(plan=plan, owner=request.user).first()


def name_of(plan: ActionPlan, what: str) -> str:
    return f"{plan.project.code}-{plan.period.number}-v{plan.version}-{what}"


def count_of(found: Import) -> str:
    number = len(found.added) + len(found.changed) + len(found.removed)
    return ngettext(
        "%(count)d row of the workbook is in the plan now.",
        "%(count)d rows of the workbook are in the plan now.",
        number,
    ) % {"count": number}
