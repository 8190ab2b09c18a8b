"""The plan as the bearer of an access link has it: this plan alone, without a session.

Opening a page changes nothing, since mail scanners open links too. The address itself is the
key, and since no cookie identifies the person, a forged form could use none.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.codes import confirm_use
from accounts.kept import offer_by_link
from accounts.links import link_page, record_use, token_of, too_late
from accounts.models import AccessLink
from committees.models import ActionPlan, Channel, ProposedChange
from committees.models.plan import ActionPlanQuerySet
from committees.permissions.amounts import amounts_by_link
from committees.permissions.plans import AnswersRead, institutions_asked
from committees.plans.forms.proposals import PlanReplyForm
from committees.plans.forms.review import PlanAnswerForm
from committees.plans.services.board import (
    PlanBoard,
    board_of,
    more_time,
    own_review_statuses,
    review_statuses,
)
from committees.plans.services.comparison import compare_versions
from committees.plans.services.proposals import by_field
from committees.plans.services.reading import read_plan
from committees.plans.services.review import (
    PURPOSE,
    Answer,
    answer_to_withdraw,
    withdraw_answer,
)
from committees.plans.views.plans import BoardReader, shown_board
from committees.plans.views.proposals import proposal_form, terms_or_404
from committees.plans.views.review import (
    confirmation,
    kept,
    position_form,
    remark_form,
    submit_label,
)
from kernel.pages import READ_OR_SAVE, act, form_page, posted
from partners.models import Institution

View = Callable[..., HttpResponse]
MOST_ACTIONS_KEPT = 20


def plan_link_page(view: View) -> View:
    """Make a page of one plan, which somebody who answers for an institution opens."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink, **named: Any) -> HttpResponse:
        if not isinstance(plan := link.thing, ActionPlan):
            raise Http404
        asked = institutions_asked(link.user, plan)
        if not asked:  # the person left the institution or the project
            raise Http404
        if plan.status == ActionPlan.Status.DRAFT:
            return render(request, "committees/plan_link_draft.html", {"plan": plan})
        return view(request, link, plan, asked, **named)

    return link_page(PURPOSE, read={ActionPlan: _for_page})(page)


def _for_page(pk: int) -> ActionPlanQuerySet:
    return ActionPlan.objects.filter(pk=pk).for_page()


@require_safe
@plan_link_page
def plan_link(
    request: HttpRequest, link: AccessLink, plan: ActionPlan, asked: list[Institution]
) -> HttpResponse:
    own = {institution.pk for institution in asked}
    reads = AnswersRead(all=False, audiences=frozenset(), own=sorted(own))
    overview = read_plan(plan, to_compare=True, reads=reads)
    positions = [one for one in overview.answers.positions if one.institution_id in own]
    amounts = amounts_by_link(plan.project, asked)
    remarks, proposals, terms = overview.answers.remarks, overview.answers.proposals, overview.terms
    changes = compare_versions(plan, terms, amounts=amounts)
    by_action = changes.by_action if changes else None
    fields = by_field(proposals, terms, overview.institutions)
    board = board_of(plan, remarks, own=own, terms=terms, changes=by_action, proposals=fields)
    shown = review_statuses(asked, positions, {position.pk for position in positions})
    own_statuses = own_review_statuses(plan, shown, link.user)
    may_review, token = any(one.is_open for one in own_statuses), token_of(request)
    context = {
        "plan": plan,
        "project": plan.project,
        "board": board,
        **shown_board(request, plan, board, BoardReader(may_review, token=token, amounts=amounts)),
        "changes": changes,
        "own_count": sum(row.is_mine for group in board.groups for row in group.rows),
        "own_review_statuses": own_statuses,
        "open_until": more_time(plan, own_statuses),
        "answering": {one.institution.pk for one in own_statuses if one.is_open},
        "may_review": may_review,
        "has_position": any(one.position for one in own_statuses),
        "may_take": any(one.is_open and not one.taken for one in own_statuses),
        "token": token,
        "offer": offer_by_link(request, link, token, pages_to_keep(board) if may_review else ()),
        "done": confirmation_for(request.GET.get("done", ""), [*positions, *remarks, *proposals]),
    }
    return render(request, "committees/plan_link.html", context)


@READ_OR_SAVE
@plan_link_page
def plan_link_position(
    request: HttpRequest, link: AccessLink, plan: ActionPlan, asked: list[Institution]
) -> HttpResponse:
    form = position_form(request, plan, answering(plan, asked))
    return answered(request, link, plan, form, title=_("Your position"))


@READ_OR_SAVE
@plan_link_page
def plan_link_remark(
    request: HttpRequest, link: AccessLink, plan: ActionPlan, asked: list[Institution]
) -> HttpResponse:
    form = remark_form(request, plan, answering(plan, asked))
    return answered(request, link, plan, form, title=_("A remark"))


@READ_OR_SAVE
@plan_link_page
def plan_link_propose(
    request: HttpRequest,
    link: AccessLink,
    plan: ActionPlan,
    asked: list[Institution],
    action_pk: int,
) -> HttpResponse:
    terms = terms_or_404(plan, action_pk)
    form = proposal_form(request, terms, answering(plan, asked))
    return answered(request, link, plan, form, title=_("Propose a change"), intro=str(terms))


@READ_OR_SAVE
@plan_link_page
def plan_link_reply(
    request: HttpRequest,
    link: AccessLink,
    plan: ActionPlan,
    asked: list[Institution],
    remark_pk: int,
) -> HttpResponse:
    # Those of the bearer's institutions only, even for a member of the committee: nobody knows who
    # holds the telephone.
    remark = get_object_or_404(
        plan.remarks.with_related().with_replies().filter(institution__in=asked), pk=remark_pk
    )
    back = reverse("committees:plan-link", args=[token_of(request)])
    form = PlanReplyForm(posted(request), remark=remark, may_settle=False)
    if not plan.review_is_open_for(remark.institution):
        return too_late(request, form, back)
    if form.is_valid() and act(form, lambda: form.save(by=link.user)):
        record_use(link, answer="reply")
        return redirect(f"{back}#remark-{remark.pk}")
    return form_page(
        request,
        form,
        title=_("Reply to a remark"),
        back=back,
        template="committees/plan_reply.html",
        plan=plan,
        remark=remark,
        by_link=True,
    )


@READ_OR_SAVE
@plan_link_page
def plan_link_withdraw(
    request: HttpRequest,
    link: AccessLink,
    plan: ActionPlan,
    asked: list[Institution],
    kind: str,
    answer_pk: int,
) -> HttpResponse:
    back = reverse("committees:plan-link", args=[token_of(request)])
    answer = answer_to_withdraw(plan, kind, answer_pk, answering(plan, asked))
    if answer is None:
        return redirect(back)
    form = Form(posted(request))
    if form.is_valid() and act(form, lambda: withdraw_answer(answer)):
        record_use(link, answer="withdrawn")
        return redirect(f"{back}?done=withdrawn")
    return form_page(
        request,
        form,
        title=_("Withdraw it?"),
        back=back,
        intro=answer.text or str(answer),
        submit=_("Withdraw"),
        danger=True,
        template="committees/plan_answer.html",
        plan=plan,
        by_link=True,
    )


def pages_to_keep(board: PlanBoard) -> list[str]:
    """Return which forms a phone keeps with the plan: of all actions those that name the institution,
    since a long plan would take minutes on a slow line. Of the others the form of remarks is enough."""
    own = [row.terms.action_id for group in board.groups for row in group.rows if row.is_mine]
    proposals = [f"actions/{pk}/propose/" for pk in own[:MOST_ACTIONS_KEPT]]
    return ["position/", "remark/", *proposals]


def answering(plan: ActionPlan, asked: list[Institution]) -> list[Institution]:
    return [one for one in asked if plan.review_is_open_for(one)]


def answered(
    request: HttpRequest,
    link: AccessLink,
    plan: ActionPlan,
    form: PlanAnswerForm,
    *,
    title: str,
    intro: str = "",
) -> HttpResponse:
    """Show the form, or after it was sent a page that confirms what was kept."""
    back = reverse("committees:plan-link", args=[token_of(request)])
    if not form.has_institutions:  # nobody's time is left
        return too_late(request, form, back)
    if answer := kept(form, by=link.user, channel=Channel.LINK):
        record_use(link, answer=answer.result._meta.model_name)
        confirm_answer(request, link, answer.result)
        return redirect(f"{back}?done={name_of(answer.result)}")
    return form_page(
        request,
        form,
        title=title,
        back=back,
        intro=intro,
        submit=submit_label(form),
        template="committees/plan_answer.html",
        plan=plan,
        by_link=True,
    )


def confirm_answer(request: HttpRequest, link: AccessLink, answer: Answer) -> None:
    confirm_use(
        request,
        link,
        what=f"{answer.plan.title}\n{confirmation(answer)}",
        said=answer.reason if isinstance(answer, ProposedChange) else answer.text,
        institution=answer.institution,
        project=answer.plan.project,
        page="committees:plan-link",
    )


def name_of(answer: Answer) -> str:
    return f"{answer._meta.model_name}-{answer.pk}"


def confirmation_for(name: str, answers: Sequence[Answer]) -> str:
    """Return the confirmation of the answer just given, read from the stored one."""
    if name == "withdrawn":
        return _("It is withdrawn: nobody reads it any more.")
    found = [answer for answer in answers if name_of(answer) == name]
    return confirmation(found[0]) if found else ""
