"""Comments on minutes: by members, by those who come by a link, or entered for who called."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.links import link_page, record_use, token_of
from accounts.models import AccessLink
from committees.minutes.forms import EnteredRemarkForm, RemarkForm, ReplyForm, seats_of
from committees.minutes.services.minutes import add_remark, settle_remark
from committees.minutes.services.notices import PURPOSE
from committees.minutes.views.minutes import minutes_form, minutes_or_404, not_now, reading_context
from committees.models import Channel, Minutes
from committees.pages import accepted, allow, typed
from committees.permissions.minutes import (
    audiences_of_minutes,
    may_comment_minutes,
    may_write_minutes,
    seats_to_comment,
    visible_minutes_remarks,
)

View = Callable[..., HttpResponse]


def minutes_remark(request: HttpRequest, pk: int) -> HttpResponse:
    """A member comments for its seat; the coordination enters what came otherwise."""
    minutes = minutes_or_404(request.user, pk)
    may_enter = may_write_minutes(request.user, minutes)
    seats = seats_of(seats_to_comment(request.user, minutes))
    if not (may_enter or seats):
        raise PermissionDenied(_("Members of the committee comment on its minutes."))
    if not (may_comment_minutes(request.user, minutes) or (may_enter and is_read(minutes))):
        return not_now(request, minutes)
    form_class = EnteredRemarkForm if may_enter else RemarkForm
    if may_enter:
        seats = list(minutes.meeting.committee.seats.on(minutes.meeting.day))
    form = form_class(
        typed(request),
        minutes=minutes,
        seats=seats,
        audiences=audiences_of_minutes(request.user, minutes),
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: add_remark(form.remark(by=request.user, channel=Channel.PORTAL)))
    ):
        messages.success(request, _("The comment is recorded."))
        return redirect(minutes)
    title = _("Enter a comment") if may_enter else _("Comment on the minutes")
    return minutes_form(request, form, minutes, title, submit=_("Record the comment"))


def is_read(minutes: Minutes) -> bool:
    return minutes.status in {Minutes.Status.IN_REVIEW, Minutes.Status.FINAL_DRAFT}


def remark_settle(request: HttpRequest, pk: int, remark_pk: int) -> HttpResponse:
    minutes = minutes_or_404(request.user, pk)
    allow(may_write_minutes(request.user, minutes))
    remark = get_object_or_404(visible_minutes_remarks(request.user, minutes), pk=remark_pk)
    form = ReplyForm(typed(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form,
            lambda: settle_remark(remark, reply=form.cleaned_data["reply"], by=request.user),
        )
    ):
        return redirect(minutes)
    intro = f"{remark.seat}: {remark.text}"
    return minutes_form(request, form, minutes, _("Answer the comment"), intro=intro)


# By an access link


def minutes_link_page(view: View) -> View:
    """A page of these minutes alone, for one who holds a seat of the committee."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(link.thing, Minutes):
            raise Http404
        minutes = Minutes.objects.with_related().get(pk=link.thing.pk)
        terms = seats_to_comment(link.user, minutes)
        if not terms or not minutes.is_circulated:
            raise Http404
        response = view(request, link, minutes, seats_of(terms))
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return csrf_exempt(link_page(PURPOSE)(page))


@require_safe
@minutes_link_page
def minutes_link(
    request: HttpRequest, link: AccessLink, minutes: Minutes, seats: list
) -> HttpResponse:
    own = minutes.remarks.with_related().filter(seat__in=seats)
    context = {
        **reading_context(request, minutes, link.user),
        "token": token_of(request),
        "may_comment": may_comment_minutes(link.user, minutes),
        "remarks": list(own),
        "done": request.GET.get("done") == "1",
    }
    return render(request, "committees/minutes_link.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@minutes_link_page
def minutes_link_remark(
    request: HttpRequest, link: AccessLink, minutes: Minutes, seats: list
) -> HttpResponse:
    back = reverse("committees:minutes-link", args=[token_of(request)])
    if not may_comment_minutes(link.user, minutes):
        return redirect(back)
    audiences = audiences_of_minutes(link.user, minutes)
    form = RemarkForm(typed(request), minutes=minutes, seats=seats, audiences=audiences)
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: add_remark(form.remark(by=link.user, channel=Channel.LINK)))
    ):
        record_use(link, answer="minutesremark")
        return redirect(f"{back}?done=1")
    context: dict[str, Any] = {
        "form": form,
        "minutes": minutes,
        "title": _("Comment on the minutes"),
        "submit": _("Record the comment"),
        "cancel_url": back,
    }
    return render(request, "committees/minutes_link_form.html", context)
