"""The parts that the pages of a plan share: its crumbs, its tabs, and the next steps."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from accounts.models import User
from committees.models import ActionPlan
from committees.pages import tabs_shown
from committees.permissions.plans import (
    answers_for_institutions,
    may_edit_plan,
    may_record_donor_answer,
    reads_answer,
    sees_all_positions,
    sees_plan,
    visible_positions,
)
from committees.permissions.roles import may_see_history, may_see_names
from committees.plans.services.board import (
    donor_facts,
    more_time,
    own_review_statuses,
    review_statuses,
)
from committees.plans.services.reading import (
    PlanOverview,
    count_open_proposals,
    last_donor_step,
    sees_decision,
)
from kernel.formats import day
from kernel.pages import Crumbs, Request, trail
from kernel.text import StrOrPromise
from partners.models import Institution
from projects.permissions.money import may_see_budget
from projects.permissions.roles import note_place, speaks_for
from projects.sending.donor import sent_to_donor

Status = ActionPlan.Status


def plan_or_404(user: User, pk: int) -> ActionPlan:
    """Return the plan; one that the person may not see is not found."""
    plan = ActionPlan.objects.filter(pk=pk).for_page().first()
    if plan is None or not sees_plan(user, plan):
        raise Http404
    note_place(user, plan.project)
    return plan


def plan_trail(plan: ActionPlan) -> Crumbs:
    """Return the crumbs of a page that one reaches from the plan."""
    return trail(plan.project, (_("Action plans"), reverse("committees:plans")), plan)


def name_of(plan: ActionPlan, what: str) -> str:
    """Return the name of a file that the plan is handed out as."""
    return f"{plan.project.code}-{plan.period.number}-v{plan.version}-{what}"


def preselected(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return the values that the address of a form proposes, without those that make no sense."""
    return {name: request.GET[name] for name in names if request.GET.get(name, "").isdigit()}


def asked_of(user: User, overview: PlanOverview) -> list[Institution]:
    """Return the institutions for which the reader answers (`institutions_asked`)."""
    own = (
        speaks_for(user, overview.plan.project)
        if answers_for_institutions(user, overview.plan)
        else ()
    )
    return [one for one in overview.reviewers if one.pk in own]


def plan_context(
    request: Request, overview: PlanOverview, current: str, *, count: int
) -> dict[str, Any]:
    """Return the head of the page, its tabs and what is shown beside them; `count` is the number
    of actions."""
    user, plan = request.user, overview.plan
    may_edit = may_edit_plan(user, plan)
    review = review_context(user, overview)
    silent = review["asked_count"] - review["answered_count"]
    shows_positions = bool(review["asked"]) or review["sees_all"]
    open_proposals = count_open_proposals(user, plan)
    return {
        "plan": plan,
        "project": plan.project,
        "crumbs": plan_trail(plan)[:2],
        "current": current,
        "tabs": tabs_of(
            user,
            plan,
            current,
            count=count,
            open_proposals=open_proposals,
            shows_positions=shows_positions,
        ),
        **review,
        "may_edit": may_edit,
        **steps_of(user, plan, may_edit=may_edit, silent=silent, open_proposals=open_proposals),
        "show_names": may_see_names(user, plan.project),
        "decision": decision_shown(user, plan),
        "donor": donor_facts(
            plan, last_donor_step(plan), show_letter=may_see_budget(user, plan.project)
        )
        if plan.is_validated
        else None,
        "sent": sent_to_donor(plan, list(plan.status_changes), ["submit_to_donor"])
        if may_edit and plan.is_validated and current == "actions"
        else [],
    }


def review_context(user: User, overview: PlanOverview) -> dict[str, Any]:
    """Return how far the review is, as the reader may see it: who answered, and who still may."""
    plan, asked = overview.plan, asked_of(user, overview)
    sees_all = sees_all_positions(user, plan)
    reviewers = overview.reviewers if plan.review_until or sees_all else []
    answers = overview.answers
    answered = {position.institution_id for position in answers.positions}
    statuses = review_statuses(
        reviewers if sees_all else asked,
        visible_positions(user, plan, answers.positions),
        {one.pk for one in answers.positions if reads_answer(user, plan, one)},
        answers.silences if sees_all else (),
    )
    own_keys = {institution.pk for institution in asked}
    own = own_review_statuses(
        plan, [one for one in statuses if one.institution.pk in own_keys], user
    )
    answering = {one.institution.pk for one in own if one.is_open}
    return {
        "asked": asked,
        "review_statuses": statuses,
        "own_review_statuses": own,
        "sees_all": sees_all,
        "asked_count": len(reviewers),
        "answered_count": len(answered & {institution.pk for institution in reviewers}),
        "was_reviewed": bool(plan.review_until or answered),
        "answering": answering,
        "open_until": more_time(plan, own),
        "may_review": bool(answering),
        "may_take": any(one.is_open and not one.taken for one in own),
    }


def steps_of(
    user: User, plan: ActionPlan, *, may_edit: bool, silent: int, open_proposals: int
) -> dict[str, Any]:
    """Return what the reader may do next; `silent` is the number of institutions that were asked and
    have not answered."""
    next_one = next_step(plan, silent, open_proposals) if may_edit else None
    if plan.status == Status.SUBMITTED or plan.runs_before_approval:
        answer = page(plan, "donor-answer", _("Record the donor's answer"))
        next_one = answer if may_record_donor_answer(user, plan) else None
    workbook = page(plan, "workbook", _("The plan as a workbook"))
    further = [*further_steps(plan), workbook] if may_edit else []
    if may_edit and plan.status == Status.DRAFT:
        further.append(page(plan, "delete", _("Delete the plan")))
    return {"next_step": next_one, "further_steps": further}


def tabs_of(
    user: User,
    plan: ActionPlan,
    current: str,
    *,
    count: int,
    open_proposals: int,
    shows_positions: bool,
) -> list[dict[str, Any]]:
    tabs = [
        ("actions", _("Actions"), "committees:plan", count),
        ("timeline", _("Timeline"), "committees:plan-timeline", None),
    ]
    if plan.is_validated:
        tabs.append(("progress", _("Progress"), "committees:plan-progress", None))
    if plan.version > 1:
        label = _("What changed")
        tabs.append(("changes", label, "committees:plan-changes", None))
    if shows_positions and plan.review_until:
        tabs.append(
            ("proposals", _("Proposals"), "committees:plan-proposals", open_proposals or None)
        )
    if shows_positions:
        label = _("Positions of the institutions")
        tabs.append(("positions", label, "committees:plan-positions", None))
    if may_see_history(user, plan.project):
        tabs.append(("history", _("History"), "committees:plan-history", None))
    return tabs_shown(tabs, plan.pk, current)


def decision_shown(user: User, plan: ActionPlan) -> dict[str, Any] | None:
    """Return the decision that validated the plan, with its page if the reader may open it."""
    decision = plan.validated_by
    if decision is None:
        return None
    return {
        "name": str(decision),
        "on": decision.resolved_on,
        "url": decision.get_absolute_url() if sees_decision(user, plan) else "",
    }


# Steps: `url` leads to a page that asks, `post` is pressed at once


def page(plan: ActionPlan, name: str, label: StrOrPromise) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"committees:plan-{name}", args=[plan.pk])}


def press(plan: ActionPlan, verb: str, confirm: StrOrPromise = "") -> dict[str, Any]:
    url = reverse("committees:plan-press", args=[plan.pk, verb])
    return {"label": plan.STEPS[verb].label, "post": url, "confirm": confirm}


def next_step(plan: ActionPlan, silent: int, open_proposals: int) -> dict[str, Any] | None:
    """Return the one thing that the coordination does next."""
    label = {verb: move.label for verb, move in plan.STEPS.items()}
    match plan.status:
        case Status.DRAFT:
            return page(plan, "submit", label["submit"])
        case Status.IN_REVIEW:
            # With open proposals it is refused, and there is nothing to ask.
            question = "" if open_proposals else question_before(plan, silent)
            return press(plan, "present", question)
        case Status.PRESENTED:
            return page(plan, "validate", label["validate"])
        case Status.VALIDATED:
            return page(plan, "to-donor", label["submit_to_donor"])
        case Status.CHANGES_REQUESTED:
            return None if plan.project.is_over else new_version(plan)
        case Status.APPROVED:
            return press(plan, "start")
    return None


def question_before(plan: ActionPlan, silent: int) -> str:
    """Return the question before the plan is presented, with what speaks for waiting."""
    question = [_("Present the plan? After that, its actions can no longer be changed.")]
    if plan.review_is_open and plan.review_until:
        question.append(
            _(
                "The review is open until %(day)s: once the plan is presented, nobody can "
                "answer any more."
            )
            % {"day": day(plan.review_until)}
        )
    if silent:
        sentence = ngettext(
            "%(count)d institution has not answered: it will be recorded as silent.",
            "%(count)d institutions have not answered: they will be recorded as silent.",
            silent,
        )
        question.append(sentence % {"count": silent})
    return " ".join(question)


def further_steps(plan: ActionPlan) -> list[dict[str, Any]]:
    """Return what else the coordination may do now."""
    label = {verb: move.label for verb, move in plan.STEPS.items()}
    before = _("Start before the donor has approved? It is allowed, and marked.")
    start = press(plan, "start", before)
    back = page(plan, "return", label["return"])
    again = [] if plan.project.is_over else [new_version(plan)]
    match plan.status:
        case Status.IN_REVIEW:
            return [
                page(plan, "enter-position", _("Enter a position")),
                page(plan, "enter-remark", _("Enter a remark")),
                page(plan, "links", _("Links of the reviewers")),
                page(plan, "extend", label["extend"]),
                page(plan, "extend-for", _("More time for one institution")),
                back,
            ]
        case Status.PRESENTED:
            return [back]
        case Status.VALIDATED | Status.SUBMITTED:
            return [start, *again]
        case Status.CHANGES_REQUESTED:
            return [page(plan, "to-donor", label["submit_to_donor"]), start]
        case Status.APPROVED:
            return again
        case Status.IN_EXECUTION:
            question = _("Close the plan? Its progress is then no longer noted.")
            return [
                page(plan, "messages", _("Short texts to pass on")),
                *again,
                press(plan, "close", question),
            ]
    return []


def new_version(plan: ActionPlan) -> dict[str, Any]:
    url = reverse("committees:plan-create", args=[plan.project.code])
    return {"label": _("Open a new version"), "url": f"{url}?period={plan.period_id}"}
