"""Answers to a plan in review: given by those who are signed in, or entered for those who
answered by telephone, letter or messenger; replies, and the links of the reviewers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AccessLink, User
from committees.models import ActionPlan, Channel, Position, ProposedChange
from committees.models.answer import Answer
from committees.pages import accepted
from committees.permissions.plans import (
    institutions_asked,
    may_enter_answers,
    may_issue_links,
    may_reply,
    may_settle,
    visible_remarks,
)
from committees.plans.forms.proposals import ReplyForm
from committees.plans.forms.review import (
    AnswerForm,
    EnteredPositionForm,
    EnteredRemarkForm,
    PositionForm,
    RemarkForm,
)
from committees.plans.services.review import (
    invitation_short_text,
    issue_link,
    links_of,
    people_of,
    users_of,
    why_it_is_taken,
)
from committees.plans.views.parts import plan_or_404, preselected
from kernel.text import looks_personal
from partners.models import Institution

form_methods = require_http_methods(["GET", "HEAD", "POST"])


# Answers of those who are signed in


@form_methods
def plan_position(request: HttpRequest, pk: int) -> HttpResponse:
    plan, answering = plan_to_answer(request.user, pk)
    taken_already = all_taken(request, plan, answering)
    if not answering or taken_already:
        return closed(request, plan, taken_already)
    form = position_form(request, plan, answering)
    if answer := taken(form, by=request.user, channel=Channel.PORTAL):
        messages.success(request, confirmation(answer))
        warn_of_personal_data(request, answer.text)
        return redirect(plan)
    return answer_page(request, plan, form, title=_("Your position"))


@form_methods
def plan_remark(request: HttpRequest, pk: int) -> HttpResponse:
    plan, answering = plan_to_answer(request.user, pk)
    if not answering:
        return closed(request, plan)
    form = remark_form(request, plan, answering)
    if answer := taken(form, by=request.user, channel=Channel.PORTAL):
        messages.success(request, confirmation(answer))
        warn_of_personal_data(request, answer.text)
        return redirect(place_of(answer))
    return answer_page(request, plan, form, title=_("A remark"))


# Answers that came otherwise


@form_methods
def plan_enter_position(request: HttpRequest, pk: int) -> HttpResponse:
    return enter(request, pk, EnteredPositionForm, title=_("Enter a position"))


@form_methods
def plan_enter_remark(request: HttpRequest, pk: int) -> HttpResponse:
    return enter(request, pk, EnteredRemarkForm, title=_("Enter a remark"))


def enter(
    request: HttpRequest, pk: int, form_class: type[AnswerForm], *, title: str
) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    if not may_enter_answers(request.user, plan):
        raise PermissionDenied
    if plan.status != ActionPlan.Status.IN_REVIEW:
        return closed(request, plan)
    form = form_class(
        request.POST or None,
        initial=preselected(request, "institution", "action"),
        plan=plan,
        institutions=list(plan.reviewers()),
    )
    if answer := taken(form, by=request.user, channel=""):
        messages.success(request, confirmation(answer))
        warn_of_personal_data(request, answer.text)
        return redirect(place_of(answer))
    intro = _("The institution is told what you enter in its name.")
    return answer_page(request, plan, form, title=title, intro=intro)


# Replies


@form_methods
def remark_reply(request: HttpRequest, pk: int, remark_pk: int) -> HttpResponse:
    """A further word of the coordination, which may settle the remark, or of its author."""
    plan = plan_or_404(request.user, pk)
    remark = get_object_or_404(visible_remarks(request.user, plan), pk=remark_pk)
    if not may_reply(request.user, remark):
        raise PermissionDenied
    form = ReplyForm(
        request.POST or None, remark=remark, may_settle=may_settle(request.user, remark)
    )
    if form.is_valid() and accepted(form, lambda: form.save(by=request.user)):
        messages.success(request, _("Your reply stands below the remark."))
        warn_of_personal_data(request, form.cleaned_data["reply"])
        return redirect(place_of(remark))
    context = {
        "plan": plan,
        "remark": remark,
        "form": form,
        "title": _("Reply to a remark"),
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/plan_reply.html", context)


# Links of the reviewers


@never_cache
@require_safe
def plan_links(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_with_links(request.user, pk)
    return links_page(request, plan)


@never_cache
@require_POST
def plan_link_create(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """A fresh link, shown in the answer itself: a redirect would have to keep it somewhere."""
    plan = plan_with_links(request.user, pk)
    person = get_object_or_404(User.objects.filter(pk__in=reviewing_people(plan)), pk=user_pk)
    if plan.status != ActionPlan.Status.IN_REVIEW:
        messages.error(request, _("Links are made while the plan is in review."))
        return redirect("committees:plan-links", plan.pk)
    _link, url = issue_link(plan, person, by=request.user)
    fresh = {"person": person, "url": url, "text": invitation_short_text(plan, person, url)}
    return links_page(request, plan, fresh=fresh)


@require_POST
def plan_link_revoke(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    plan = plan_with_links(request.user, pk)
    link = get_object_or_404(links_of(plan), pk=link_pk)
    link.revoke()
    messages.success(request, _("The link opens nothing any more."))
    return redirect("committees:plan-links", plan.pk)


def plan_with_links(user: User, pk: int) -> ActionPlan:
    plan = plan_or_404(user, pk)
    if not may_issue_links(user, plan):
        raise PermissionDenied
    return plan


def reviewing_people(plan: ActionPlan) -> list[int]:
    return [person.pk for person in users_of(people_of(plan.reviewers()))]


def links_page(
    request: HttpRequest, plan: ActionPlan, *, fresh: dict[str, Any] | None = None
) -> HttpResponse:
    reviewers = list(plan.reviewers())
    contacts = people_of(reviewers)
    links: dict[int, list[AccessLink]] = {}
    for link in links_of(plan).select_related("user"):
        links.setdefault(link.user_id, []).append(link)
    rows = [
        {
            "institution": institution,
            "people": [
                {"person": one.user, "links": links.get(one.user_id, [])}
                for one in contacts
                if one.institution_id == institution.pk
            ],
        }
        for institution in reviewers
    ]
    context = {"plan": plan, "rows": rows, "fresh": fresh}
    return render(request, "committees/plan_links.html", context)


# The parts of these views, also of those behind a link


def plan_to_answer(user: User, pk: int) -> tuple[ActionPlan, list[Institution]]:
    """The plan, and those of the person's institutions whose time has not ended."""
    plan = plan_or_404(user, pk)
    asked = institutions_asked(user, plan)
    if not asked:
        raise PermissionDenied
    return plan, [one for one in asked if plan.review_is_open_for(one)]


def all_taken(request: HttpRequest, plan: ActionPlan, answering: list[Institution]) -> str:
    """Where another person has taken the position of each of them: who and when, before anybody
    types. What was typed meanwhile is refused by the service, and stays on the form."""
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
    return PositionForm(request.POST or None, initial=initial, plan=plan, institutions=institutions)


def remark_form(
    request: HttpRequest, plan: ActionPlan, institutions: list[Institution]
) -> RemarkForm:
    initial = preselected(request, "action", "institution")
    return RemarkForm(request.POST or None, initial=initial, plan=plan, institutions=institutions)


def taken(form: AnswerForm, *, by: User, channel: str) -> Answer | None:
    """The answer, once it is kept; else the form holds the sentence that says why not."""
    kept: list[Any] = []
    if form.is_valid():
        accepted(form, lambda: kept.append(form.save(by=by, channel=channel)))
    return kept[0] if kept else None


def confirmation(answer: Answer) -> str:
    """What was kept, said back."""
    if isinstance(answer, ProposedChange):
        return _("Your proposal on %(action)s is recorded; the coordination answers it here.") % {
            "action": answer.action
        }
    if isinstance(answer, Position):
        return _("Recorded for %(institution)s: %(stance)s.") % {
            "institution": answer.institution,
            "stance": answer.get_stance_display(),
        }
    return _("The remark of %(institution)s is recorded.") % {"institution": answer.institution}


def place_of(answer: Answer) -> str:
    """Where on the page of the plan an answer stands."""
    url = answer.plan.get_absolute_url()
    if isinstance(answer, Position):
        return reverse("committees:plan-positions", args=[answer.plan_id])
    if isinstance(answer, ProposedChange):
        return f"{url}#action-{answer.action_id}"
    return f"{url}#remark-{answer.pk}"


def warn_of_personal_data(request: HttpRequest, text: str) -> None:
    for sentence in looks_personal(text):
        messages.warning(
            request,
            _("%(sentence)s If it tells who somebody is, ask the coordination to remove it.")
            % {"sentence": sentence},
        )


def closed(request: HttpRequest, plan: ActionPlan, sentence: str = "") -> HttpResponse:
    messages.error(request, sentence or plan.why_no_answers)
    return redirect(plan)


def answer_page(
    request: HttpRequest, plan: ActionPlan, form: AnswerForm, *, title: str, intro: str = ""
) -> HttpResponse:
    context = {
        "plan": plan,
        "form": form,
        "title": title,
        "intro": intro,
        "submit": submit_label(form),
        "cancel_url": plan.get_absolute_url(),
    }
    return render(request, "committees/plan_answer.html", context)


def submit_label(form: AnswerForm) -> str:
    if isinstance(form, PositionForm):
        return _("Record the position")
    return _("Send the remark") if isinstance(form, RemarkForm) else _("Send the proposal")
