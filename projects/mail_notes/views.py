"""Pages of what came by mail: the list of a project, and where its author chooses who reads it."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.links import LinkNotValid, draft_of, link_page, record_use, token_of
from accounts.models import AccessLink
from kernel.pages import READ_OR_SAVE, Request, act, page_of, posted, trail
from projects.mail_notes.services import PURPOSE, let_read, may_write
from projects.models import MailNote
from projects.pages import project_tabs, visible_project
from projects.permissions.mail_notes import may_see_mail_notes, visible_mail_notes
from projects.permissions.roles import may_edit


class AudienceForm(forms.Form):
    audience = forms.ChoiceField(
        label=_("Who reads it"), choices=MailNote.Audience, widget=forms.RadioSelect
    )


@require_safe
def mail_notes(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    if not may_see_mail_notes(request.user, project):
        raise Http404
    notes = visible_mail_notes(request.user, project).select_related("by", "content_type")
    notes = notes.prefetch_related("thing")
    context = {
        "project": project,
        "tabs": project_tabs(request.user, project, "team"),
        "page": page_of(request, notes),
        "names_authors": may_edit(request.user, project),
        "crumbs": trail(project),
    }
    return render(request, "projects/mail_notes.html", context)


@READ_OR_SAVE
@link_page(PURPOSE)
def mail_note_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    """The author chooses who reads what they wrote; opening the page changes nothing."""
    note = link.thing
    if not isinstance(note, MailNote) or note.by_id != link.user.pk:
        raise Http404
    if not may_write(link.user, note.project, note.thing):
        raise LinkNotValid
    form = AudienceForm(posted(request), initial={"audience": note.audience})
    if form.is_valid() and (
        done := act(form, lambda: let_read(note, form.cleaned_data["audience"]))
    ):
        if done.result:
            record_use(link, answer="reply")
        here = reverse("projects:mail-note-link", args=[token_of(request)])
        return redirect(f"{here}?done=1")
    draft_of(request).fill_in(form)
    context = {
        "form": form,
        "note": note,
        "project": note.project,
        "done": request.GET.get("done") == "1",
        "draft": draft_of(request),
    }
    return render(request, "projects/mail_note_link.html", context)
