"""Answers of voting seats to a written procedure: by who is signed in, or by an access link."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import link_page, record_use, token_of
from accounts.models import AccessLink
from committees.consultations.forms import BallotForm
from committees.consultations.services.consultations import cast_ballot
from committees.consultations.services.notices import PURPOSE
from committees.consultations.views.consultations import (
    consultation_or_404,
    not_now,
    reading_context,
)
from committees.models import Channel, WrittenConsultation
from committees.pages import accepted, trail, typed
from committees.permissions.minutes import seats_to_answer, visible_ballots

View = Callable[..., HttpResponse]


def consultation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    consultation = consultation_or_404(request.user, pk)
    seats = seats_to_answer(request.user, consultation)
    if not seats:
        raise PermissionDenied(_("The voting seats of the committee answer."))
    if not consultation.takes_answers:
        return not_now(request, consultation)
    form = BallotForm(typed(request), consultation=consultation, seats=seats)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form, lambda: cast_ballot(form.ballot(by=request.user, channel=Channel.PORTAL))
        )
    ):
        messages.success(request, _("The answer of your seat is recorded."))
        return redirect(consultation)
    context = {
        "form": form,
        "title": _("Answer of your seat"),
        "intro": consultation.text,
        "submit": _("Record the answer"),
        "crumbs": trail(consultation.committee.project, consultation.committee, consultation),
        "cancel_url": consultation.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


# By an access link


def consultation_link_page(view: View) -> View:
    """A page of this procedure alone, for one who answers for a voting seat."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(link.thing, WrittenConsultation):
            raise Http404
        consultation = WrittenConsultation.objects.with_related().get(pk=link.thing.pk)
        seats = seats_to_answer(link.user, consultation)
        if not seats or consultation.opened_on is None:
            raise Http404
        response = view(request, link, consultation, seats)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(link_page(PURPOSE)(page))


@require_safe
@consultation_link_page
def consultation_link(
    request: HttpRequest, link: AccessLink, consultation: WrittenConsultation, seats: list
) -> HttpResponse:
    context = {
        **reading_context(consultation, visible_ballots(link.user, consultation)),
        "own": {seat.pk for seat in seats},
        "may_answer": consultation.takes_answers,
        "token": token_of(request),
        "done": request.GET.get("done") == "1",
    }
    return render(request, "committees/consultation_link.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@consultation_link_page
def consultation_link_answer(
    request: HttpRequest, link: AccessLink, consultation: WrittenConsultation, seats: list
) -> HttpResponse:
    back = reverse("committees:consultation-link", args=[token_of(request)])
    if not consultation.takes_answers:
        return redirect(back)
    form = BallotForm(typed(request), consultation=consultation, seats=seats)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: cast_ballot(form.ballot(by=link.user, channel=Channel.LINK)))
    ):
        record_use(link, answer="ballot")
        return redirect(f"{back}?done=1")
    context: dict[str, Any] = {
        "form": form,
        "consultation": consultation,
        "title": _("Answer of your seat"),
        "intro": consultation.text,
        "submit": _("Record the answer"),
        "cancel_url": back,
    }
    return render(request, "committees/consultation_link_form.html", context)
