"""The plan as a workbook: download it, give it back, look at every change, confirm.

Only the person who gave the file sees it, and nothing is written before they confirm."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from committees.models import ActionPlan, PlanUpload
from committees.plans.services.importing import PlanImport
from committees.plans.services.workbooks import (
    marked_workbook,
    reading_of,
    receive_workbook,
    workbook_of,
    write_import,
)
from committees.plans.views.parts import name_of, plan_trail
from committees.plans.views.writing import plan_to_write, terms_closed
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, posted_files, saved
from kernel.workbook_forms import WorkbookConfirmForm, WorkbookForm

GIVE, CHECK = "committees:plan-workbook", "committees:plan-workbook-check"


@READ_OR_SAVE
def plan_workbook(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    form = WorkbookForm(posted(request), posted_files(request))
    if form.is_valid() and act(
        form, lambda: receive_workbook(plan, form.cleaned_data["file"], owner=request.user)
    ):
        return redirect(CHECK, plan.pk)
    return form_page(
        request,
        form,
        title=_("The plan as a workbook"),
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("See the changes"),
        template="committees/plan_workbook.html",
        plan=plan,
        waiting=own_upload(request, plan),
    )


@require_safe
def plan_workbook_download(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    return handed_out(request, workbook_of(plan), name_of(plan, "plan"), thing=plan)


@READ_OR_SAVE
def plan_workbook_check(request: Request, pk: int) -> HttpResponse:
    """Show every change that the workbook would make; pressing the button makes them all."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    if upload is None:
        messages.info(request, _("No workbook is waiting here: upload one."))
        return redirect(GIVE, plan.pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    if not (read := act(request, lambda: reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    found = read.result
    form = WorkbookConfirmForm(posted(request), initial={"seen": found.fingerprint})
    if form.is_valid():
        chosen = form.cleaned_data
        if written := act(request, lambda: write_import(upload, plan, by=request.user, **chosen)):
            return saved(request, count_of(written.result), plan)
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
def plan_workbook_problems(request: Request, pk: int) -> HttpResponse:
    """Hand out the same workbook with its problems marked and explained."""
    plan = plan_to_write(request.user, pk)
    upload = own_upload(request, plan)
    if upload is None or not (read := act(request, lambda: reading_of(upload, plan))):
        return redirect(GIVE, plan.pk)
    content = marked_workbook(plan, read.result)
    return handed_out(request, content, name_of(plan, "marked"), thing=plan, what="marked")


@require_POST
def plan_workbook_discard(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if upload := own_upload(request, plan):
        upload.discard()
        messages.success(request, _("The workbook was deleted and nothing was saved."))
    return redirect(plan)


# The parts of these views


def own_upload(request: Request, plan: ActionPlan) -> PlanUpload | None:
    return PlanUpload.objects.filter(plan=plan, owner=request.user).first()


def count_of(found: PlanImport) -> str:
    number = len(found.added) + len(found.changed) + len(found.removed)
    return ngettext(
        "%(count)d row of the workbook is now in the plan.",
        "%(count)d rows of the workbook are now in the plan.",
        number,
    ) % {"count": number}
