"""Answers to a plan in review: given by those who are signed in, or entered for those who
answered by telephone, letter or messenger; replies, and the links of the reviewers."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessLink, User
from committees.models import ActionPlan, Channel, Position, ProposedChange
from committees.permissions.plans import (
    institutions_asked,
    may_enter_answers,
    may_issue_links,
    may_reply,
    may_settle,
    visible_remarks,
)
from committees.permissions.roles import people_speaking_for
from committees.plans.forms.proposals import PlanReplyForm
from committees.plans.forms.review import (
    EnteredPlanRemarkForm,
    EnteredPositionForm,
    PlanAnswerForm,
    PlanRemarkForm,
    PositionForm,
)
from committees.plans.services.review import (
    Answer,
    answer_to_withdraw,
    invitation_short_text,
    issue_link,
    links_of,
    users_of,
    why_it_is_taken,
    withdraw_answer,
)
from committees.plans.views.parts import plan_or_404, plan_trail, preselected
from kernel.pages import (
    READ_OR_SAVE,
    Done,
    Request,
    act,
    ask,
    form_page,
    posted,
    saved,
    trail,
)
from partners.models import Institution

# Answers of those who are signed in


@READ_OR_SAVE
def plan_position(request: Request, pk: int) -> HttpResponse:
    plan, answering = plan_to_answer(request.user, pk)
    taken_already = all_taken(request, plan, answering)
    if not answering or taken_already:
        return answers_closed(request, plan, taken_already)
    form = position_form(request, plan, answering)
    if answer := kept(form, by=request.user, channel=Channel.PORTAL):
        return thanked(request, answer.result, plan.get_absolute_url())
    return answer_page(request, plan, form, title=_("Your position"))


@READ_OR_SAVE
def plan_remark(request: Request, pk: int) -> HttpResponse:
    plan, answering = plan_to_answer(request.user, pk)
    if not answering:
        return answers_closed(request, plan)
    form = remark_form(request, plan, answering)
    if answer := kept(form, by=request.user, channel=Channel.PORTAL):
        return thanked(request, answer.result)
    return answer_page(request, plan, form, title=_("A remark"))


# Answers that came otherwise


@READ_OR_SAVE
def plan_enter_position(request: Request, pk: int) -> HttpResponse:
    return enter(request, pk, EnteredPositionForm, title=_("Enter a position"))


@READ_OR_SAVE
def plan_enter_remark(request: Request, pk: int) -> HttpResponse:
    return enter(request, pk, EnteredPlanRemarkForm, title=_("Enter a remark"))


def enter(
    request: Request, pk: int, form_class: type[PlanAnswerForm], *, title: str
) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    ask(may_enter_answers(request.user, plan))
    if plan.status != ActionPlan.Status.IN_REVIEW:
        return answers_closed(request, plan)
    form = form_class(
        posted(request),
        initial=preselected(request, "institution", "action"),
        plan=plan,
        institutions=list(plan.reviewers()),
    )
    if answer := kept(form, by=request.user, channel=""):
        return thanked(request, answer.result)
    intro = _("The institution is informed of what you enter in its name.")
    return answer_page(request, plan, form, title=title, intro=intro)


# Replies


@READ_OR_SAVE
def remark_reply(request: Request, pk: int, remark_pk: int) -> HttpResponse:
    """Take a reply of the coordination, which may settle the remark, or of its author."""
    plan = plan_or_404(request.user, pk)
    remark = get_object_or_404(visible_remarks(request.user, plan), pk=remark_pk)
    ask(
        may_reply(request.user, remark),
        _("Only the coordination and the institution that made the remark reply to it."),
    )
    form = PlanReplyForm(
        posted(request), remark=remark, may_settle=may_settle(request.user, remark)
    )
    if form.is_valid() and act(form, lambda: form.save(by=request.user)):
        messages.success(request, _("Your reply appears below the remark."))
        return redirect(place_of(remark))
    return form_page(
        request,
        form,
        title=_("Reply to a remark"),
        back=plan,
        crumbs=plan_trail(plan),
        template="committees/plan_reply.html",
        plan=plan,
        remark=remark,
    )


@READ_OR_SAVE
def plan_withdraw(request: Request, pk: int, kind: str, answer_pk: int) -> HttpResponse:
    """Take back a remark or a proposal of one's own institution."""
    plan, answering = plan_to_answer(request.user, pk)
    answer = answer_to_withdraw(plan, kind, answer_pk, answering)
    if answer is None:
        return answers_closed(request, plan)
    form = Form(posted(request))
    if form.is_valid() and act(form, lambda: withdraw_answer(answer)):
        return saved(request, _("It is withdrawn: nobody reads it any more."), plan)
    return form_page(
        request,
        form,
        title=_("Withdraw it?"),
        back=plan,
        crumbs=plan_trail(plan),
        intro=answer.text or str(answer),
        submit=_("Withdraw"),
        danger=True,
    )


# Links of the reviewers


@never_cache
@require_safe
def plan_links(request: Request, pk: int) -> HttpResponse:
    plan = plan_with_links(request.user, pk)
    return links_page(request, plan)


@never_cache
@require_POST
def plan_link_create(request: Request, pk: int, user_pk: int) -> HttpResponse:
    """Show a fresh link in the answer itself: a redirect would have to store it somewhere."""
    plan = plan_with_links(request.user, pk)
    people = users_of(people_speaking_for(plan.project, plan.reviewers()))
    person = get_object_or_404(User.objects.filter(pk__in=[one.pk for one in people]), pk=user_pk)
    if plan.status != ActionPlan.Status.IN_REVIEW:
        messages.error(request, _("Links are made while the plan is in review."))
        return redirect("committees:plan-links", plan.pk)
    _link, url = issue_link(plan, person, by=request.user)
    fresh = {"person": person, "url": url, "text": invitation_short_text(plan, person, url)}
    return links_page(request, plan, fresh=fresh)


@READ_OR_SAVE
def plan_link_revoke(request: Request, pk: int, link_pk: int) -> HttpResponse:
    """Ask first, and say what goes with the link."""
    plan = plan_with_links(request.user, pk)
    link = get_object_or_404(links_of(plan).select_related("user"), pk=link_pk)
    form, back = Form(posted(request)), reverse("committees:plan-links", args=[plan.pk])
    if form.is_valid():
        link.revoke(by=request.user)
        return saved(request, _("The link no longer opens anything."), back)
    return form_page(
        request,
        form,
        title=_("Revoke the link of %(person)s?") % {"person": link.user},
        back=back,
        crumbs=[*plan_trail(plan), *trail((_("Links of the reviewers"), back))],
        intro=_(
            "From now on it will not open anything. A page that the person keeps on a telephone goes "
            "with it, and so does what was typed there and not sent. Answers that were sent stay. To let "
            "the person answer again, create a new link."
        ),
        submit=_("Revoke"),
        danger=True,
    )


def plan_with_links(user: User, pk: int) -> ActionPlan:
    plan = plan_or_404(user, pk)
    ask(may_issue_links(user, plan))
    return plan


def links_page(
    request: Request, plan: ActionPlan, *, fresh: dict[str, Any] | None = None
) -> HttpResponse:
    reviewers = list(plan.reviewers())
    contacts = people_speaking_for(plan.project, reviewers)
    links: dict[int, list[AccessLink]] = {}
    for link in links_of(plan).select_related("user"):
        links.setdefault(link.user_id, []).append(link)
    rows = [
        {
            "institution": institution,
            "people": [
                {"person": one.user, "links": links.get(one.user.pk, [])}
                for one in contacts
                if one.user and one.institution_id == institution.pk
            ],
        }
        for institution in reviewers
    ]
    title, crumbs = _("Links of the reviewers"), plan_trail(plan)
    context = {"plan": plan, "rows": rows, "fresh": fresh, "title": title, "crumbs": crumbs}
    return render(request, "committees/plan_links.html", context)


# The parts of these views, also of those behind a link


def plan_to_answer(user: User, pk: int) -> tuple[ActionPlan, list[Institution]]:
    """Return the plan, and those of the person's institutions whose time has not ended."""
    plan = plan_or_404(user, pk)
    asked = institutions_asked(user, plan)
    ask(
        bool(asked),
        _(
            "Only the institutions asked for their position answer here. If yours should be one of "
            "them, ask the coordination."
        ),
    )
    return plan, [one for one in asked if plan.review_is_open_for(one)]


def all_taken(request: Request, plan: ActionPlan, answering: list[Institution]) -> str:
    """Say, before anybody types, who has given the position of each institution and when.

    The service refuses a text that is typed meanwhile, and the form keeps it.
    """
    if request.method == "POST":
        return ""
    sentences = [why_it_is_taken(plan, one, request.user) for one in answering]
    return " ".join(sentences) if all(sentences) else ""


def position_form(
    request: HttpRequest, plan: ActionPlan, institutions: list[Institution]
) -> PositionForm:
    stance = request.GET.get("stance", "")
    initial = preselected(request, "institution")
    if stance in Position.Stance.values:
        initial["stance"] = stance
    return PositionForm(posted(request), initial=initial, plan=plan, institutions=institutions)


def remark_form(
    request: HttpRequest, plan: ActionPlan, institutions: list[Institution]
) -> PlanRemarkForm:
    initial = preselected(request, "action", "institution")
    return PlanRemarkForm(posted(request), initial=initial, plan=plan, institutions=institutions)


def kept(form: PlanAnswerForm, *, by: User, channel: str) -> Done[Answer] | None:
    """Return the answer once it is kept; if it was refused, the form shows why."""
    return act(form, lambda: form.save(by=by, channel=channel)) if form.is_valid() else None


def thanked(request: Request, answer: Answer, to: str = "") -> HttpResponse:
    """Say what was recorded, and lead to it or to another page."""
    messages.success(request, confirmation(answer))
    return redirect(to or place_of(answer))


def confirmation(answer: Answer) -> str:
    """Return the sentence that repeats what was kept."""
    if isinstance(answer, ProposedChange):
        sentence = _(
            "Your proposal on action %(action)s was recorded; the coordination answers it here."
        )
        return sentence % {"action": answer.action.reference}
    if isinstance(answer, Position):
        return _("Recorded for %(institution)s: %(stance)s.") % {
            "institution": answer.institution,
            "stance": answer.get_stance_display(),
        }
    return _("The remark of %(institution)s was recorded.") % {"institution": answer.institution}


def place_of(answer: Answer) -> str:
    """Return the place of an answer on the page of the plan."""
    if isinstance(answer, Position):
        return reverse("committees:plan-positions", args=[answer.plan_id])
    if isinstance(answer, ProposedChange):
        return answer.plan.url_of(answer.action_id)
    url = answer.plan.get_absolute_url()
    on_page = f"?action={answer.action_id}" if answer.action_id else ""
    return f"{url}{on_page}#remark-{answer.pk}"


def answers_closed(request: Request, plan: ActionPlan, sentence: str = "") -> HttpResponse:
    messages.error(request, sentence or plan.why_no_answers)
    return redirect(plan)


def answer_page(
    request: Request, plan: ActionPlan, form: PlanAnswerForm, *, title: str, intro: str = ""
) -> HttpResponse:
    return form_page(
        request,
        form,
        title=title,
        back=plan,
        crumbs=plan_trail(plan),
        intro=intro,
        submit=submit_label(form),
        template="committees/plan_answer.html",
        plan=plan,
    )


def submit_label(form: PlanAnswerForm) -> str:
    if isinstance(form, PositionForm):
        return _("Record the position")
    return _("Send the remark") if isinstance(form, PlanRemarkForm) else _("Send the proposal")
