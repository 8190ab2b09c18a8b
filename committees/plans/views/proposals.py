"""Proposed changes: given on an action, shown side by side, accepted or declined."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Action, ActionPlan, ActionTerms, Channel
from committees.permissions.plans import (
    answers_read,
    may_enter_answers,
    may_settle,
    visible_proposals,
)
from committees.plans.forms.proposals import (
    EnteredPlanProposalForm,
    PlanProposalForm,
    SettleProposalForm,
)
from committees.plans.services.comparison import reference_order
from committees.plans.services.proposals import ProposedField, by_field, named_in
from committees.plans.services.reading import read_plan
from committees.plans.views.parts import plan_context, plan_or_404, plan_trail
from committees.plans.views.review import (
    answer_page,
    answers_closed,
    kept,
    plan_to_answer,
    thanked,
)
from kernel.form_fields import show_instead
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from partners.models import Institution
from partners.reading import named_institutions


@require_safe
def plan_proposals(request: Request, pk: int) -> HttpResponse:
    """Show the proposals that the reader may read, by action and field, open ones first."""
    plan = plan_or_404(request.user, pk)
    overview = read_plan(plan, reads=answers_read(request.user, plan))
    terms = overview.terms
    context = plan_context(request, overview, "proposals", count=len(terms))
    if not (context["asked"] or context["sees_all"]) or not plan.review_until:
        raise Http404
    found = by_field(overview.answers.proposals, terms, overview.institutions)
    titles = {one.action_id: one for one in terms}
    several = [field for fields in found.values() for field in fields]
    several.sort(key=lambda field: (not field.is_open, reference_order(action_of(field).reference)))
    fields = [
        {"field": field, "action": action_of(field), "terms": titles.get(action_of(field).pk)}
        for field in several
    ]
    return render(request, "committees/plan_proposals.html", context | {"fields": fields})


@READ_OR_SAVE
def plan_propose(request: Request, pk: int, action_pk: int) -> HttpResponse:
    plan, answering = plan_to_answer(request.user, pk)
    terms = terms_or_404(plan, action_pk)
    if not answering:
        return answers_closed(request, plan)
    form = proposal_form(request, terms, answering)
    if answer := kept(form, by=request.user, channel=Channel.PORTAL):
        return thanked(request, answer.result)
    return answer_page(request, plan, form, title=_("Propose a change"), intro=str(terms))


@READ_OR_SAVE
def plan_enter_proposal(request: Request, pk: int, action_pk: int) -> HttpResponse:
    """Enter what an institution proposed by telephone, letter or messenger."""
    plan = plan_or_404(request.user, pk)
    ask(may_enter_answers(request.user, plan))
    terms = terms_or_404(plan, action_pk)
    if plan.status != ActionPlan.Status.IN_REVIEW:
        return answers_closed(request, plan)
    form = EnteredPlanProposalForm(
        posted(request), terms=terms, plan=plan, institutions=list(plan.reviewers())
    )
    if answer := kept(form, by=request.user, channel=""):
        return thanked(request, answer.result)
    return answer_page(
        request,
        plan,
        form,
        title=_("Enter a proposal"),
        intro=_("The institution is informed of what you enter in its name."),
    )


@READ_OR_SAVE
def proposal_settle(request: Request, pk: int, proposal_pk: int) -> HttpResponse:
    """Accept or decline a proposal, with the others on the same field shown beside it."""
    plan = plan_or_404(request.user, pk)
    visible = visible_proposals(request.user, plan)
    proposal = get_object_or_404(visible, pk=proposal_pk)
    proposal.plan = plan
    ask(may_settle(request.user, proposal))
    same = list(visible.filter(action=proposal.action_id, field=proposal.field))
    terms = plan.terms.with_related().filter(action=proposal.action_id)
    field = by_field(same, terms, named_institutions(named_in(same)))
    [side_by_side] = field[proposal.action_id]
    initial = {"seen": side_by_side.seen or "", "decision": request.GET.get("decision", "")}
    form = SettleProposalForm(posted(request), initial=initial)
    if form.is_valid() and act(form, lambda: form.save(proposal, by=request.user)):
        return saved(request, settled(form), "committees:plan-proposals", plan.pk)
    if form.is_bound:  # decide again on what the field says now
        show_instead(form, "seen", side_by_side.seen or "")
    return form_page(
        request,
        form,
        title=_("Settle a proposal"),
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("Settle"),
        template="committees/plan_settle.html",
        plan=plan,
        field=side_by_side,
        proposal=proposal,
    )


# The parts of these views, also of those behind a link


def action_of(field: ProposedField) -> Action:
    return field.proposals[0].row.action


def terms_or_404(plan: ActionPlan, action_pk: int) -> ActionTerms:
    terms = get_object_or_404(plan.terms.with_related(), action=action_pk)
    terms.plan = plan
    return terms


def proposal_form(
    request: HttpRequest, terms: ActionTerms, institutions: list[Institution]
) -> PlanProposalForm:
    return PlanProposalForm(
        posted(request), terms=terms, plan=terms.plan, institutions=institutions
    )


def settled(form: SettleProposalForm) -> str:
    if form.cleaned_data["decision"] == form.ACCEPT:
        return _(
            "Accepted: the action now says what was proposed. Other proposals on the same point still "
            "wait for an answer; beside each it says that the action has changed since."
        )
    return _("The proposal is declined; the institution reads your answer.")
