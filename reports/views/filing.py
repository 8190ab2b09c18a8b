"""Pages of the documents of a project: the list, filing, one document with its versions."""

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.cells import NOTHING, Action, Cell, Chip, Column, Empty
from kernel.files import serve
from kernel.languages import writing_order
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    locked,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.sorting import by_label, in_letters
from kernel.text import active_language
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.records import ProjectRecords
from reports.forms.filing import (
    FiledDocumentForm,
    FiledFilterForm,
    FileDocumentsForm,
    FiledVersionForm,
    WithdrawFiledForm,
)
from reports.models import FiledDocument
from reports.models.filed import FiledDocumentQuerySet
from reports.permissions.reports import may_file, places_offered, visible_filed
from reports.services import filing
from reports.services.file_names import name_in_project


class FiledPages(ProjectRecords[FiledDocument]):
    """The register. The other pages of a document are functions below."""

    model, name, names, icon = FiledDocument, "filed", "documents", "file-earmark-text"
    title, heading = gettext_lazy("Documents"), gettext_lazy("Register, the latest first")

    def rows(self) -> FiledDocumentQuerySet:
        return visible_filed(self.request.user, self.place).with_related()

    def found(self) -> tuple[forms.Form, FiledDocumentQuerySet]:
        form = FiledFilterForm(self.request.GET, rows=visible_filed(self.request.user, self.place))
        return form, form.narrow(self.rows())

    def may_edit(self) -> bool:
        return may_file(self.request.user, self.place)

    def columns(self) -> list[Column]:
        kinds = dict(FiledDocument.Kind.choices)
        return [
            Column("title", _("Document"), title_cell, order=lambda: in_letters("title")),
            Column(
                "kind",
                _("Kind"),
                lambda document: document.get_kind_display(),
                order=lambda: by_label("kind", kinds),
            ),
            Column("on", _("Date"), lambda document: document.on, order="on"),
            Column("way", _("From and to"), way_of),
            Column("readers", _("Who reads it"), readers_cell),
        ]

    def actions(self) -> list[Action]:
        if not self.edits:
            return []
        asked = Action(_("What the agreement asks for"), self.url("documents-asked"))
        if self.place.is_closed:
            return [asked]
        url = reverse("reports:filed-create", args=[self.place.code])
        return [Action(_("File documents"), url, "plus-lg", is_primary=True), asked]

    def empty(self) -> Empty:
        text = _(
            "The agreement, letters and e-mails of the project are listed here, with their numbers."
        )
        return Empty(_("No document yet."), text, icon=self.icon)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all documents")
        return Empty(_("No document matches."), text, self.url("documents"), action, "search")


filed_list = require_safe(FiledPages.as_view(role="index"))


def title_cell(document: FiledDocument) -> Cell:
    notes = []
    if document.their_reference:
        notes.append(f"{_('Their reference:')} {document.their_reference}")
    if document.current and document.current.number > 1:
        notes.append(_("Version %(number)s") % {"number": document.current.number})
    return Cell(
        document.title,
        url=document.get_absolute_url(),
        lead=document.reference,
        lang=document.language,
        chips=[Chip(pgettext("of a document", "Removed"))] if document.is_withdrawn else [],
        notes=notes,
    )


def way_of(document: FiledDocument) -> str:
    """Return from whom to whom a document went; nothing where nobody said so."""
    if document.sender or document.recipient:
        sender = document.sender.short_name if document.sender else _("We")
        recipient = document.recipient.short_name if document.recipient else _("us")
        return f"{sender} → {recipient}"
    return Truncator(document.email_from).chars(60) or NOTHING


def readers_cell(document: FiledDocument) -> Cell:
    if document.is_confidential:
        return Cell(chips=[Chip(_("Confidential"), "warn")])
    return Cell(", ".join(document.readers))


def filed_or_404(user: User, code: str, pk: int) -> FiledDocument:
    project = visible_project(user, code)
    document = get_object_or_404(visible_filed(user, project).with_related(), pk=pk)
    document.project = project
    return document


def _crumbs(project: Project, *more: FiledDocument) -> Crumbs:
    return trail(project, (_("Documents"), reverse_in(project, "documents")), *more)


@READ_OR_SAVE
def filed_create(request: Request, code: str) -> HttpResponse:
    project = visible_project(request.user, code)
    ask(may_file(request.user, project))
    document = FiledDocument(
        project=project, on=project.today, language=writing_order()[0], kind=_asked_kind(request)
    )
    form = FileDocumentsForm(
        posted(request), posted_files(request), instance=document, user=request.user
    )
    back = reverse_in(project, "documents")
    if form.is_valid():
        contents, by = form.cleaned_data["uploads"], request.user

        def file_all() -> filing.Filed:
            filed = filing.file_documents(document, contents, by=by)
            if filed.documents and form.duty[0]:
                filing.fulfil(filed.documents[0], *form.duty, by=by)
            return filed

        if done := act(form, file_all):
            return _filed(request, done.result, back)
    return form_page(
        request,
        form,
        title=_("File documents"),
        intro=_(
            "Letters and e-mails get the next number of the year. What is already here is left out."
        ),
        submit=_("File documents"),
        back=back,
        crumbs=_crumbs(project),
    )


def _asked_kind(request: Request) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in FiledDocument.Kind.values else FiledDocument.Kind.LETTER_IN


def _filed(request: Request, filed: filing.Filed, back: str) -> HttpResponse:
    for sentence in filed.left_out:
        messages.warning(request, sentence)
    if not filed.documents:
        return redirect(back)
    count = len(filed.documents)
    sentence = ngettext("%(count)s document was filed.", "%(count)s documents were filed.", count)
    to = filed.documents[0].get_absolute_url() if count == 1 else back
    return saved(request, sentence % {"count": count}, to)


@require_safe
def filed_detail(request: Request, code: str, pk: int) -> HttpResponse:
    document = filed_or_404(request.user, code, pk)
    project, user = document.project, request.user
    visible = visible_filed(user, project)
    context = {
        "project": project,
        "document": document,
        "versions": document.all_versions,
        "attachments": visible.filter(came_with=document).with_related(),
        "came_with": visible.filter(pk=document.came_with_id or 0).first(),
        "text": _text_of(document),
        "links": places_of(user, document),
        "may_file": may_file(user, project),
        "crumbs": _crumbs(project),
        "tabs": project_tabs(user, project, "documents"),
    }
    return render(request, "reports/filed.html", context)


def _text_of(document: FiledDocument) -> str:
    """Return what an e-mail says, which is shown as plain text. A later version may be any file, of any
    size: it is only downloaded."""
    version = document.current
    if not document.email_sha256 or version is None or version.number > 1:
        return ""
    try:
        with version.file.storage.open(str(version.file.name)) as file:
            text: str = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return text.partition("\n\n")[2]


def places_of(user: User, document: FiledDocument) -> list[dict[str, str]]:
    """Return the things to which the document belongs, of those that the reader may open."""
    found = []
    for name, rows in places_offered(user, document.project).items():
        key = getattr(document, f"{name}_id")
        row = rows.filter(pk=key).first() if key else None
        if row is None:
            continue
        thing = row.meeting if name == "agenda_item" else row
        label = str(rows.model._meta.verbose_name)
        value = f"{row.meeting} · {row.title}" if name == "agenda_item" else str(row)
        found.append({"label": label, "value": value, "url": thing.get_absolute_url()})
    if document.fulfils_id and may_file(user, document.project):
        asked = reverse_in(document.project, "documents-asked")
        label = _("What the agreement asks for")
        found.append({"label": label, "value": str(document.fulfils), "url": asked})
    return found


@READ_OR_SAVE
def filed_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    ask(may_file(request.user, project))
    rows = locked(request, visible_filed(request.user, project))
    document = get_object_or_404(rows, pk=pk)
    document.project = project
    form = FiledDocumentForm(posted(request), instance=document, user=request.user)
    if form.is_valid():

        def save() -> None:
            filing.save_description(document)
            if "fulfils" in form.fields:
                filing.fulfil(document, *form.duty, by=request.user)

        if act(form, save):
            return saved(request, _("The document was saved."), document)
    return form_page(
        request,
        form,
        title=_("Edit the document"),
        back=document,
        crumbs=_crumbs(project, document),
    )


@READ_OR_SAVE
def filed_version(request: Request, code: str, pk: int) -> HttpResponse:
    document = filed_or_404(request.user, code, pk)
    ask(may_file(request.user, document.project))
    form = FiledVersionForm(posted(request), posted_files(request))
    if form.is_valid():
        content, note = form.cleaned_data["upload"], form.cleaned_data["note"]
        if act(form, lambda: filing.add_version(document, content, by=request.user, note=note)):
            return saved(request, _("The new version was saved."), document)
    return form_page(
        request,
        form,
        title=_("New version"),
        intro=_("Earlier versions stay, and can still be downloaded."),
        back=document,
        crumbs=_crumbs(document.project, document),
    )


@READ_OR_SAVE
def filed_withdraw(request: Request, code: str, pk: int) -> HttpResponse:
    document = filed_or_404(request.user, code, pk)
    ask(may_file(request.user, document.project))
    intro = _("All its versions are deleted, and what an e-mail says. This cannot be undone.")
    if visible_filed(request.user, document.project).filter(came_with=document).exists():
        intro += " " + _("What was attached to it stays: remove it on its own page.")
    form = WithdrawFiledForm(posted(request), initial={"title": _title_that_stays(document)})
    if form.is_valid():
        new, why = form.cleaned_data["title"], form.cleaned_data["why"]
        if act(form, lambda: filing.withdraw(document, title=new, by=request.user, why=why)):
            return saved(request, _("The document was removed."), document)
    return form_page(
        request,
        form,
        title=_("Remove “%(thing)s”?") % {"thing": document},
        intro=intro,
        submit=_("Remove"),
        danger=True,
        back=document,
        crumbs=_crumbs(document.project, document),
    )


def _title_that_stays(document: FiledDocument) -> str:
    """The subject of an e-mail is one of its words, and goes with them unless somebody types it."""
    if document.kind != FiledDocument.Kind.EMAIL:
        return document.title
    with translation.override(document.language):  # in which the title is shown
        return str(document.get_kind_display())


@require_safe
def filed_file(request: Request, code: str, pk: int, number: int) -> FileResponse:
    document = filed_or_404(request.user, code, pk)
    version = next((one for one in document.all_versions if one.number == number), None)
    if version is None:
        raise Http404
    what = document.reference.rpartition("-")[2] or str(document.pk)
    kind = str(document.get_kind_display())
    name = name_in_project(
        request.user, document.project, kind, f"{document.on.year}-{what}", active_language()
    )
    answer = serve(version, filename=name)
    if request.method == "GET":
        filing.record_filed_download(version, by=request.user)
    return answer
