"""Answering a recommendation by link: this one alone, without a session.

Opening the page changes nothing, since mail scanners open links too. No cookie identifies the
person: a forged form could use none.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.codes import confirm_use
from accounts.links import link_page, record_use, token_of
from accounts.mail import confirmed_words
from accounts.models import AccessLink, User
from committees.models import Channel, Resolution
from committees.models.resolution import ResolutionQuerySet
from committees.resolutions.forms.following import LinkAnswerForm
from committees.resolutions.services import (
    ANSWER_PURPOSE,
    ANSWERS,
    AnswerReceipt,
    answer_recommendation,
    is_read_by_link,
)
from kernel.pages import READ_OR_SAVE, act, form_page, posted
from partners.models import Institution
from partners.reading import named_institutions
from projects.permissions.roles import speaks_for

PAGE = "committees:resolution-link"


def _recommendation(pk: int) -> ResolutionQuerySet:
    return Resolution.objects.filter(pk=pk).for_page().order_by()


@READ_OR_SAVE
@link_page(ANSWER_PURPOSE, read={Resolution: _recommendation})
def resolution_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    recommendation = link.thing
    if not isinstance(recommendation, Resolution):
        raise Http404
    institution = addressee_of(link.user, recommendation)
    form = LinkAnswerForm(posted(request), recommendation=recommendation)
    here = reverse(PAGE, args=[token_of(request)])
    if form.is_valid() and act(form, lambda: answered(recommendation, form, by=link.user)):
        record_use(link, answer="recommendation")
        confirm_use(
            request,
            link,
            what=f"{recommendation}: {recommendation.get_status_display()}",
            said=form.cleaned_data["text"],
            institution=institution,
            project=recommendation.committee.project,
            page=PAGE,
        )
        return redirect(f"{here}?done=1")
    return form_page(
        request,
        form,
        title=_("Your answer to a recommendation"),
        back="",
        submit=_("Send the answer"),
        template="committees/resolution_link.html",
        resolution=recommendation,
        institution=institution,
        project=recommendation.committee.project,
        done=_recorded(request, link.user, recommendation),
    )


def _recorded(request: HttpRequest, person: User, recommendation: Resolution) -> str:
    if request.GET.get("done") != "1" or not recommendation.answered_on:
        return ""
    return f"{_('Your answer was recorded.')} {confirmed_words(person)}".rstrip()


def addressee_of(person: User, recommendation: Resolution) -> Institution:
    """Return the institution for which the person answers. Whoever left it reads no more, and what is
    reserved is read by nobody here."""
    key = recommendation.addressee_id
    if key is None or not is_read_by_link(recommendation):
        raise Http404
    if key not in speaks_for(person, recommendation.committee.project):
        raise Http404
    return named_institutions([key])[key]


def answered(recommendation: Resolution, form: LinkAnswerForm, *, by: User) -> None:
    """Record the answer, or a step of what was accepted."""
    verb, text = form.cleaned_data["verb"], form.cleaned_data["text"]
    if verb in ANSWERS:
        received = AnswerReceipt(channel=Channel.LINK)
        answer_recommendation(recommendation, verb, by=by, text=text, received=received)
    else:
        recommendation.take(verb, by=by, why=text)
