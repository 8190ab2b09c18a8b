"""Documents of a committee, a meeting or an agenda item: given, described, taken, removed."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.meetings.forms.session import CommitteeDocumentForm, MeetingDocumentForm
from committees.meetings.services.reading import add_document, record_download, remove_document
from committees.models import AgendaItem, Audience, Committee, Document, Meeting
from committees.pages import committee_or_404, item_or_404, meeting_or_404, meeting_trail
from committees.permissions.meetings import may_edit_documents, visible_documents
from kernel.files import serve
from kernel.languages import writing_order
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    ask,
    form_page,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.undo import is_over
from projects.models import Project


def document_or_404(user: User, pk: int) -> Document:
    project = get_object_or_404(Project.objects.visible_to(user), committee__documents__pk=pk)
    return get_object_or_404(visible_documents(user, project).with_related(), pk=pk)


# Giving


@READ_OR_SAVE
def committee_document_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    document = Document(committee=committee, category=Document.Category.TERMS)
    return document_create(request, document)


@READ_OR_SAVE
def meeting_document_create(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    document = Document(committee=meeting.committee, meeting=meeting)
    if request.GET.get("category") == Document.Category.ATTENDANCE:
        # It shows names: whoever gives it chooses whom else it is for.
        document.category = Document.Category.ATTENDANCE
        document.audience = Audience.COORDINATION
    return document_create(request, document)


@READ_OR_SAVE
def item_document_create(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    document = Document(committee=item.meeting.committee, meeting=item.meeting, agenda_item=item)
    return document_create(request, document)


def document_create(request: Request, document: Document) -> HttpResponse:
    ask(may_edit_documents(request.user, document.committee))
    document.language = writing_order()[0]
    form = MeetingDocumentForm(posted(request), posted_files(request), instance=document)
    if form.is_valid():
        document.entry_key = form.key
        document.added_by = request.user
        if added := act(form, lambda: add_document(document, form.cleaned_data["upload"])):
            place = place_of(document)
            undo = reverse("committees:document-remove", args=[added.result.pk])
            return saved(request, _("The document was saved."), place, undo=undo, made_at=place)
    return document_page(request, form, document, _("Add a document"))


def document_page(
    request: Request, form: CommitteeDocumentForm, document: Document, title: str
) -> HttpResponse:
    place, meeting = place_of(document), document.meeting
    committee = document.committee
    crumbs = meeting_trail(meeting) if meeting else trail(committee.project, committee)
    intro = _("For: %(place)s") % {"place": place}
    return form_page(request, form, title=title, back=place, crumbs=crumbs, intro=intro)


def place_of(document: Document) -> AgendaItem | Meeting | Committee:
    """Return the thing on whose page the document is listed."""
    return document.agenda_item or document.meeting or document.committee


# Stored documents


@require_safe
def document_download(request: Request, pk: int) -> FileResponse:
    document = document_or_404(request.user, pk)
    # Neutral, since telephones lie on tables.
    name = f"{document.get_category_display()} {document.pk} {document.language}"
    answer = serve(document, filename=name)
    if request.method == "GET":
        record_download(document, by=request.user)
    return answer


@READ_OR_SAVE
def document_edit(request: Request, pk: int) -> HttpResponse:
    document = document_or_404(request.user, pk)
    ask(may_edit_documents(request.user, document.committee))
    form = CommitteeDocumentForm(posted(request), instance=document)
    if form.is_valid():
        document.save(update_fields=form.Meta.fields)
        return redirect(place_of(document))
    return document_page(request, form, document, _("Edit the document"))


@require_POST
def document_remove(request: Request, pk: int) -> HttpResponse:
    document = document_or_404(request.user, pk)
    ask(may_edit_documents(request.user, document.committee))
    place = place_of(document)
    if is_over(request):
        return redirect(place)
    remove_document(document)
    return saved(request, _("The document was removed."), place)
