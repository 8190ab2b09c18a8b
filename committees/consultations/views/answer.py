"""Answers of voting seats to a written procedure: signed in, or by an access link."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.links import link_page, record_use, token_of, too_late
from accounts.mail import confirmed_words
from accounts.models import AccessLink, User
from committees.consultations.forms import BallotForm
from committees.consultations.services import PURPOSE, cast_ballot, confirm_cast
from committees.consultations.views.consultations import (
    consultation_form,
    consultation_or_404,
    not_now,
)
from committees.consultations.views.reading import proposed, reading_context
from committees.models import Channel, Seat, WrittenConsultation
from committees.models.consultation import WrittenConsultationQuerySet
from committees.permissions.minutes import seats_to_answer
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved

View = Callable[..., HttpResponse]


@READ_OR_SAVE
def consultation_answer(request: Request, pk: int) -> HttpResponse:
    consultation = consultation_or_404(request.user, pk)
    seats = seats_to_answer(request.user, consultation)
    ask(bool(seats), _("The voting seats of the committee answer."))
    if not consultation.takes_answers:
        return not_now(request, consultation)
    form = BallotForm(posted(request), consultation=consultation, seats=seats)
    if form.is_valid() and (
        cast := act(form, lambda: cast_ballot(form.ballot(by=request.user, channel=Channel.PORTAL)))
    ):
        confirm_cast(cast.result)
        return saved(request, recorded(request.user), consultation)
    return consultation_form(
        request,
        form,
        consultation,
        _("Answer of your seat"),
        submit=_("Record the answer"),
        template="committees/consultation_answer.html",
        **proposed(request, consultation, request.user),
    )


def recorded(person: User) -> str:
    return f"{_('The answer of your seat was recorded.')} {confirmed_words(person)}".rstrip()


# By an access link


def _with_related(pk: int) -> WrittenConsultationQuerySet:
    return WrittenConsultation.objects.filter(pk=pk).with_related().order_by()


def consultation_link_page(view: View) -> View:
    """Make a page of this procedure alone, which somebody who answers for a voting seat opens."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink) -> HttpResponse:
        if not isinstance(consultation := link.thing, WrittenConsultation):
            raise Http404
        seats = seats_to_answer(link.user, consultation)
        if not seats or consultation.opened_on is None:
            raise Http404
        return view(request, link, consultation, seats)

    read = {WrittenConsultation: _with_related}
    return link_page(PURPOSE, read=read)(page)


@require_safe
@consultation_link_page
def consultation_link(
    request: HttpRequest, link: AccessLink, consultation: WrittenConsultation, seats: list[Seat]
) -> HttpResponse:
    context = {
        **reading_context(consultation, link.user, seats),
        **proposed(request, consultation, link.user, by_link=True),
        "may_answer": consultation.takes_answers,
        "token": token_of(request),
        "done": recorded(link.user) if request.GET.get("done") == "1" else "",
    }
    return render(request, "committees/consultation_link.html", context)


@READ_OR_SAVE
@consultation_link_page
def consultation_link_answer(
    request: HttpRequest, link: AccessLink, consultation: WrittenConsultation, seats: list[Seat]
) -> HttpResponse:
    back = reverse("committees:consultation-link", args=[token_of(request)])
    form = BallotForm(posted(request), consultation=consultation, seats=seats)
    if not consultation.takes_answers:
        return too_late(request, form, back)
    if form.is_valid() and (
        cast := act(form, lambda: cast_ballot(form.ballot(by=link.user, channel=Channel.LINK)))
    ):
        confirm_cast(cast.result)
        record_use(link, answer="ballot")
        return redirect(f"{back}?done=1")
    return form_page(
        request,
        form,
        title=_("Answer of your seat"),
        back=back,
        intro=consultation.text,
        submit=_("Record the answer"),
        template="committees/consultation_link_form.html",
        consultation=consultation,
        **proposed(request, consultation, link.user, by_link=True),
    )
