"""Comments on minutes: by members, by holders of an access link, or entered by the coordination."""

from collections.abc import Callable
from functools import wraps

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.codes import confirm_use
from accounts.links import draft_of, link_page, record_use, token_of, too_late
from accounts.models import AccessLink
from committees.minutes.forms import (
    EnteredMinutesRemarkForm,
    MinutesRemarkForm,
    MinutesReplyForm,
    MinutesSuggestionForm,
    seats_of,
)
from committees.minutes.services.minutes import (
    accept_suggestion,
    add_remark,
    decline_suggestion,
    settle_remark,
)
from committees.minutes.services.notices import PURPOSE
from committees.minutes.services.sentences import withdraw_remark
from committees.minutes.views.minutes import (
    minutes_form,
    minutes_or_404,
    not_now,
    own_minutes,
)
from committees.minutes.views.reading import (
    ChosenSentence,
    chosen_sentence,
    offer_withdrawal,
    parts_for,
    reading_context,
    remarks_in_place,
)
from committees.models import Channel, Minutes, MinutesRemark, Seat
from committees.models.minutes import MinutesQuerySet
from committees.permissions.minutes import (
    audiences_of_minutes,
    may_comment_minutes,
    may_write_minutes,
    seats_to_comment,
    visible_minutes_remarks,
)
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, refuse, saved
from kernel.refusal import Refusal

View = Callable[..., HttpResponse]
# The states in which members read minutes to comment on them.
READ = {Minutes.Status.IN_REVIEW, Minutes.Status.FINAL_DRAFT}


@READ_OR_SAVE
def minutes_remark(request: Request, pk: int) -> HttpResponse:
    """A member comments for their seat; the coordination enters what came by other ways."""
    minutes = minutes_or_404(request.user, pk)
    may_enter = may_write_minutes(request.user, minutes)
    seats = seats_of(seats_to_comment(request.user, minutes))
    ask(may_enter or bool(seats), _("Members of the committee comment on its minutes."))
    if not (may_comment_minutes(request.user, minutes) or (may_enter and minutes.status in READ)):
        return not_now(request, minutes)
    about = chosen_sentence(request, minutes, request.user)
    if may_enter:
        seats = list(minutes.meeting.committee.seats.on(minutes.meeting.day))
    form = (EnteredMinutesRemarkForm if may_enter else MinutesRemarkForm)(
        typed(request, about),
        minutes=minutes,
        seats=seats,
        audiences=audiences_of_minutes(request.user, minutes),
        about=about,
    )
    if is_accepted(request, form, about) and act(
        form, lambda: add_remark(form.remark(by=request.user, channel=Channel.PORTAL))
    ):
        return saved(request, _("The comment was recorded."), minutes)
    title = _("Enter a comment") if may_enter else _("Comment on the minutes")
    submit, intro = _("Record the comment"), quoted(about)
    return minutes_form(request, form, minutes, title, submit=submit, intro=intro)


def typed(request: HttpRequest, about: ChosenSentence | None) -> QueryDict | None:
    """Return what was posted. If the sentence is not there any more, the words that were suggested
    for it become part of the comment, so that they are not lost."""
    data = posted(request)
    if data is None or about or "suggestion" not in data:
        return data
    data = data.copy()
    words = [str(data["suggestion"]), str(data.get("text", ""))]
    data["text"] = "\n\n".join(filter(None, words))
    return data


def is_accepted(
    request: HttpRequest, form: MinutesRemarkForm, about: ChosenSentence | None
) -> bool:
    """Whether the form may be saved: not if the sentence that it was on reads differently by now."""
    if not form.is_valid():
        return False
    if "on" in request.GET and not about and "suggestion" in request.POST:
        sentence = _("This sentence reads differently by now. Choose what your comment is on.")
        refuse(form, Refusal(sentence))
        return False
    return True


def quoted(about: ChosenSentence | None) -> str:
    if about is None:
        return ""
    facts = {"title": about.part.title, "sentence": about.sentence.text}
    return _("%(title)s: “%(sentence)s”") % facts


@READ_OR_SAVE
def remark_settle(request: Request, pk: int, remark_pk: int) -> HttpResponse:
    minutes = own_minutes(request, pk)
    remark = get_object_or_404(visible_minutes_remarks(request.user, minutes), pk=remark_pk)
    remark.minutes = minutes
    if remark.suggestion:
        return suggestion_settle(request, remark)
    form = MinutesReplyForm(posted(request))
    if form.is_valid() and act(
        form, lambda: settle_remark(remark, reply=form.cleaned_data["reply"], by=request.user)
    ):
        return redirect(minutes)
    return settle_page(request, form, remark, _("Answer the comment"))


def suggestion_settle(request: Request, remark: MinutesRemark) -> HttpResponse:
    """Accept or decline other words for a sentence."""
    form = MinutesSuggestionForm(
        posted(request), initial={"decision": request.GET.get("decision", "")}
    )
    if form.is_valid():
        is_accepting = form.cleaned_data["decision"] == form.ACCEPT
        settle = accept_suggestion if is_accepting else decline_suggestion
        reply = form.cleaned_data["answer"]
        if act(form, lambda: settle(remark, reply=reply, by=request.user)):
            sentence = (
                _("The notes have the sentence as it was suggested. The final draft will show it.")
                if is_accepting
                else _("The suggestion is declined; the seat reads your answer.")
            )
            return saved(request, sentence, remark.minutes)
    return settle_page(request, form, remark, _("Settle a suggestion"))


def settle_page(
    request: Request, form: forms.BaseForm, remark: MinutesRemark, title: str
) -> HttpResponse:
    return minutes_form(
        request,
        form,
        remark.minutes,
        title,
        template="committees/minutes_settle.html",
        remark=remark,
    )


@READ_OR_SAVE
def remark_withdraw(request: Request, pk: int, remark_pk: int) -> HttpResponse:
    """Take back a comment of one's own seat."""
    minutes = minutes_or_404(request.user, pk)
    own = seats_of(seats_to_comment(request.user, minutes))
    ask(bool(own), _("Members of the committee comment on its minutes."))
    remarks = visible_minutes_remarks(request.user, minutes).filter(seat__in=own)
    remark = remarks.filter(pk=remark_pk).first()
    if remark is None or not may_comment_minutes(request.user, minutes):
        return not_now(request, minutes)
    form = forms.Form(posted(request))
    if form.is_valid() and act(form, lambda: withdraw_remark(remark)):
        return saved(request, _("It is withdrawn: nobody reads it any more."), minutes)
    title, intro = _("Withdraw it?"), remark.suggestion or remark.text
    return minutes_form(
        request, form, minutes, title, submit=_("Withdraw"), intro=intro, danger=True
    )


# By an access link


def minutes_for_page(pk: int) -> MinutesQuerySet:
    return Minutes.objects.filter(pk=pk).with_related().order_by()


def minutes_link_page(view: View) -> View:
    """Make a page of these minutes alone, which somebody with a seat of the committee opens."""

    @wraps(view)
    def page(request: HttpRequest, link: AccessLink, **which: int) -> HttpResponse:
        if not isinstance(minutes := link.thing, Minutes):
            raise Http404
        terms = seats_to_comment(link.user, minutes)
        if not terms or not minutes.is_circulated:
            raise Http404
        return view(request, link, minutes, seats_of(terms), **which)

    return link_page(PURPOSE, read={Minutes: minutes_for_page})(page)


@require_safe
@minutes_link_page
def minutes_link(
    request: HttpRequest, link: AccessLink, minutes: Minutes, seats: list[Seat]
) -> HttpResponse:
    may_comment, token = may_comment_minutes(link.user, minutes), token_of(request)
    own = offer_withdrawal(
        visible_minutes_remarks(link.user, minutes, by_link=True).filter(seat__in=seats),
        {seat.pk for seat in seats} if may_comment else (),
        lambda pk: reverse("committees:minutes-link-withdraw", args=[token, pk]),
    )
    context = reading_context(request, minutes, link.user, by_link=True)
    parts = parts_for(minutes, link.user, by_link=True) if may_comment else {}
    context |= {
        **remarks_in_place(minutes, context["text"], own, parts),
        "token": token,
        "may_comment": may_comment,
        "seats": seats,
        "done": _said_of(request.GET.get("done", "")),
    }
    return render(request, "committees/minutes_link.html", context)


def _said_of(done: str) -> str:
    sentences = {
        "1": _("Your comment was recorded."),
        "withdrawn": _("It is withdrawn: nobody reads it any more."),
    }
    return sentences.get(done, "")


@READ_OR_SAVE
@minutes_link_page
def minutes_link_remark(
    request: HttpRequest, link: AccessLink, minutes: Minutes, seats: list[Seat]
) -> HttpResponse:
    back = reverse("committees:minutes-link", args=[token_of(request)])
    if about := chosen_sentence(request, minutes, link.user, by_link=True):
        draft_of(request).narrow(on=request.GET["on"])
    form = MinutesRemarkForm(
        typed(request, about),
        minutes=minutes,
        seats=seats,
        audiences=audiences_of_minutes(link.user, minutes, by_link=True),
        about=about,
    )
    if not may_comment_minutes(link.user, minutes):
        return too_late(request, form, back)
    if is_accepted(request, form, about) and act(
        form, lambda: add_remark(form.remark(by=link.user, channel=Channel.LINK))
    ):
        record_use(link, answer="minutesremark")
        remark = form.remark(by=link.user, channel=Channel.LINK)
        confirm_use(
            request,
            link,
            what=f"{minutes.label} · {minutes.meeting}",
            said="\n\n".join(filter(None, (remark.suggestion, remark.text))),
            institution=remark.seat,
            project=minutes.meeting.committee.project,
            page="committees:minutes-link",
        )
        return redirect(f"{back}?done=1")
    return form_page(
        request,
        form,
        title=_("Comment on the minutes"),
        back=back,
        submit=_("Record the comment"),
        intro=quoted(about),
        template="committees/minutes_link_form.html",
        minutes=minutes,
    )


@READ_OR_SAVE
@minutes_link_page
def minutes_link_withdraw(
    request: HttpRequest, link: AccessLink, minutes: Minutes, seats: list[Seat], remark_pk: int
) -> HttpResponse:
    back = reverse("committees:minutes-link", args=[token_of(request)])
    own = visible_minutes_remarks(link.user, minutes, by_link=True).filter(seat__in=seats)
    remark = own.filter(pk=remark_pk).first()
    if remark is None or not may_comment_minutes(link.user, minutes):
        return redirect(back)
    form = forms.Form(posted(request))
    if form.is_valid() and act(form, lambda: withdraw_remark(remark)):
        record_use(link, answer="withdrawn")
        return redirect(f"{back}?done=withdrawn")
    return form_page(
        request,
        form,
        title=_("Withdraw it?"),
        back=back,
        intro=remark.suggestion or remark.text,
        submit=_("Withdraw"),
        danger=True,
        template="committees/minutes_link_form.html",
        minutes=minutes,
    )
