"""Putting into effect what the donor approved: everything that moves is shown, then confirmed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.models import User
from committees.amendments.forms import TakeEffectForm
from committees.amendments.services import preview_of, put_into_effect, recommend_amendment
from committees.forms import WhichDecisionForm
from committees.models import Resolution
from committees.pages import ways_to_decide
from committees.permissions.resolutions import may_put_into_effect
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from projects.models import Amendment, Project
from projects.permissions.amendments import visible_amendments


def amendment_or_404(user: User, pk: int) -> Amendment:
    project = get_object_or_404(Project.objects.visible_to(user), amendments=pk)
    amendments = visible_amendments(user, project)
    amendment = get_object_or_404(amendments, pk=pk)
    amendment.project = project
    return amendment


@READ_OR_SAVE
def amendment_recommend(request: Request, pk: int) -> HttpResponse:
    """Record which decision recommends it, also one that was taken before it was entered."""
    amendment = amendment_or_404(request.user, pk)
    ask(may_put_into_effect(request.user, amendment))
    if not amendment.may_take("recommend"):
        sentence = _("The amendment is “%(status)s”: only a draft is recommended.")
        messages.info(request, sentence % {"status": amendment.get_status_display()})
        return redirect(amendment)
    decisions = Resolution.objects.filter(committee__project=amendment.project).in_force()
    named = decisions.filter(subjects__amendment=amendment)
    form = WhichDecisionForm(posted(request), decisions=decisions, likely=named)
    if form.is_valid() and act(
        form,
        lambda: recommend_amendment(
            amendment, decision=form.cleaned_data["decision"], by=request.user
        ),
    ):
        return saved(request, _("The committee's recommendation was recorded."), amendment)
    return form_page(
        request,
        form,
        title=_("Which decision recommends it?"),
        back=amendment,
        crumbs=trail(amendment.project, amendment),
        template="committees/decision_needed.html",
        intro=f"{amendment} · {amendment.title}",
        nothing=_("The committee has not adopted a decision yet."),
        ways=ways_to_decide(amendment.project),
    )


@READ_OR_SAVE
def amendment_take_effect(request: Request, pk: int) -> HttpResponse:
    amendment = amendment_or_404(request.user, pk)
    ask(may_put_into_effect(request.user, amendment))
    if not amendment.may_take("take_effect"):
        sentence = _(
            "The amendment is “%(status)s”: it takes effect once, after the donor's approval."
        )
        messages.info(request, sentence % {"status": amendment.get_status_display()})
        return redirect(amendment)
    form = TakeEffectForm(posted(request), preview=preview_of(amendment))
    if form.is_valid() and act(
        form,
        lambda: put_into_effect(
            amendment, by=request.user, chosen=form.chosen(), seen=form.cleaned_data["seen"]
        ),
    ):
        return saved(request, _("The amendment is in effect."), amendment)
    return form_page(
        request,
        form,
        title=_("Put into effect"),
        back=amendment,
        crumbs=trail(amendment.project, amendment),
        template="committees/amendment_take_effect.html",
        amendment=amendment,
        groups=form.groups(),
    )
