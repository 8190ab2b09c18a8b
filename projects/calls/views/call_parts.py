"""Pages of the criteria, questions, documents and panel members of a call."""

from django import forms
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    act,
    delete_page,
    form_page,
    posted,
    posted_files,
    saved,
)
from projects.calls.forms.calls import (
    CallDocumentForm,
    CallQuestionForm,
    CriterionForm,
    PanelMemberForm,
)
from projects.calls.services.documents import add_call_document
from projects.calls.services.panel import add_panel_member, end_panel_member
from projects.calls.views.calls import (
    call_crumbs,
    call_or_404,
    draft_call,
    editable_call,
)
from projects.models import CallDocument, CallQuestion, Criterion
from projects.pages import reverse_in


@READ_OR_SAVE
def criterion_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = draft_call(request, code, pk)
    new = Criterion(call=call, position=call.criteria.count() + 1)
    return _criterion_form(request, new, _("Add a criterion"))


@READ_OR_SAVE
def criterion_edit(request: Request, code: str, pk: int, criterion_pk: int) -> HttpResponse:
    call = draft_call(request, code, pk)
    criterion = get_object_or_404(call.criteria.all(), pk=criterion_pk)
    criterion.call = call
    return _criterion_form(request, criterion, _("Edit the criterion"))


def _criterion_form(request: Request, criterion: Criterion, title: str) -> HttpResponse:
    call = criterion.call
    form = CriterionForm(posted(request), instance=criterion)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The criterion was saved."), call)
    return form_page(
        request,
        form,
        title=title,
        back=call.get_absolute_url(),
        crumbs=call_crumbs(request.user, call, call),
        delete_url=reverse_in(call.project, "criterion-delete", call.pk, criterion.pk)
        if criterion.pk
        else "",
    )


@READ_OR_SAVE
def criterion_delete(request: Request, code: str, pk: int, criterion_pk: int) -> HttpResponse:
    call = draft_call(request, code, pk)
    criterion = get_object_or_404(call.criteria.all(), pk=criterion_pk)
    back = call.get_absolute_url()
    crumbs = call_crumbs(request.user, call, call)
    return delete_page(request, criterion, back=back, done=back, crumbs=crumbs)


@READ_OR_SAVE
def question_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    return _question_form(request, CallQuestion(call=call), _("Add a question and its answer"))


@READ_OR_SAVE
def question_edit(request: Request, code: str, pk: int, question_pk: int) -> HttpResponse:
    question = _question(request, code, pk, question_pk)
    return _question_form(request, question, _("Edit the question and its answer"))


def _question(request: Request, code: str, pk: int, question_pk: int) -> CallQuestion:
    call = editable_call(request.user, code, pk)
    question = get_object_or_404(call.questions.all(), pk=question_pk)
    question.call = call
    return question


def _question_form(request: Request, question: CallQuestion, title: str) -> HttpResponse:
    call = question.call
    form = CallQuestionForm(posted(request), instance=question)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The question was saved."), call)
    return form_page(
        request,
        form,
        title=title,
        intro=_("Anybody can read this once the call is open."),
        back=call.get_absolute_url(),
        crumbs=call_crumbs(request.user, call, call),
        delete_url=reverse_in(call.project, "call-question-delete", call.pk, question.pk)
        if question.pk
        else "",
    )


@READ_OR_SAVE
def question_delete(request: Request, code: str, pk: int, question_pk: int) -> HttpResponse:
    question = _question(request, code, pk, question_pk)
    back = question.call.get_absolute_url()
    crumbs = call_crumbs(request.user, question.call, question.call)
    return delete_page(request, question, back=back, done=back, crumbs=crumbs)


@READ_OR_SAVE
def document_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    document = CallDocument(call=call)
    form = CallDocumentForm(posted(request), posted_files(request), instance=document)
    if form.is_valid():
        add_call_document(document, form.cleaned_data["upload"])
        return saved(request, _("The document was saved."), call)
    return form_page(
        request,
        form,
        title=_("Add a document to the call"),
        intro=_("Anybody can read this once the call is open."),
        back=call.get_absolute_url(),
        crumbs=call_crumbs(request.user, call, call),
    )


@require_safe
def document(request: Request, code: str, pk: int, document_pk: int) -> FileResponse:
    call = call_or_404(request.user, code, pk)
    document = get_object_or_404(call.documents.all(), pk=document_pk)
    return serve(document, filename=document.original_name)


@READ_OR_SAVE
def document_delete(request: Request, code: str, pk: int, document_pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    document = get_object_or_404(call.documents.all(), pk=document_pk)
    back = call.get_absolute_url()
    crumbs = call_crumbs(request.user, call, call)
    return delete_page(request, document, back=back, done=back, crumbs=crumbs)


@READ_OR_SAVE
def panel_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    form = PanelMemberForm(posted(request))
    if form.is_valid():
        facts = form.cleaned_data
        if seat := act(form, lambda: add_panel_member(call, **facts, by=request.user)):
            sentence = _("%(person)s is on the panel and receives a message.")
            return saved(request, sentence % {"person": seat.result}, call)
    return form_page(
        request,
        form,
        title=_("Add a person to the panel"),
        intro=_("The panel sees this call and its proposals, and nothing else of the project."),
        back=call.get_absolute_url(),
        crumbs=call_crumbs(request.user, call, call),
    )


@READ_OR_SAVE
def panel_delete(request: Request, code: str, pk: int, member_pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    seat = get_object_or_404(call.panel.current().select_related("user"), pk=member_pk)
    if request.method == "POST":
        end_panel_member(seat, by=request.user)
        return saved(request, _("The person was removed from the panel."), call)
    return form_page(
        request,
        forms.Form(),
        title=_("Remove “%(person)s” from the panel?") % {"person": seat},
        intro=_("What they submitted is kept and counts; they no longer see the call."),
        back=call.get_absolute_url(),
        crumbs=call_crumbs(request.user, call, call),
        danger=True,
        submit=_("Remove from the panel"),
    )
