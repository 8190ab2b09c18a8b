"""The public pages of calls, and those on which organisations write proposals without an account.

They need no sign-in and track nobody. The link in a message opens one proposal; opening it changes
nothing, and the page works on a telephone without scripts.
"""

from collections.abc import Callable
from functools import wraps

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.drafts import PageDraft
from accounts.links import LinkNotValid, absolute_url, draft_of, reading_as, token_of
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, act, posted
from kernel.text import LANGUAGES, active_language
from projects.calls.deadlines import deadline_text
from projects.calls.forms.proposals import ProposalForm, StartProposalForm
from projects.calls.services.proposals import (
    closed_message,
    keep_file,
    lock_for_writing,
    remove_files,
    replace_lines,
    start_proposal,
    submit_proposal,
    withdraw_proposal,
)
from projects.models import CallForProposals, PanelMember, Proposal


def public_call(code: str) -> CallForProposals:
    return get_object_or_404(CallForProposals.objects.public().select_related("project"), code=code)


@login_not_required
@require_safe
def open_calls(request: HttpRequest) -> HttpResponse:
    """Lists the open calls, and for panel members also the calls of their panels."""
    calls = list(CallForProposals.objects.open().select_related("project").order_by("closes_at"))
    seats = PanelMember.objects.none()
    if request.user.is_authenticated:
        seats = PanelMember.objects.current().filter(user=request.user)
        seats = seats.exclude(call__status=CallForProposals.Status.DRAFT)
    context = {
        "calls": [{"call": call, "deadline": deadline_text(call)} for call in calls],
        "panels": [seat.call for seat in seats.select_related("call__project")],
    }
    return render(request, "projects/public/calls.html", context)


@login_not_required
@require_safe
def call(request: HttpRequest, code: str) -> HttpResponse:
    call = public_call(code)
    own = active_language()
    context = {
        "call": call,
        "deadline": deadline_text(call),
        "criteria": list(call.criteria.all()),
        "questions": list(call.questions.all()),
        "documents": list(call.documents.all()),
        "sentence": sentence_on(call),
        "guides": sorted(call.guides.all(), key=lambda guide: guide.language != own),
        "word_guides": [
            (language, LANGUAGES[language])
            for language in sorted(call.written_in, key=lambda language: language != own)
        ],
        "description": " ".join(call.theme.split()),
    }
    return render(request, "projects/public/call.html", context)


def sentence_on(call: CallForProposals) -> str:
    """Return a sentence by which people tell others of the call."""
    facts = {
        "title": call.title,
        "deadline": call.date_note or deadline_text(call),
        "address": absolute_url(call.get_public_url()),
    }
    return _("Call for projects: %(title)s. Deadline: %(deadline)s. %(address)s") % facts


@login_not_required
@require_safe
def call_document(request: HttpRequest, code: str, pk: int) -> FileResponse:
    document = get_object_or_404(public_call(code).documents.all(), pk=pk)
    return serve(document, filename=document.original_name)


@login_not_required
@READ_OR_SAVE
@never_cache
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for name and address. The answer is the same for known and unknown addresses, so that it
    does not reveal who has proposed."""
    call = public_call(code)
    form = StartProposalForm(posted(request))
    if request.method == "POST" and form.is_machine:
        return redirect("calls:sent", call.code)
    if (
        form.is_valid()
        and _may_start(request, call, form)
        and act(form, lambda: start_proposal(call, language=active_language(), **form.facts))
    ):
        return redirect("calls:sent", call.code)
    context = {
        "form": form,
        "call": call,
        "deadline": deadline_text(call),
        "closed": "" if call.is_open else closed_message(call),
        "months": settings.PROPOSAL_MONTHS,
    }
    return render(request, "projects/public/propose.html", context)


def _may_start(request: HttpRequest, call: CallForProposals, form: StartProposalForm) -> bool:
    """Limits how often one visitor starts a proposal, and how often one mailbox gets a link."""
    key = f"{call.pk}:{form.cleaned_data['contact_email']}"
    if ratelimit.consume(request, action="propose", key=key):
        return True
    form.add_error(
        None, _("This was requested often in a short time. Wait an hour, then try again.")
    )
    return False


@login_not_required
@require_safe
def sent(request: HttpRequest, code: str) -> HttpResponse:
    call = public_call(code)
    context = {"call": call, "deadline": deadline_text(call)}
    return render(request, "projects/public/sent.html", context)


def proposal_or_404(code: str, token: str) -> Proposal:
    proposal = Proposal.objects.opened_by(token)
    if proposal is None or proposal.call.code != code:
        raise LinkNotValid
    return proposal


def proposal_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of one proposal, which whoever has its link opens: as `link_page` does for people
    with an account, in the language of the proposal and with a draft of what is typed."""

    @wraps(view)
    def page(request: HttpRequest, code: str, token: str) -> HttpResponse:
        proposal = proposal_or_404(code, token)
        with reading_as(request, proposal):
            return PageDraft(request, proposal, None).answer(lambda: view(request, proposal))

    return login_not_required(never_cache(page))


@READ_OR_SAVE
@proposal_page
def proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    if request.method == "POST":
        return _save(request, proposal)
    if not proposal.may_be_written:
        return _closed_page(request, proposal)
    form = ProposalForm(instance=proposal, whole=not proposal.is_draft)
    return _proposal_page(request, form)


def _save(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Saves the form, and submits the proposal if that was pressed and nothing is missing."""
    submits = request.POST.get("press") == "submit"
    with transaction.atomic():
        try:
            proposal = lock_for_writing(proposal)
        except ValidationError:
            return _closed_page(request, proposal, status=403)
        form = ProposalForm(
            request.POST, request.FILES, instance=proposal, whole=not proposal.is_draft
        )
        kept = _save_form(form)
        if kept and submits and proposal.is_draft:
            form.ask_for_all(proposal.files.count())
        if kept and submits and form.is_valid():
            proposal = submit_proposal(proposal)
    if not kept or not form.is_valid():
        if kept:
            messages.info(request, _("Saved as a draft. It is not submitted yet: see below."))
        return _proposal_page(request, form)
    draft_of(request).is_sent = True
    messages.success(request, _saved_message(proposal))
    return redirect("calls:proposal", proposal.call.code, token_of(request))


def _save_form(form: ProposalForm) -> bool:
    """Saves a valid form and returns whether it did. A valid file is kept in any case, since it came
    over a slow line."""
    valid = form.is_valid()
    proposal = form.instance
    if valid:
        remove_files(proposal, form.removed)
    if form.upload:
        try:
            keep_file(proposal, form.upload)
        except ValidationError as error:
            form.add_error("upload", error)
            valid = False
    if valid:
        valid = form.save_or_explain()
    if valid:
        replace_lines(proposal, form.lines)
        form.show_again()
    else:
        form.show_files()
    return valid


def _saved_message(proposal: Proposal) -> str:
    if proposal.is_draft:
        return _("Saved as a draft. Submit it before the deadline.")
    return _("Your proposal is received under the number %(number)s.") % {
        "number": proposal.reference
    }


def _proposal_page(request: HttpRequest, form: ProposalForm) -> HttpResponse:
    proposal, draft = form.instance, draft_of(request)
    draft.fill_in(form)
    context = {
        "form": form,
        "draft": draft,
        "proposal": proposal,
        "call": proposal.call,
        "token": token_of(request),
        "deadline": deadline_text(proposal.call, proposal.late_until),
        "files": form.kept,
        "months": settings.PROPOSAL_MONTHS,
    }
    return render(request, "projects/public/proposal.html", context)


def _closed_page(request: HttpRequest, proposal: Proposal, status: int = 200) -> HttpResponse:
    """Shows what became of the proposal; after the deadline the link opens nothing else."""
    context = {
        "proposal": proposal,
        "call": proposal.call,
        "sentence": closed_message(proposal.call),
    }
    return render(request, "projects/public/proposal_over.html", context, status=status)


@login_not_required
@require_safe
@never_cache
def proposal_file(request: HttpRequest, code: str, token: str, pk: int) -> FileResponse:
    proposal = proposal_or_404(code, token)
    if not proposal.may_be_written:
        raise Http404
    file = get_object_or_404(proposal.files.all(), pk=pk)
    return serve(file, filename=file.original_name)


@READ_OR_SAVE
@proposal_page
def proposal_withdraw(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    token = token_of(request)
    if request.method == "POST":
        try:
            withdraw_proposal(proposal)
        except ValidationError:
            return _closed_page(request, proposal, status=403)
        return redirect("calls:proposal", proposal.call.code, token)
    if not proposal.may_be_written:
        return _closed_page(request, proposal)
    context = {"proposal": proposal, "call": proposal.call, "token": token}
    return render(request, "projects/public/withdraw.html", context)
