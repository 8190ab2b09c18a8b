"""Documents of a committee, a meeting or an agenda item: given, described, taken, removed."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.meetings.forms.documents import DocumentForm, UploadForm
from committees.meetings.services.documents import add_document, record_download, remove_document
from committees.models import Audience, Document, Meeting
from committees.pages import (
    accepted,
    allow,
    committee_or_404,
    item_or_404,
    meeting_or_404,
    trail,
    typed,
)
from committees.permissions.meetings import may_edit_documents, visible_documents
from kernel.files import serve
from projects.models import Project


def document_or_404(user: User, pk: int) -> Document:
    project = get_object_or_404(Project.objects.visible_to(user), committee__documents__pk=pk)
    return get_object_or_404(visible_documents(user, project).with_related(), pk=pk)


# Giving


def committee_document_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    document = Document(committee=committee, category=Document.Category.TERMS)
    return document_create(request, document)


def meeting_document_create(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    document = Document(committee=meeting.committee, meeting=meeting)
    if request.GET.get("category") == Document.Category.ATTENDANCE:
        # It shows names: whoever gives it chooses whom else it is for.
        document.category = Document.Category.ATTENDANCE
        document.audience = Audience.COORDINATION
    return document_create(request, document)


def item_document_create(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    document = Document(committee=item.meeting.committee, meeting=item.meeting, agenda_item=item)
    return document_create(request, document)


def document_create(request: HttpRequest, document: Document) -> HttpResponse:
    allow(may_edit_documents(request.user, document.committee))
    document.language = (get_language() or "fr")[:2]
    form = UploadForm(typed(request), request.FILES or None, instance=document)
    if request.method == "POST" and form.is_valid():
        document.entry_key = form.key
        document.added_by = request.user
        if accepted(form, lambda: add_document(document, form.cleaned_data["upload"])):
            messages.success(request, _("The document is kept."))
            return redirect(place_of(document))
    return document_page(request, form, document, _("Add a document"))


def document_page(
    request: HttpRequest, form: DocumentForm, document: Document, title: str
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "intro": _("For: %(place)s") % {"place": place_of(document)},
        "crumbs": trail(*path_to(document)),
        "cancel_url": place_of(document).get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


def path_to(document: Document) -> list:
    path = [document.committee.project, document.committee]
    return [*path, document.meeting] if document.meeting else path


def place_of(document: Document):
    """Where the document is listed."""
    return document.agenda_item or document.meeting or document.committee


# What is there


@require_safe
def document_download(request: HttpRequest, pk: int) -> FileResponse:
    document = document_or_404(request.user, pk)
    # Neutral, since telephones lie on tables.
    name = f"{document.get_category_display()} {document.pk} {document.language}"
    answer = serve(document, filename=name)
    if request.method == "GET":
        record_download(document, by=request.user)
    return answer


def document_edit(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request.user, pk)
    allow(may_edit_documents(request.user, document.committee))
    form = DocumentForm(typed(request), instance=document)
    if request.method == "POST" and form.is_valid():
        document.save(update_fields=form.fields)
        return redirect(place_of(document))
    return document_page(request, form, document, _("Edit the document"))


@require_POST
def document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    document = document_or_404(request.user, pk)
    allow(may_edit_documents(request.user, document.committee))
    place: Meeting = place_of(document)
    remove_document(document)
    messages.success(request, _("The document is removed."))
    return redirect(place)
