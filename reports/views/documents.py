"""The pages of documents: those of one thing, one with its file, and how to request one."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from committees.models import Attendance
from kernel.file_contents import MIME_TYPES
from kernel.files import serve
from kernel.languages import active_language, language_rank
from kernel.pages import Crumb, Crumbs, Request, ask, trail
from kernel.sent_forms import counted_once
from projects.permissions.roles import may_edit
from reports.downloads import latest
from reports.forms.documents import AtOnceForm, DocumentForm, RenditionForm, complaints
from reports.kinds import kind_of
from reports.models import KINDS_OF, THING_OF, About, DocumentKind, Rendition, Report, WordTemplate
from reports.permissions.documents import (
    audiences_offered,
    every_visible_rendition,
    may_manage_rendition,
    may_request,
    may_see_downloads,
    may_share,
    superseded_renditions,
    visible_renditions,
    visible_things,
)
from reports.reading import report_documents
from reports.services.file_names import name_for, name_of_rendition
from reports.services.producing import file_now, log_download, text_of_rendition
from reports.services.requesting import (
    cancel_rendition,
    joined_by,
    queue_note,
    queued,
    record_download,
    request_renditions,
    retry_rendition,
)

# /documents/of/, /documents/new/


def thing_or_404(user: User, name: str, pk: int) -> Model:
    if name not in KINDS_OF:
        raise Http404
    thing: Model = get_object_or_404(visible_things(user, name), pk=pk)
    return thing


@require_safe
def document_list(request: Request, thing: str, pk: int) -> HttpResponse:
    """List the documents of a thing, with forms for those that the person may request."""
    of = thing_or_404(request.user, thing, pk)
    about = About(of, KINDS_OF[thing][0])
    documents = documents_of(request.user, about.page)
    context = {
        "title": f"{_('Documents')} · {about.page}",
        "crumbs": trail(about.project, about.page),
        "about": about,
        "here": documents_url(about),
        "offers": offers_for(request.user, thing, of),
        "certificates": certificates_for(request.user, thing, of),
        "documents": documents,
        "is_waiting": any(document.in_hand for document in documents),
    }
    if request.htmx:  # another page shows the documents, or this one looks how far they are
        return render(request, "reports/documents_panel.html", context)
    if may_see_downloads(request.user, about.project):
        context["downloads"] = latest(about.page)
        context["downloads_url"] = reverse("reports:downloads", args=[thing, pk])
        context["superseded"] = superseded_renditions(request.user, about.project).exists()
    return render(request, "reports/documents.html", context)


@require_POST
@counted_once
def document_request(request: Request, kind: str, pk: int) -> HttpResponse:
    """Request a document of any kind, in one or several languages. The page of minutes asks beside
    its button whether they are to have an annex of names."""
    if kind == DocumentKind.MINUTES and "names" in request.POST:
        kind = DocumentKind.NAMED_MINUTES
    about = about_or_404(request.user, kind, pk)
    form = document_form(request.user, about, request.POST, DocumentForm)
    return requested(request, about, form)


def requested(request: Request, about: About, form: RenditionForm) -> HttpResponse:
    """Request the documents that the form asks for, and lead to the page that lists them."""
    if form.is_valid():
        request_renditions(
            form.about(about),
            form.cleaned_data["languages"],
            audience=form.cleaned_data["audience"],
            by=request.user,
        )
        done = _("The document is being prepared: its place is below.")
        messages.add_message(request, *queued(done))
    else:
        messages.error(request, complaints(form))
    return redirect(f"{documents_url(about)}#documents")


@require_safe
def document_file(request: Request, kind: str, pk: int, ending: str) -> HttpResponse:
    """Answer with the document as a Word file or as plain text, made in this request."""
    about = about_or_404(request.user, kind, pk)
    has_it = {"docx": kind_of(about).has_word, "txt": kind_of(about).has_text}
    if not has_it[ending]:
        raise Http404
    form = document_form(request.user, about, request.GET, AtOnceForm)
    if not form.is_valid():
        messages.error(request, complaints(form))
        return redirect(f"{documents_url(about)}#documents")
    wanted = {name: form.cleaned_data[name] for name in ("language", "audience")}
    content = file_now(form.about(about), ending, **wanted)
    log_download(form.about(about), wanted["language"], ending, request.user)
    return as_file(content, name_for(request.user, about, **wanted), ending)


def as_file(content: bytes, name: str, ending: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.{ending}")
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    mime = MIME_TYPES[ending] + ("; charset=utf-8" if ending == "txt" else "")
    return HttpResponse(content, content_type=mime, headers=headers)


def about_or_404(user: User, kind: str, pk: int) -> About:
    """Return the document that a page was asked for.

    Raises Http404 for a thing that the person does not see, or of which there is nothing to say
    yet.
    """
    if kind not in DocumentKind.values:
        raise Http404
    about = About(thing_or_404(user, THING_OF[DocumentKind(kind)], pk), DocumentKind(kind))
    ask(may_request(user, about), _("This document is for the coordination, or not meant for you."))
    if not kind_of(about).applies(about):
        raise Http404
    return about


def documents_url(about: About) -> str:
    """Return the address of the page that lists a document.

    A report lists its documents on its own page; a certificate is listed with its meeting.
    """
    if about.kind == DocumentKind.ANNUAL_REPORT:
        return about.of(Report).get_absolute_url()
    thing = (
        "meeting" if about.kind == DocumentKind.CERTIFICATE else THING_OF[DocumentKind(about.kind)]
    )
    pk = about.page.pk if thing == "meeting" else about.thing.pk
    return reverse("reports:documents", args=[thing, pk])


def trail_to(about: About) -> Crumbs:
    """Return the way to the pages of a document, by the page that lists it."""
    crumbs, url = trail(about.project, about.page), documents_url(about)
    return crumbs if url == crumbs[-1].url else [*crumbs, Crumb(_("Documents"), url)]


@dataclass
class DocumentOffer:
    """A document that the person may request, with the form to do so."""

    about: About
    form: DocumentForm
    at_once: AtOnceForm | None

    @property
    def label(self) -> str:
        return str(DocumentKind(self.about.kind).label)

    @property
    def url(self) -> str:
        return reverse("reports:document-request", args=[self.about.kind, self.about.thing.pk])

    @property
    def word_url(self) -> str:
        return self._file_url("document-word") if kind_of(self.about).has_word else ""

    @property
    def text_url(self) -> str:
        return self._file_url("document-text") if kind_of(self.about).has_text else ""

    @property
    def templates(self) -> list[tuple[str, WordTemplate]]:
        """The donor's Word templates that the report can be filled into, each with its address."""
        if self.about.kind != DocumentKind.ANNUAL_REPORT:
            return []
        report = self.about.of(Report)
        return [
            (reverse("reports:template", args=[report.pk, template.pk]), template)
            for template in WordTemplate.objects.filter(preset=report.preset_id)
        ]

    def _file_url(self, name: str) -> str:
        return reverse(f"reports:{name}", args=[self.about.kind, self.about.thing.pk])


def offers_for(user: User, name: str, thing: Model) -> list[DocumentOffer]:
    return [
        offer_of(user, about)
        for about in (About(thing, kind) for kind in KINDS_OF[name])
        if may_request(user, about) and kind_of(about).applies(about)
    ]


def offer_of(user: User, about: About) -> DocumentOffer:
    kind = kind_of(about)
    at_once = kind.has_word or kind.has_text
    return DocumentOffer(
        about,
        document_form(user, about, None, DocumentForm),
        document_form(user, about, None, AtOnceForm) if at_once else None,
    )


def certificates_for(user: User, name: str, thing: Model) -> list[Attendance]:
    """Return the attendances of a meeting for which the person may request the certificate."""
    if name != "meeting":
        return []
    rows = visible_things(user, "attendance").filter(meeting=thing)
    rows = rows.select_related("contact", "seat__institution", "meeting__committee__project")
    abouts = [
        About(row, DocumentKind.CERTIFICATE)
        for row in rows.prefetch_related("seat__institution__names")
    ]
    return [
        about.of(Attendance)
        for about in abouts
        if kind_of(about).applies(about) and may_request(user, about)
    ]


RequestForm = TypeVar("RequestForm", bound=DocumentForm)


def document_form(
    user: User, about: About, data: QueryDict | None, form_class: type[RequestForm]
) -> RequestForm:
    kind = kind_of(about)
    language = active_language()
    return form_class(
        data,
        audiences=audiences_offered(user, about, kind.audiences),
        addressees=kind.addressees(about) if kind.addressees else None,
        bases=kind.bases(about) if kind.bases else None,
        initial={"languages": [language], "language": language},
        auto_id=f"id_{form_class.__name__}_{about.kind}_{about.thing.pk}_%s",
    )


def documents_of(user: User, page: Model) -> list[Rendition]:
    if isinstance(page, Report):
        rows = report_documents(user, page)
    else:
        rows = list(visible_renditions(user, page).with_related().order_by("-pk"))
    return newest_of(user, rows)


def newest_of(user: User, rows: list[Rendition]) -> list[Rendition]:
    """Return the newest document of each kind, addressee, audience and language.

    A document that is ready is shown rather than one that is only being made by a later renderer.
    """
    newest: dict[tuple[object, ...], Rendition] = {}
    for row in rows:
        about = row.snapshot.about
        key = (about, row.is_draft, row.audience, row.language)
        shown = newest.setdefault(key, row)
        if row.is_ready and not (shown.is_ready or row.is_draft):
            newest[key] = row
    for row in newest.values():
        row.leads_to_links = may_share(user, row)
    return sorted(newest.values(), key=_place)


def _place(row: Rendition) -> tuple[str, bool, str, int]:
    return (row.snapshot.kind, row.is_draft, row.audience, language_rank(row.language))


# /documents/


def rendition_or_404(user: User, pk: int) -> Rendition:
    """Return a document, or the one that took its place.

    That is the equal one that replaced it while both were being made, or the one by which it was
    superseded; the coordination still gets what was superseded.
    """
    visible = every_visible_rendition(user).with_related()
    if found := visible.filter(pk=pk).first():
        return found
    superseded = Rendition.objects.with_related().exclude(superseded_at=None).filter(pk=pk).first()
    if superseded and may_edit(user, superseded.snapshot.project):
        return superseded
    if superseded and superseded.replaced_by_id:
        return rendition_or_404(user, superseded.replaced_by_id)
    return get_object_or_404(visible, pk=joined_by(pk))


@require_safe
def rendition_detail(request: Request, pk: int) -> HttpResponse:
    return render(request, "reports/rendition.html", rendition_context(request, pk))


@require_safe
def rendition_status(request: Request, pk: int) -> HttpResponse:
    """Answer with the part of the page that waits for the document; the page polls it."""
    return render(request, "reports/rendition.html#state", rendition_context(request, pk))


def rendition_context(request: Request, pk: int) -> dict[str, Any]:
    rendition = rendition_or_404(request.user, pk)
    about = rendition.snapshot.about
    return {
        "title": str(rendition),
        "crumbs": trail_to(about),
        "rendition": rendition,
        "queue_note": queue_note() if rendition.state == Rendition.State.QUEUED else "",
        "may_manage": may_manage_rendition(request.user, rendition),
        "may_share": may_share(request.user, rendition),
    }


def managed_rendition(user: User, pk: int) -> Rendition:
    rendition = rendition_or_404(user, pk)
    ask(
        may_manage_rendition(user, rendition),
        _("Only the person who requested it and the coordination can do this."),
    )
    return rendition


@require_POST
def rendition_cancel(request: Request, pk: int) -> HttpResponse:
    rendition = managed_rendition(request.user, pk)
    if not cancel_rendition(rendition, by=request.user):
        messages.error(request, _("It is too late to cancel: the document is ready."))
    return redirect(rendition)


@require_POST
def rendition_retry(request: Request, pk: int) -> HttpResponse:
    rendition = managed_rendition(request.user, pk)
    if not retry_rendition(rendition, by=request.user):
        messages.error(request, _("The document is already being prepared, or is ready."))
    return redirect(rendition)


@require_safe
def rendition_download(request: Request, pk: int) -> FileResponse | HttpResponseRedirect:
    rendition = rendition_or_404(request.user, pk)
    if rendition.in_hand and rendition.pk != pk:
        return redirect(rendition)  # who has the link of what it replaces sees that it is coming
    if not rendition.is_ready:
        raise Http404(_("This document is not ready yet."))
    if rendition.is_destroyed:
        raise Http404(_("The file of this document was destroyed."))
    answer = serve(rendition, filename=name_of_rendition(request.user, rendition))
    if request.method == "GET":
        record_download(rendition, by=request.user)
    return answer


@require_safe
def rendition_text(request: Request, pk: int) -> HttpResponse:
    """Answer with the plain text of a document's data, which is light for slow telephones."""
    rendition = rendition_or_404(request.user, pk)
    about = rendition.snapshot.about
    if not (rendition.is_ready and kind_of(about).has_text) or rendition.is_destroyed:
        raise Http404(_("This document is not ready yet."))
    content = text_of_rendition(rendition).encode()
    if request.method == "GET":
        record_download(rendition, by=request.user, format="txt")
    return as_file(content, name_of_rendition(request.user, rendition), "txt")
