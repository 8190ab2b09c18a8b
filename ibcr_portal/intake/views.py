"""Pages on which a project brings its data: give a workbook or rows, look at them, confirm, undo.

Only the person who gave a workbook sees it, and nothing is written before they confirm.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import handed_out
from ibcr_portal.intake.draft import Draft
from ibcr_portal.intake.file import (
    draft_of,
    keep_upload,
    marked_workbook,
    pasted_file,
    pasted_texts,
    template_of,
)
from ibcr_portal.intake.forms import IntakeConfirmForm, IntakeForm
from ibcr_portal.intake.sheets import SHEETS
from ibcr_portal.intake.undoing import undo_intake
from ibcr_portal.intake.writing import write_intake
from ibcr_portal.models import Intake, IntakeUpload
from kernel.formats import join_list
from kernel.languages import LANGUAGES, active_language, working_languages
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, posted_files, saved, trail
from kernel.refusal import Refusal
from projects.models import Project
from projects.pages import editable_project, reverse_in

SHOWN = 200  # rows of a sheet in the preview
IMPORTS_SHOWN = 10


@READ_OR_SAVE
def intake(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    waiting = own_upload(request, project)
    form = IntakeForm(
        posted(request),
        posted_files(request),
        project=project,
        initial=pasted_texts(waiting) if waiting else {},
    )
    if form.is_valid() and _is_kept(request, project, form):
        return redirect(reverse_in(project, "intake-check"))
    return form_page(
        request,
        form,
        title=_("Bring your data"),
        back=project,
        crumbs=trail(project),
        submit=_("Check it"),
        template="ibcr_portal/intake.html",
        project=project,
        languages=_languages_of_template(),
        waiting=waiting,
        is_pasted=bool(form.initial) or form.is_bound,
        imports=[_line(each) for each in _imports(project)],
    )


def _languages_of_template() -> list[dict[str, Any]]:
    """The reader's own, and those in which the project works."""
    codes = dict.fromkeys([active_language(), *working_languages()])
    return [{"code": each, "name": LANGUAGES[each]} for each in codes]


def _is_kept(request: Request, project: Project, form: IntakeForm) -> bool:
    """Keep what was given if it is readable; otherwise show the reason on the form."""
    checked = form.cleaned_data["file"] or pasted_file(form.pasted)
    upload = keep_upload(project, checked, owner=request.user)
    try:
        draft_of(upload, project, request.user)
    except Refusal as refusal:
        upload.discard()
        form.add_error("file" if form.cleaned_data["file"] else None, str(refusal))
        return False
    return True


def _imports(project: Project) -> list[Intake]:
    return list(project.intakes.select_related("imported_by")[:IMPORTS_SHOWN])


def _line(intake: Intake) -> dict[str, Any]:
    names = {sheet.key: str(sheet.name) for sheet in SHEETS}
    return {
        "intake": intake,
        "counts": ", ".join(
            f"{names[key]}: {number}" for key, number in intake.counts.items() if key in names
        ),
    }


@require_safe
def intake_template(request: Request, code: str) -> HttpResponse:
    """Return the empty workbook in the language that is asked for, or in that of the reader."""
    project = editable_project(request.user, code)
    language = request.GET.get("language", "")
    if language not in LANGUAGES:
        language = active_language()
    with translation.override(language):
        content = template_of(project)
        name = f"{project.code} {_('data to bring in')}"
    return handed_out(request, content, name, thing=project, what="intake template")


@READ_OR_SAVE
def intake_check(request: Request, code: str) -> HttpResponse:
    """Show all that would be written and what has to be mended first, with a button that writes."""
    project = editable_project(request.user, code)
    upload = own_upload(request, project)
    draft = _draft(request, project, upload)
    if upload is None or draft is None:
        return redirect(reverse_in(project, "intake"))
    form = IntakeConfirmForm(posted(request), draft=draft)
    if form.is_valid():
        seen, answers = form.cleaned_data["seen"], form.answers
        if written := act(
            request,
            lambda: write_intake(upload, project, seen=seen, by=request.user, answers=answers),
        ):
            number = sum(written.result.counts.values())
            done = ngettext(
                "%(count)d row was saved. Nobody has been invited yet.",
                "%(count)d rows were saved. Nobody has been invited yet.",
                number,
            )
            return saved(request, done % {"count": number}, project)
        return redirect(reverse_in(project, "intake-check"))
    context = {
        "project": project,
        "form": form,
        "draft": draft,
        "total": (total := sum(draft.counts.values())),
        # An answer may bring something where the careful ones bring nothing.
        "may_import": not draft.problems and bool(total or draft.questions),
        "shown": SHOWN,
        "is_pasted": upload.kind == "txt",
        "title": _("What would be imported"),
        "crumbs": trail(project, (_("Bring your data"), reverse_in(project, "intake"))),
    }
    return render(request, "ibcr_portal/intake_check.html", context)


@require_safe
def intake_problems(request: Request, code: str) -> HttpResponse:
    """Return what was given as a workbook, with its problems marked and explained."""
    project = editable_project(request.user, code)
    draft = _draft(request, project, own_upload(request, project))
    if draft is None:
        return redirect(reverse_in(project, "intake"))
    name = f"{project.code}-data-marked"
    content = marked_workbook(draft)
    return handed_out(request, content, name, thing=project, what="intake problems")


@require_POST
def intake_discard(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    if upload := own_upload(request, project):
        upload.discard()
        messages.success(request, _("It was deleted and nothing was saved."))
    return redirect(reverse_in(project, "intake"))


@require_POST
def intake_undo(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    intake = get_object_or_404(project.intakes, pk=pk)
    if undone := act(request, lambda: undo_intake(intake, by=request.user)):
        sentence = _("The import was undone.")
        if undone.result:
            stays = _("These stay because they are in use or were there before: %(things)s.")
            sentence += " " + stays % {"things": join_list(undone.result)}
        messages.success(request, sentence)
    return redirect(reverse_in(project, "intake"))


def own_upload(request: Request, project: Project) -> IntakeUpload | None:
    return IntakeUpload.objects.filter(project=project, owner=request.user).first()


def _draft(request: Request, project: Project, upload: IntakeUpload | None) -> Draft | None:
    """Read what waits; None, after a message, if there is nothing or it is unreadable."""
    if upload is None:
        messages.info(request, _("Nothing is waiting here: upload a workbook, or paste rows."))
        return None
    found = act(request, lambda: draft_of(upload, project, request.user))
    return found.result if found else None
