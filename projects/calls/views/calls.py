"""Pages of calls for projects: the list, a call with its criteria, documents and panel, its steps.

Panel members see the call and nothing else of the project: these pages start from `visible_calls` and
show the tabs of the project only to those who may see it.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.mail import Envelope, MailText, write
from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    page_of,
    posted,
    refuse,
    save_page,
    saved,
    trail,
)
from kernel.refusal import Refusal
from partners.models import Contact
from projects.calls.deadlines import deadline_text
from projects.calls.forms.calls import CallForm, CallStepForm
from projects.calls.letters import proposal_outcome_letter
from projects.calls.services.panel import (
    awarded_so_far,
    count_missing_sheets,
    count_undecided,
    outcomes_to_send,
    send_outcomes,
    take_call_step,
)
from projects.models import CallForProposals, Project, Proposal
from projects.pages import (
    Chain,
    editable_project,
    no_chain,
    project_page,
    project_tabs,
    reverse_in,
    visible_project,
)
from projects.permissions.calls import (
    may_see_calls,
    roles_in_call,
    seat_on_panel,
    visible_calls,
    visible_grants,
    visible_proposals,
)
from projects.permissions.roles import TEAM, Role, may_edit, roles_of
from projects.sending.page import READ, sending_context
from projects.sending.recipients import Recipient

# The steps that may need a reason; a press is enough for the others.
STEPS_WITH_REASON = frozenset({"evaluate", "cancel"})


def call_or_404(user: User, code: str, pk: int) -> CallForProposals:
    return get_object_or_404(visible_calls(user), pk=pk, project__code=code)


def editable_call(user: User, code: str, pk: int) -> CallForProposals:
    call = call_or_404(user, code, pk)
    ask(may_edit(user, call.project))
    return call


def draft_call(request: Request, code: str, pk: int) -> CallForProposals:
    """Returns a call whose criteria may still change, for those who may edit it."""
    call = editable_call(request.user, code, pk)
    ask(call.is_draft, _("The call is published: what applicants rely on can no longer change."))
    return call


def sees_project(user: User, project: Project) -> bool:
    return bool(roles_of(user, project))


def call_crumbs(user: User, call: CallForProposals, *more: HasPage | tuple[str, str]) -> Crumbs:
    if not sees_project(user, call.project):
        return trail((_("Calls for projects"), reverse("calls:open")), *more)
    calls = (_("Calls"), reverse_in(call.project, "calls"))
    return trail(call.project, calls, *more)


def call_tabs(user: User, call: CallForProposals) -> list[dict[str, Any]]:
    return project_tabs(user, call.project, "calls") if sees_project(user, call.project) else []


@require_safe
def call_list(request: Request, code: str) -> HttpResponse:
    """Lists the calls and grants that the person may see; grantees find their own grant here."""
    user = request.user
    project = visible_project(user, code)
    grants = visible_grants(user, project).with_related()
    sees_calls = may_see_calls(user, project)
    if not sees_calls and not grants.exists():
        raise Http404
    page = page_of(request, visible_calls(user).filter(project=project))
    context = {
        "page": page,
        "rows": [{"call": each, "deadline": deadline_text(each)} for each in page.object_list],
        "sees_calls": sees_calls,
        "grants": list(grants),
        "may_edit": may_edit(user, project),
    }
    return project_page(request, "projects/calls.html", project, context, tab="calls")


@require_safe
def call(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/call.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    call = call_or_404(request.user, code, pk)
    return render(request, template, call_context(request.user, call) | chain(request.user, call))


def call_context(user: User, call: CallForProposals) -> dict[str, Any]:
    roles = roles_in_call(user, call)
    editing = may_edit(user, call.project)
    works = bool(roles & TEAM)
    seat = seat_on_panel(user, call)
    awarded = visible_proposals(user, call).filter(status=Proposal.Status.AWARDED)
    counts = call.proposals.values_list("status", flat=True) if works else []
    counts = [status for status in counts if status != Proposal.Status.WITHDRAWN]
    drafts = counts.count(Proposal.Status.DRAFT)
    return {
        "call": call,
        "project": call.project,
        "tabs": call_tabs(user, call),
        "crumbs": call_crumbs(user, call),
        "deadline": deadline_text(call),
        "opening": deadline_text(call, call.opens_at),
        "criteria": list(call.criteria.all()),
        "questions": list(call.questions.all()),
        "documents": list(call.documents.all()),
        "panel": list(call.panel.current().select_related("user")) if works else [],
        "awarded": list(awarded),
        "awarded_sum": awarded_so_far(call) if works else None,
        "received": len(counts) - drafts,
        "drafts": drafts,
        "missing": count_missing_sheets(call) if works and call.is_being_evaluated else 0,
        "undecided": count_undecided(call) if works else 0,
        "shows_proposals": call.deadline_passed and (works or Role.PANEL in roles),
        "works": works,
        "seat": seat,
        "may_edit": editing,
        "steps": _steps(call) if editing else [],
        "life": call_timeline(call),
        "history": list(call.status_changes) if works else [],
        "to_tell": editing and _count_unanswered(call),
    }


def _count_unanswered(call: CallForProposals) -> int:
    if call.status != CallForProposals.Status.AWARDED:
        return 0
    waiting = call.proposals.filter(status__in=Proposal.DECIDED, told_at=None)
    return waiting.exclude(contact_email="").count()


def _steps(call: CallForProposals) -> list[dict[str, Any]]:
    return [
        {
            "verb": verb,
            "label": call.STEPS[verb].label,
            "url": reverse_in(call.project, "call-step", call.pk, verb),
            "asks": verb in STEPS_WITH_REASON,
        }
        for verb in call.open_steps
    ]


def call_timeline(call: CallForProposals) -> list[dict[str, Any]]:
    """Returns the statuses for `components/steps.html`; a cancelled call has no further ones."""
    if call.status == call.Status.CANCELLED:
        return []
    order = [value for value in call.Status.values if value != call.Status.CANCELLED]
    now = order.index(call.status)
    states = ["done" if n < now else "now" if n == now else "next" for n in range(len(order))]
    labels = dict(call.Status.choices)
    return [
        {"label": labels[value], "state": state} for value, state in zip(order, states, strict=True)
    ]


@READ_OR_SAVE
def call_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    if pk is not None:
        editable_call(request.user, code, pk)
        call = get_object_or_404(locked(request, visible_calls(request.user)), pk=pk)
        title = _("Edit the call")
    else:
        project = editable_project(request.user, code)
        call = CallForProposals(project=project, contact_email=request.user.email or "")
        title = _("New call for projects")
    form = CallForm(posted(request), instance=call)
    return save_page(
        request,
        form,
        sentence=_("The call was saved."),
        to=call,
        title=title,
        crumbs=call_crumbs(request.user, call, *([call] if pk else [])),
        remove=lambda: reverse_in(call.project, "call-delete", call.pk) if call.is_draft else "",
    )


@READ_OR_SAVE
def call_delete(request: Request, code: str, pk: int) -> HttpResponse:
    call = draft_call(request, code, pk)
    return delete_page(
        request,
        call,
        done=reverse_in(call.project, "calls"),
        crumbs=call_crumbs(request.user, call, call),
    )


@READ_OR_SAVE
def call_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    """Takes a step of a call, on a page that asks for the reason where it may need one."""
    if verb not in CallForProposals.STEPS:
        raise Http404
    call = editable_call(request.user, code, pk)
    form = CallStepForm(posted(request)) if verb in STEPS_WITH_REASON else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            why = form.cleaned_data["why"] if form else ""
            take_call_step(call, verb, by=request.user, why=why)
        except (Refusal, ValidationError) as refusal:
            # The form is shown again only if the step can still be taken.
            refuse(form if form and call.may_take(verb) else request, refusal)
        else:
            status = call.get_status_display()
            return saved(request, _("The call is now: %(status)s.") % {"status": status}, call)
    if form is None or not call.may_take(verb):
        return redirect(call)
    return form_page(
        request,
        form,
        title=call.STEPS[verb].label,
        intro=_step_intro(call, verb),
        crumbs=call_crumbs(request.user, call, call),
        danger=verb == "cancel",
        submit=call.STEPS[verb].label,
    )


def _step_intro(call: CallForProposals, verb: str) -> str:
    if verb == "cancel":
        return _("The reason is kept; the public page of the call disappears.")
    if missing := count_missing_sheets(call):
        return _("Scores still missing: %(number)s. To continue without them, say why.") % {
            "number": missing
        }
    return _("All scores are complete. From now on they can no longer change.")


@READ_OR_SAVE
def call_answers(request: Request, code: str, pk: int) -> HttpResponse:
    """Shows who gets a message on the outcome of their proposal, then sends it to all at once."""
    call = editable_call(request.user, code, pk)
    if request.method == "POST" and READ not in request.POST:
        if written := act(request, lambda: send_outcomes(call, by=request.user)):
            sentence = _("Letters written: %(number)s.") % {"number": written.result}
            messages.success(request, sentence)
        return redirect(call)
    proposals = call.proposals.filter(status__in=Proposal.DECIDED).order_by("number")
    context = {
        "title": _("Inform the organisations"),
        "call": call,
        "proposals": list(proposals),
        "to_tell": _count_unanswered(call),
        "crumbs": call_crumbs(request.user, call, call),
        "cancel_url": call.get_absolute_url(),
        **_outcomes_context(request, call),
    }
    return render(request, "projects/call_answers.html", context)


def _outcomes_context(request: Request, call: CallForProposals) -> dict[str, Any]:
    """Returns what `components/sending_page.html` shows of the decisions that are still to be sent."""
    waiting = {proposal.pk: proposal for proposal in outcomes_to_send(call)}
    found = [
        Recipient(
            contact=Contact(
                pk=proposal.pk,
                full_name=proposal.contact_name,
                email=proposal.contact_email,
                language=proposal.language,
            ),
            place=proposal,
            url=proposal.get_absolute_url(),
        )
        for proposal in waiting.values()
    ]

    def preview(one: Recipient, lines: Mapping[str, str]) -> MailText:
        with translation.override(one.language):
            letter = proposal_outcome_letter(waiting[one.key])
            return write(letter, one.contact.full_name, Envelope(reply_to=call.contact_email))

    return sending_context(request, found, preview) if found else {}
