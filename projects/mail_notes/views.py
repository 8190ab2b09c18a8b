"""Pages of what came by mail: the list of a project, and where its author chooses who reads it."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.links import LinkNotValid, draft_of, link_page, record_use, token_of
from accounts.models import AccessEvent, AccessLink
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, Request, act, page_of, posted, posted_files, trail
from projects.mail_notes.coordination import answer_note, keep_photo
from projects.mail_notes.forms import AnswerForm, AudienceForm, MailNoteFilterForm
from projects.mail_notes.services import PURPOSE, let_read, may_write
from projects.models import MailNote, Project
from projects.pages import project_page, reverse_in, visible_project
from projects.permissions.mail_notes import may_see_mail_notes, visible_mail_notes
from projects.permissions.roles import may_edit


@require_safe
def mail_notes(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    if not may_see_mail_notes(request.user, project):
        raise Http404
    is_coordination = may_edit(request.user, project)
    notes = visible_mail_notes(request.user, project).select_related("by", "content_type")
    notes = notes.prefetch_related("thing", "photos")
    form = MailNoteFilterForm(request.GET)
    if is_coordination and form.is_valid():
        notes = notes.shown_as(form.cleaned_data["show"])
    context = {
        "title": _("Messages by e-mail"),
        "page": page_of(request, notes),
        "is_coordination": is_coordination,
        "filter": form if is_coordination else None,
        "is_filtered": bool(request.GET.get("show")),
        "here": reverse_in(project, "mail-notes"),
    }
    return project_page(request, "projects/mail_notes.html", project, context, tab="team")


@READ_OR_SAVE
def mail_note(request: Request, code: str, pk: int) -> HttpResponse:
    """The coordination answers the message, or marks it as answered."""
    project, note = _note_or_404(request, code, pk)
    form = AnswerForm(posted(request))
    if form.is_valid() and (
        done := act(form, lambda: answer_note(note, form.cleaned_data["answer"], by=request.user))
    ):
        if done.result:
            messages.success(request, _("The message is marked as answered."))
        else:
            messages.warning(request, _("Somebody else has answered this message already."))
        return redirect(reverse_in(project, "mail-note", pk))
    context = {
        "title": _("Message by e-mail"),
        "note": note,
        "form": form,
        "crumbs": trail(project, (_("Messages by e-mail"), reverse_in(project, "mail-notes"))),
    }
    return project_page(request, "projects/mail_note.html", project, context)


@require_safe
def mail_note_photo(request: Request, code: str, pk: int, photo: int) -> FileResponse:
    _project, note = _note_or_404(request, code, pk)
    file = get_object_or_404(note.photos, pk=photo)
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return serve(file, filename=_("photograph by e-mail"))


def _note_or_404(request: Request, code: str, pk: int) -> tuple[Project, MailNote]:
    """Only the coordination deals with messages one by one."""
    project = visible_project(request.user, code)
    if not may_edit(request.user, project):
        raise Http404
    notes = visible_mail_notes(request.user, project)
    return project, get_object_or_404(notes.select_related("by", "answered_by"), pk=pk)


@READ_OR_SAVE
@link_page(PURPOSE)
def mail_note_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """The author chooses who reads what they wrote; opening the page changes nothing."""
    note = link.thing
    if not isinstance(note, MailNote) or note.by_id != link.user.pk:
        raise Http404
    if not may_write(link.user, note.project, note.thing):
        raise LinkNotValid
    form = AudienceForm(posted(request), posted_files(request), note=note)
    if form.is_valid() and (done := act(form, lambda: _chosen(note, form))):
        if done.result:
            record_use(link, answer="reply")
        here = reverse("projects:mail-note-link", args=[token_of(request)])
        return redirect(f"{here}?done=1")
    draft_of(request).fill_in(form)
    context = {
        "form": form,
        "note": note,
        "photos": note.photos.count(),
        "project": note.project,
        "done": request.GET.get("done") == "1",
        "draft": draft_of(request),
    }
    return render(request, "projects/mail_note_link.html", context)


@transaction.atomic
def _chosen(note: MailNote, form: AudienceForm) -> bool:
    """Save what the author chose and added; return whether anything changed."""
    if photo := form.cleaned_data.get("photo"):
        keep_photo(note, photo)
    return let_read(note, form.cleaned_data["audience"]) or bool(photo)
