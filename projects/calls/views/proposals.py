"""Pages of a call's proposals for the coordination and the panel: the table with its ranking, one
proposal, its eligibility and the decision."""

from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from accounts.models import User
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    HasPage,
    Request,
    act,
    ask,
    page_of,
    posted,
    save_page,
    saved,
)
from kernel.sheets import excel_sheet
from partners.forms import any_of, search_box
from projects.calls.deadlines import deadline_text
from projects.calls.forms.calls import LateAdmissionForm, ProposalDecisionForm
from projects.calls.forms.proposals import EligibilityForm
from projects.calls.proposal_sheet import sheet_head, sheet_rows
from projects.calls.services.panel import awarded_so_far, decide_proposal, rank_proposals
from projects.calls.services.proposals import (
    admit_late,
    record_eligibility,
)
from projects.calls.views.calls import call_crumbs, call_or_404, call_tabs
from projects.models import (
    Assessment,
    CallForProposals,
    PanelMember,
    Proposal,
)
from projects.pages import handed_file, reverse_in
from projects.permissions.calls import (
    may_read_proposal,
    may_score,
    may_see_contact,
    may_see_phone,
    proposals_with_scores_seen,
    roles_in_call,
    seat_on_panel,
    visible_proposals,
)
from projects.permissions.roles import TEAM, may_edit

DECISIONS = ("shortlist", "reject", "award", "decline")


class ProposalFilterForm(forms.Form):
    q = search_box(gettext_lazy("Organisation or title"))
    status = any_of(gettext_lazy("Status"), Proposal.Status.choices)


def readable_call(user: User, code: str, pk: int) -> CallForProposals:
    """Returns a call whose deadline has passed, for its team and panel. Raises Http404 for others."""
    call = call_or_404(user, code, pk)
    ask(
        call.deadline_passed,
        _("Nobody reads proposals before the deadline, so that nobody can favour one."),
    )
    if not (roles_in_call(user, call) & TEAM or seat_on_panel(user, call)):
        raise Http404
    return call


def proposal_rows(user: User, call: CallForProposals) -> list[dict[str, Any]]:
    """Returns the proposals by rank, then by number, with marks where the person may see them."""
    proposals = list(visible_proposals(user, call).with_amounts().prefetch_related("checks"))
    seen = set(proposals_with_scores_seen(user, call).values_list("pk", flat=True))
    scored = [each for each in proposals if each.pk in seen]
    outcomes = {each.key: each for each in rank_proposals(call, scored)}
    seat = seat_on_panel(user, call)
    own = {each.proposal_id: each for each in seat.assessments.all()} if seat else {}
    rows = []
    for proposal in proposals:
        proposal.call = call
        checks = list(proposal.checks.all())
        rows.append(
            {
                "proposal": proposal,
                "outcome": outcomes.get(proposal.pk),
                "own": own.get(proposal.pk),
                "met": sum(check.is_met for check in checks),
                "checked": len(checks),
            }
        )
    return sorted(rows, key=_by_rank)


def _by_rank(row: dict[str, Any]) -> tuple[bool, int, bool, int]:
    rank = row["outcome"].rank if row["outcome"] else None
    number = row["proposal"].number
    return rank is None, rank or 0, number is None, number or row["proposal"].pk


@require_safe
def proposal_list(request: Request, code: str, pk: int) -> HttpResponse:
    call = readable_call(request.user, code, pk)
    form = ProposalFilterForm(request.GET)
    form.is_valid()
    every = proposal_rows(request.user, call)
    rows = list(every)
    if status := form.cleaned_data.get("status"):
        rows = [row for row in rows if row["proposal"].status == status]
    if text := form.cleaned_data.get("q", "").casefold():
        rows = [row for row in rows if text in _searchable_text(row["proposal"])]
    seat = seat_on_panel(request.user, call)
    context = {
        "call": call,
        "project": call.project,
        "form": form,
        "page": page_of(request, rows),
        "is_filtered": any(form.cleaned_data.values()),
        "seat": seat,
        "to_judge": _count_to_judge(every) if seat else 0,
        "shows_marks": any(row["outcome"] and row["outcome"].sheets for row in every),
        "tabs": call_tabs(request.user, call),
        "crumbs": call_crumbs(request.user, call, call),
    }
    return render(request, "projects/proposals.html", context)


def _searchable_text(proposal: Proposal) -> str:
    return f"{proposal.reference} {proposal.organisation} {proposal.title}".casefold()


def _count_to_judge(rows: list[dict[str, Any]]) -> int:
    waiting = (Proposal.Status.SUBMITTED, Proposal.Status.SHORTLISTED)
    return sum(
        row["proposal"].status in waiting and not (row["own"] and row["own"].is_submitted)
        for row in rows
    )


@require_safe
def proposal_export(request: Request, code: str, pk: int) -> HttpResponse:
    """Exports the proposals without personal data and logs who did it."""
    call = readable_call(request.user, code, pk)
    rows = [(row["proposal"], row["outcome"]) for row in proposal_rows(request.user, call)]
    content = excel_sheet(_("Proposals"), sheet_head(call.currency), sheet_rows(rows))
    return handed_out(request, content, call.code, thing=call, rows=len(rows))


def proposal_or_404(user: User, code: str, pk: int, proposal_pk: int) -> Proposal:
    call = readable_call(user, code, pk)
    proposal = get_object_or_404(visible_proposals(user, call), pk=proposal_pk)
    proposal.call = call
    return proposal


def editable_proposal(user: User, code: str, pk: int, proposal_pk: int) -> Proposal:
    proposal = proposal_or_404(user, code, pk, proposal_pk)
    ask(may_edit(user, proposal.call.project))
    return proposal


def proposal_crumbs(user: User, proposal: Proposal, *more: HasPage | tuple[str, str]) -> Crumbs:
    call = proposal.call
    table = (_("Proposals"), reverse_in(call.project, "proposals", call.pk))
    return call_crumbs(user, call, call, table, *more)


@require_safe
def proposal(request: Request, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    """Shows a proposal; panel members first declare whether they have a conflict of interest."""
    user = request.user
    proposal = proposal_or_404(user, code, pk, proposal_pk)
    seat = seat_on_panel(user, proposal.call)
    may_read = may_read_proposal(user, proposal)
    if not may_read and seat and proposal.call.is_being_evaluated:
        return redirect(interest_url(proposal, seat))
    ask(
        may_read,
        _(
            "The panel reads proposals after the call has closed, once each member has "
            "declared that there is no conflict of interest."
        ),
    )
    return render(request, "projects/proposal.html", _proposal_context(user, proposal))


def interest_url(proposal: Proposal, seat: PanelMember) -> str:
    project = proposal.call.project
    return reverse_in(project, "proposal-interest", proposal.call_id, proposal.pk, seat.pk)


def _proposal_context(user: User, proposal: Proposal) -> dict[str, Any]:
    call = proposal.call
    editing = may_edit(user, call.project)
    seat = seat_on_panel(user, call)
    seen = proposals_with_scores_seen(user, call).filter(pk=proposal.pk).exists()
    verbs = [verb for verb in DECISIONS if proposal.may_take(verb)] if editing else []
    return {
        "proposal": proposal,
        "call": call,
        "project": call.project,
        "lines": list(proposal.lines.all()),
        "files": list(proposal.files.all()),
        "checks": list(proposal.checks.all()),
        "shows_contact": may_see_contact(user, proposal),
        "shows_phone": may_see_phone(user, proposal),
        "may_edit": editing,
        "seat": seat,
        "may_score": may_score(user, proposal),
        "own": seat and seat.assessments.filter(proposal=proposal).first(),
        "outcome": rank_proposals(call, [proposal])[0] if seen else None,
        "sheets": _score_sheets(proposal) if seen else [],
        "members": _members_to_enter_for(proposal)
        if editing and not seat and call.is_being_evaluated
        else [],
        "submitted_told": proposal.submitted_at and deadline_text(call, proposal.submitted_at),
        "steps": [
            {
                "label": proposal.STEPS[verb].label,
                "url": reverse_in(call.project, "proposal-decide", call.pk, proposal.pk, verb),
            }
            for verb in verbs
            if call.status == "evaluated" or (call.status == "closed" and verb in DECISIONS[:2])
        ],
        "may_admit": editing and proposal.is_draft and call.deadline_passed,
        "grant": getattr(proposal, "grant", None),
        "crumbs": proposal_crumbs(user, proposal),
    }


def _score_sheets(proposal: Proposal) -> list[Assessment]:
    """Returns the submitted score sheets, and those of members with a conflict of interest."""
    sheets = proposal.assessments.select_related("member__user").prefetch_related(
        "scores__criterion"
    )
    return [sheet for sheet in sheets if sheet.is_submitted or sheet.has_conflict]


def _members_to_enter_for(proposal: Proposal) -> list[dict[str, Any]]:
    """Returns the members whose scores the coordination may enter, with their score sheets."""
    sheets = {each.member_id: each for each in proposal.assessments.all()}
    finished = {key for key, each in sheets.items() if each.is_submitted or each.has_conflict}
    return [
        {"member": member, "sheet": sheets.get(member.pk)}
        for member in proposal.call.panel.current().select_related("user")
        if member.pk not in finished
    ]


@require_safe
def proposal_file(
    request: Request, code: str, pk: int, proposal_pk: int, file_pk: int
) -> FileResponse:
    proposal = proposal_or_404(request.user, code, pk, proposal_pk)
    ask(
        may_read_proposal(request.user, proposal),
        _("First say whether you have a conflict of interest."),
    )
    file = get_object_or_404(proposal.files.all(), pk=file_pk)
    return handed_file(
        request, file, f"{proposal.reference} {file.pk}", thing=proposal, file=file.pk
    )


@READ_OR_SAVE
def proposal_eligibility(request: Request, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    form = EligibilityForm(posted(request), proposal=proposal)
    return save_page(
        request,
        form,
        lambda: record_eligibility(proposal, form.answers, by=request.user),
        sentence=_("The checklist was saved."),
        title=_("Eligibility"),
        intro=str(proposal),
        crumbs=proposal_crumbs(request.user, proposal, proposal),
    )


@READ_OR_SAVE
def proposal_late(request: Request, code: str, pk: int, proposal_pk: int) -> HttpResponse:
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    form = LateAdmissionForm(posted(request), zone=proposal.call.project.zone)
    return save_page(
        request,
        form,
        lambda: admit_late(proposal, **form.cleaned_data, by=request.user),
        sentence=_("A new link was sent to the organisation."),
        title=_("Admit after the deadline"),
        intro=_("The deadline was %(deadline)s. The organisation receives a link by e-mail.")
        % {"deadline": deadline_text(proposal.call)},
        crumbs=proposal_crumbs(request.user, proposal, proposal),
    )


@READ_OR_SAVE
def proposal_decide(
    request: Request, code: str, pk: int, proposal_pk: int, verb: str
) -> HttpResponse:
    if verb not in DECISIONS:
        raise Http404
    proposal = editable_proposal(request.user, code, pk, proposal_pk)
    call = proposal.call
    form = ProposalDecisionForm(
        posted(request),
        verb=verb,
        language=proposal.language,
        initial={"amount": min(proposal.total, call.largest) or None},
    )
    if form.is_valid():
        facts = form.cleaned_data
        if act(form, lambda: decide_proposal(proposal, verb, by=request.user, **facts)):
            return saved(request, _("The decision on a proposal was recorded."), proposal)
    context = {
        "call": call,
        "proposal": proposal,
        "left": call.budget - awarded_so_far(call) if verb == "award" else None,
        "form": form,
        "title": proposal.STEPS[verb].label,
        "intro": f"{proposal} · {proposal.title}",
        "cancel_url": proposal.get_absolute_url(),
        "crumbs": proposal_crumbs(request.user, proposal, proposal),
    }
    return render(request, "projects/proposal_decide.html", context)
