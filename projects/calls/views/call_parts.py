"""Pages of the criteria, questions, documents and panel members of a call, and those on which members
declare conflicts of interest and give scores."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from kernel.channel import Channel
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    posted,
    posted_files,
    save_page,
    saved,
)
from kernel.records import Record
from projects.calls.forms.calls import (
    CallDocumentForm,
    CallQuestionForm,
    ConflictOfInterestForm,
    CriterionForm,
    PanelMemberForm,
)
from projects.calls.forms.proposals import ScoreForm
from projects.calls.services.panel import (
    add_panel_member,
    declare_interest,
    end_panel_member,
    save_scores,
)
from projects.calls.services.proposals import add_call_document
from projects.calls.views.calls import call_crumbs, call_or_404, draft_call, editable_call
from projects.calls.views.proposals import interest_url, proposal_crumbs, proposal_or_404
from projects.models import (
    Assessment,
    CallDocument,
    CallForProposals,
    CallQuestion,
    Criterion,
    PanelMember,
    Proposal,
)
from projects.pages import reverse_in
from projects.permissions.calls import seat_on_panel
from projects.permissions.roles import may_edit
from projects.records import PartPages

CALL = "<str:code>/calls/<int:pk>/"
PUBLIC = gettext_lazy("Anybody can read this once the call is open.")


class CallParts(PartPages[Record]):
    prefix, place_name = CALL, "call"

    def find_place(self) -> CallForProposals:
        return editable_call(self.request.user, self.kwargs["code"], self.kwargs["pk"])

    def crumbs(self, *_more: Any) -> Crumbs:
        return call_crumbs(self.request.user, self.place, self.place)


class CriterionPages(CallParts[Criterion]):
    model, form_class = Criterion, CriterionForm
    name, names, key = "criterion", "criteria", "criterion_pk"
    new_title, edit_title = gettext_lazy("Add a criterion"), gettext_lazy("Edit the criterion")
    saved_sentence = gettext_lazy("The criterion was saved.")

    def find_place(self) -> CallForProposals:
        return draft_call(self.request, self.kwargs["code"], self.kwargs["pk"])

    def new_record(self) -> Criterion:
        return Criterion(call=self.place, position=self.place.criteria.count() + 1)


class CallQuestionPages(CallParts[CallQuestion]):
    model, form_class = CallQuestion, CallQuestionForm
    name, names, key = "call-question", "questions", "question_pk"
    new_title = gettext_lazy("Add a question and its answer")
    edit_title = gettext_lazy("Edit the question and its answer")
    saved_sentence = gettext_lazy("The question was saved.")

    def form_context(self, _question: CallQuestion) -> dict[str, Any]:
        return {"intro": PUBLIC}


@READ_OR_SAVE
def document_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    document = CallDocument(call=call)
    form = CallDocumentForm(posted(request), posted_files(request), instance=document)
    return save_page(
        request,
        form,
        lambda: add_call_document(document, form.cleaned_data["upload"]),
        sentence=_("The document was saved."),
        title=_("Add a document to the call"),
        intro=PUBLIC,
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
    document = get_object_or_404(call.documents, pk=document_pk)
    return delete_page(request, document, crumbs=call_crumbs(request.user, call, call))


@READ_OR_SAVE
def panel_create(request: Request, code: str, pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    form = PanelMemberForm(posted(request))
    sentence = _("%(person)s is on the panel and receives a message.")
    return save_page(
        request,
        form,
        lambda: add_panel_member(call, **form.cleaned_data, by=request.user),
        sentence=lambda seat: sentence % {"person": seat},
        title=_("Add a person to the panel"),
        intro=_("The panel sees this call and its proposals, and nothing else of the project."),
        crumbs=call_crumbs(request.user, call, call),
    )


@READ_OR_SAVE
def panel_delete(request: Request, code: str, pk: int, member_pk: int) -> HttpResponse:
    call = editable_call(request.user, code, pk)
    seat = get_object_or_404(call.panel.current().select_related("user"), pk=member_pk)
    return delete_page(
        request,
        seat,
        delete=lambda: end_panel_member(seat, by=request.user),
        sentence=_("The person was removed from the panel."),
        title=_("Remove “%(person)s” from the panel?") % {"person": seat},
        intro=_("What they submitted is kept and counts; they no longer see the call."),
        submit=_("Remove from the panel"),
        crumbs=call_crumbs(request.user, call, call),
    )


# --- Scores ---


def seat_to_enter_for(user: User, proposal: Proposal, member_pk: int) -> PanelMember:
    """Returns the person's own seat, or for the coordination that of any member, whose answers came
    by telephone or letter.

    Coordinators who sit on the panel enter only their own scores: they would see those of others.
    """
    seat = get_object_or_404(proposal.call.panel.current().select_related("user"), pk=member_pk)
    entered = may_edit(user, proposal.call.project) and not seat_on_panel(user, proposal.call)
    ask(
        seat.user_id == user.pk or entered,
        _("Each member judges alone; only the coordination enters scores on behalf of others."),
    )
    ask(
        proposal.call.is_being_evaluated,
        _("Scores can be given between the deadline and the end of the evaluation."),
    )
    return seat


@READ_OR_SAVE
def proposal_interest(
    request: Request, code: str, pk: int, proposal_pk: int, member_pk: int
) -> HttpResponse:
    proposal = proposal_or_404(request.user, code, pk, proposal_pk)
    seat = seat_to_enter_for(request.user, proposal, member_pk)
    form = ConflictOfInterestForm(posted(request))
    if form.is_valid():
        facts = form.cleaned_data
        if own := act(form, lambda: declare_interest(seat, proposal, **facts, by=request.user)):
            table = reverse_in(proposal.call.project, "proposals", pk)
            if own.result.has_conflict:
                return saved(request, _("Recorded: somebody else judges this proposal."), table)
            to = proposal.get_absolute_url()
            if seat.user_id != request.user.pk:
                to = _score_url(proposal, seat)
            return saved(request, _("Recorded: no conflict of interest."), to)
    context = {
        "form": form,
        "proposal": proposal,
        "title": _("Conflict of interest"),
        "intro": "" if seat.user_id == request.user.pk else str(seat),
        "cancel_url": reverse_in(proposal.call.project, "proposals", pk),
        "crumbs": proposal_crumbs(request.user, proposal),
    }
    return render(request, "projects/proposal_interest.html", context)


def _score_url(proposal: Proposal, seat: PanelMember) -> str:
    project = proposal.call.project
    return reverse_in(project, "proposal-score", proposal.call_id, proposal.pk, seat.pk)


@READ_OR_SAVE
def proposal_score(
    request: Request, code: str, pk: int, proposal_pk: int, member_pk: int
) -> HttpResponse:
    """Takes a member's scores, which nobody else sees until they are submitted."""
    proposal = proposal_or_404(request.user, code, pk, proposal_pk)
    seat = seat_to_enter_for(request.user, proposal, member_pk)
    sheet = seat.assessments.filter(proposal=proposal).first()
    if sheet is None:
        return redirect(interest_url(proposal, seat))
    entered = seat.user_id != request.user.pk
    form = ScoreForm(
        posted(request),
        criteria=list(proposal.call.criteria.all()),
        known={} if entered else _known_points(sheet),
        entered=entered,
        initial={} if entered else {"comment": sheet.comment},
    )
    if form.is_valid() and _save_scores(request, form, sheet, entered):
        return redirect("projects:proposals", code, pk)
    context = {
        "form": form,
        "proposal": proposal,
        "sheet": sheet,
        "member": seat if entered else None,
        "title": _("Scores"),
        "cancel_url": proposal.get_absolute_url(),
        "crumbs": proposal_crumbs(request.user, proposal, proposal),
    }
    return render(request, "projects/proposal_score.html", context)


def _known_points(sheet: Assessment) -> dict[int, tuple[Decimal, str]]:
    return {score.criterion_id: (score.points, score.comment) for score in sheet.scores.all()}


def _save_scores(request: Request, form: ScoreForm, sheet: Assessment, entered: bool) -> bool:
    final = entered or request.POST.get("press") == "submit"
    written = act(
        form,
        lambda: save_scores(
            sheet,
            form.points,
            comments=form.comments,
            comment=form.cleaned_data["comment"],
            final=final,
            by=request.user,
            channel=form.cleaned_data.get("channel", Channel.PORTAL),
            received_on=form.cleaned_data.get("received_on"),
        ),
    )
    if not written:
        return False
    if final:
        messages.success(request, _("Your scores have been submitted and can no longer change."))
    else:
        messages.success(request, _("Saved; nobody else sees it."))
    return True
