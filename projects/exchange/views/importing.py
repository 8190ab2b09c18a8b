"""Pages that import a project from an IATI file: upload it, look at what was read, confirm.

Only the person who uploaded the file sees it, and nothing is written before they confirm."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    ask,
    posted,
    posted_files,
    saved,
    trail,
)
from projects.exchange.forms import IatiFileForm, MissingFactsForm, SeenVersionForm
from projects.exchange.services.draft import Answers, ProjectDraft, draft_project
from projects.exchange.services.importing import create_project
from projects.iati.read import ListedActivity, OpenedFile, open_file, read_activity
from projects.iati.read_results import currencies_of
from projects.iati.safe_xml import UnreadableFile
from projects.models import IatiUpload
from projects.permissions.roles import may_create_project

GIVE, CHECK = "projects:iati-import", "projects:iati-import-check"
SHOWN = 100  # the most activities, results or notes on a page


def demand_administrator(request: Request) -> None:
    ask(
        may_create_project(request.user),
        _("Only administrators can create projects. Ask one of them."),
    )


def import_crumbs() -> Crumbs:
    return trail((_("Projects"), reverse("projects:list")))


@READ_OR_SAVE
def give(request: Request) -> HttpResponse:
    demand_administrator(request)
    form = IatiFileForm(posted(request), posted_files(request))
    if form.is_valid() and _keep_upload(request, form):
        return redirect(CHECK)
    context = {
        "form": form,
        "title": _("Import an IATI activity"),
        "intro": _(
            "An activity published by others becomes the draft of a project. You see how "
            "it was understood before anything is saved."
        ),
        "submit": _("View the file"),
        "cancel_url": reverse("projects:list"),
        "crumbs": import_crumbs(),
    }
    return render(request, "components/form_page.html", context)


def _keep_upload(request: Request, form: IatiFileForm) -> bool:
    """Keeps a file that can be read; otherwise the field gets the sentence that says why not."""
    checked = form.cleaned_data["file"]
    content = checked.content.read()
    try:
        open_file(content)
    except UnreadableFile as error:
        form.add_error("file", unreadable_message(error))
        return False
    IatiUpload.keep(content, name=checked.original_name, sha256=checked.sha256, owner=request.user)
    return True


def unreadable_message(error: UnreadableFile) -> str:
    if error.line is None:
        return error.sentence
    return _("Line %(line)d: %(sentence)s") % {"line": error.line, "sentence": error.sentence}


@READ_OR_SAVE
def check(request: Request) -> HttpResponse:
    """Shows what was read, changed and left out; a press creates the draft.

    What the file does not say is asked in the address, so that its answer is seen before it is saved.
    """
    demand_administrator(request)
    upload = IatiUpload.objects.filter(owner=request.user).first()
    opened = _opened(upload) if upload else None
    if upload is None or opened is None:
        messages.info(request, _("No file is waiting here: upload one."))
        return redirect(GIVE)
    activity = _chosen(request, opened)
    context: dict[str, Any] = {
        "upload": upload,
        "activities": opened.activities[:SHOWN],
        "crumbs": [*import_crumbs(), *trail((_("Import"), reverse(GIVE)))],
        "shown": SHOWN,
    }
    if activity is None:
        return render(request, "projects/iati_import_choose.html", context)
    missing = MissingFactsForm(request.POST or request.GET, currencies_of(activity.element))
    answers = Answers(**missing.given())
    reading = read_activity(opened, activity, currency=answers.currency)
    draft = draft_project(reading, answers) if reading.document else None
    if request.method == "POST" and draft and SeenVersionForm(request.POST).is_valid():
        return _create_project(request, upload, draft)
    missing.keep_only(draft.not_said if draft else [])
    context |= {
        "activity": activity,
        "reading": reading,
        "draft": draft,
        "missing": missing,
        "answers": answers,
    }
    return render(request, "projects/iati_import.html", context)


def _create_project(request: Request, upload: IatiUpload, draft: ProjectDraft) -> HttpResponse:
    if request.POST["seen"] != upload.sha256:
        messages.error(request, _("Another file is now waiting here. Look at it first."))
        return redirect(CHECK)
    try:
        project = create_project(
            draft, file_name=upload.original_name, sha256=upload.sha256, by=request.user
        )
    except ValidationError as error:
        for sentence in error.messages:
            messages.error(request, sentence)
        return redirect(CHECK)
    upload.discard()
    done = _("The draft was created. Compare it with its source, then confirm that it was checked.")
    return saved(request, done, reverse("projects:exchange", args=[project.code]))


@require_POST
def discard(request: Request) -> HttpResponse:
    demand_administrator(request)
    for upload in IatiUpload.objects.filter(owner=request.user):
        upload.discard()
    messages.success(request, _("The file was deleted and nothing was saved."))
    return redirect("projects:list")


def _opened(upload: IatiUpload) -> OpenedFile | None:
    try:
        with upload.file.storage.open(str(upload.file.name)) as file:
            return open_file(file.read())
    except (FileNotFoundError, UnreadableFile):
        return None


def _chosen(request: Request, opened: OpenedFile) -> ListedActivity | None:
    """Returns the only activity, or the one with the number in the request."""
    if len(opened.activities) == 1:
        return opened.activities[0]
    number = (request.POST or request.GET).get("activity", "")
    if number.isdecimal() and len(number) < 5 and int(number) < len(opened.activities):
        return opened.activities[int(number)]
    return None
