"""Pages of the documents of a project: the list, filing, one document with its versions."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_safe

from accounts.models import User
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
    page_of,
    posted,
    posted_files,
    saved,
    trail,
)
from kernel.sorting import RowOrders, SortedRows, by_label, in_letters
from kernel.text import active_language
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from reports.forms.filing import (
    FiledDocumentForm,
    FiledFilterForm,
    FileDocumentsForm,
    FiledVersionForm,
    WithdrawFiledForm,
)
from reports.models import FiledDocument
from reports.permissions.reports import may_file, places_offered, visible_filed
from reports.services import filing
from reports.services.file_names import name_in_project

ORDERS: RowOrders = {
    "on": "on",
    "title": lambda: in_letters("title"),
    "kind": lambda: by_label("kind", dict(FiledDocument.Kind.choices)),
}


def filed_or_404(user: User, code: str, pk: int) -> FiledDocument:
    project = visible_project(user, code)
    document = get_object_or_404(visible_filed(user, project).with_related(), pk=pk)
    document.project = project
    return document


def _crumbs(project: Project, *more: FiledDocument) -> Crumbs:
    return trail(project, (_("Documents"), reverse_in(project, "documents")), *more)


@require_safe
def filed_list(request: Request, code: str) -> HttpResponse:
    user, project = request.user, visible_project(request.user, code)
    rows = visible_filed(user, project)
    form = FiledFilterForm(request.GET, rows=rows)
    found = form.narrow(rows)
    sorting = SortedRows(request, ORDERS)
    page = page_of(request, sorting.of(found.with_related()))
    context = {
        "project": project,
        "page": page,
        "form": form,
        "sorting": sorting,
        "is_filtered": any(form.cleaned_data.values()),
        "may_file": may_file(user, project),
        "crumbs": trail(project),
        "tabs": project_tabs(user, project, "documents"),
    }
    return render(request, "reports/filed_list.html", context)


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
