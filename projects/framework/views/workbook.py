"""Pages to download the framework as a workbook, and to upload an edited one.

Only the person who uploaded a workbook sees it, and nothing is written before they confirm.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.pages import READ_OR_SAVE, Crumbs, Request, act, ask, posted, saved, trail
from kernel.refusal import Refusal
from kernel.sheets import excel_sheet
from kernel.workbook_forms import WorkbookConfirmForm, WorkbookForm
from projects.framework.services.importing import FrameworkReading
from projects.framework.services.workbooks import (
    keep_workbook,
    marked_workbook,
    reading_of,
    workbook_of,
    write_import,
)
from projects.framework.sheet import WIDTHS, sheet_head, visible_rows
from projects.models import FrameworkUpload, Project
from projects.pages import reverse_in, visible_project
from projects.permissions.values import may_edit_framework_workbook


@require_safe
def framework_export(request: Request, code: str) -> HttpResponse:
    """Export the framework in the reader's language, without counts that its page withholds."""
    project = visible_project(request.user, code)
    rows = visible_rows(request.user, project)
    content = excel_sheet(_("Framework"), sheet_head(), rows, WIDTHS)
    name = f"{project.code}-framework"
    return handed_out(request, content, name, thing=project, what="framework")


def workbook_project(user: User, code: str) -> Project:
    project = visible_project(user, code)
    ask(
        may_edit_framework_workbook(user, project),
        _(
            "Only coordination, monitoring and responsible institutions can submit values by "
            "workbook."
        ),
    )
    return project


@READ_OR_SAVE
def framework_workbook(request: Request, code: str) -> HttpResponse:
    project = workbook_project(request.user, code)
    posted = request.method == "POST"
    form = WorkbookForm(request.POST, request.FILES) if posted else WorkbookForm()
    if posted and form.is_valid() and _is_kept(request, project, form):
        return redirect(reverse_in(project, "framework-workbook-check"))
    context = {
        "project": project,
        "form": form,
        "title": _("The framework as a workbook"),
        "submit": _("See the changes"),
        "waiting": own_upload(request, project),
        "cancel_url": reverse_in(project, "framework"),
        "crumbs": _crumbs(project),
    }
    return render(request, "projects/framework_workbook.html", context)


def _is_kept(request: Request, project: Project, form: WorkbookForm) -> bool:
    """Keep the workbook if it is readable; otherwise show the reason on the form."""
    upload = keep_workbook(project, form.cleaned_data["file"], owner=request.user)
    try:
        reading_of(upload, project, request.user)
    except Refusal as refusal:
        upload.discard()
        form.add_error("file", str(refusal))
        return False
    return True


@require_safe
def framework_workbook_download(request: Request, code: str) -> HttpResponse:
    project = workbook_project(request.user, code)
    content = workbook_of(project, request.user)
    name = f"{project.code}-framework-work"
    return handed_out(request, content, name, thing=project, what="framework workbook")


@READ_OR_SAVE
def framework_workbook_check(request: Request, code: str) -> HttpResponse:
    """Show every change that the workbook would make, with a button that makes them all."""
    project = workbook_project(request.user, code)
    upload = own_upload(request, project)
    found = _reading(request, project, upload)
    if upload is None or found is None:
        return redirect(reverse_in(project, "framework-workbook"))
    form = WorkbookConfirmForm(posted(request), initial={"seen": found.fingerprint})
    if form.is_valid():
        return _confirmed(request, project, upload, form.cleaned_data)
    context = {
        "project": project,
        "form": form,
        "found": found,
        "title": _("Changes of the workbook"),
        "crumbs": _crumbs(project),
        "check": {
            name: reverse_in(project, f"framework-workbook{ending}")
            for name, ending in (("again", ""), ("problems", "-problems"), ("discard", "-discard"))
        },
    }
    return render(request, "projects/framework_workbook_check.html", context)


def _confirmed(
    request: Request, project: Project, upload: FrameworkUpload, chosen: dict[str, Any]
) -> HttpResponse:
    written = act(request, lambda: write_import(upload, project, by=request.user, **chosen))
    if not written:
        return redirect(reverse_in(project, "framework-workbook-check"))
    count = len(written.result.changed)
    sentence = ngettext(
        "%(count)d row of the workbook was saved. Values are waiting for approval.",
        "%(count)d rows of the workbook were saved. Values are waiting for approval.",
        count,
    )
    return saved(request, sentence % {"count": count}, reverse_in(project, "framework"))


@require_safe
def framework_workbook_problems(request: Request, code: str) -> HttpResponse:
    """Return the uploaded workbook with its problems marked and explained."""
    project = workbook_project(request.user, code)
    found = _reading(request, project, own_upload(request, project))
    if found is None:
        return redirect(reverse_in(project, "framework-workbook"))
    content = marked_workbook(project, request.user, found)
    name = f"{project.code}-framework-marked"
    return handed_out(request, content, name, thing=project, what="framework problems")


@require_POST
def framework_workbook_discard(request: Request, code: str) -> HttpResponse:
    project = workbook_project(request.user, code)
    if upload := own_upload(request, project):
        upload.discard()
        messages.success(request, _("The workbook was deleted and nothing was saved."))
    return redirect(reverse_in(project, "framework"))


def own_upload(request: Request, project: Project) -> FrameworkUpload | None:
    return FrameworkUpload.objects.filter(project=project, owner=request.user).first()


def _reading(
    request: Request, project: Project, upload: FrameworkUpload | None
) -> FrameworkReading | None:
    """Read the waiting workbook; None, after a message, if there is none or it is unreadable."""
    if upload is None:
        messages.info(request, _("No workbook is waiting here: upload one."))
        return None
    found = act(request, lambda: reading_of(upload, project, request.user))
    return found.result if found else None


def _crumbs(project: Project) -> Crumbs:
    return trail(project, (_("Framework"), reverse_in(project, "framework")))
