"""Answering an invitation: by the link of a mail, without signing in, or on the meeting's page.

Opening the page changes nothing. An answer is a pressed button; the page and a mail confirm it,
and it can be changed until the meeting starts.
"""

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.kept import offer_by_link, offer_to_person
from accounts.links import draft_of, link_page, record_use, token_of
from accounts.mail import confirmed_words
from accounts.models import AccessLink
from committees.meetings.forms.invitations import InvitationAnswerForm
from committees.meetings.services.announced import AgendaSent
from committees.meetings.services.convening import PURPOSE
from committees.meetings.services.invitations import answer_invitation, may_answer_now
from committees.meetings.services.reading import record_download
from committees.models import Channel, Document, Invitation, Meeting
from committees.models.invitation import invitation_to_answer
from committees.pages import meeting_or_404, meeting_trail
from committees.permissions.meetings import audiences_invited, voters_of
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, Request, act, posted
from partners.reading import named_institutions


@READ_OR_SAVE
def meeting_answer(request: Request, pk: int) -> HttpResponse:
    """The answer of somebody who is signed in."""
    own = Invitation.objects.of_person(request.user).filter(meeting=pk)
    own = own.exclude(meeting__status=Meeting.Status.PLANNED).with_related()
    invitation = own.select_related("meeting__committee__project").first()
    if invitation is None:
        meeting_or_404(request.user, pk)
        raise PermissionDenied(_("Those invited answer here, each for themselves."))
    here = reverse("committees:meeting-answer", args=[pk])
    return answered(
        request,
        invitation,
        here=here,
        channel=Channel.PORTAL,
        template="committees/meeting_answer.html",
        crumbs=meeting_trail(invitation.meeting),
        offer=offer_to_person(request),
    )


@READ_OR_SAVE
@link_page(PURPOSE, read={Invitation: invitation_to_answer})
def invitation_link(request: HttpRequest, link: AccessLink) -> HttpResponse:
    invitation = invitation_or_404(link)
    key = invitation.contact.institution_id
    return answered(
        request,
        invitation,
        draft=draft_of(request),
        here=reverse("committees:invitation-link", args=[token_of(request)]),
        channel=Channel.LINK,
        template="committees/invitation_link.html",
        kept=lambda: record_use(link, answer="invitation"),
        by_link=token_of(request),
        offer=offer_by_link(request, link, token_of(request)),
        institution=named_institutions([key])[key],
    )


@require_safe
@link_page(PURPOSE, read={Invitation: invitation_to_answer})
def invitation_paper(request: HttpRequest, link: AccessLink, pk: int) -> HttpResponse:
    """Hand out a paper before the answer. None that is reserved: nobody knows who holds the
    telephone."""
    invitation = invitation_or_404(link)
    audiences = audiences_invited(invitation, voters_of(invitation.meeting))
    papers = AgendaSent(invitation.meeting).papers_for(audiences)
    if pk not in {paper.pk for paper, opens in papers if opens}:
        raise Http404
    paper = Document.objects.get(pk=pk)
    if request.method == "GET":
        record_download(paper, by=link.user)
    return cast(HttpResponse, serve(paper, filename=paper.title))


def invitation_or_404(link: AccessLink) -> Invitation:
    """Return the invitation. Who left the institution or the seat reads no more, nor does anybody of a
    draft."""
    invitation = link.thing
    if not isinstance(invitation, Invitation) or not invitation.is_of(link.user):
        raise Http404
    if invitation.meeting.status == Meeting.Status.PLANNED:
        raise Http404
    return invitation


def answered(
    request: HttpRequest,
    invitation: Invitation,
    *,
    here: str,
    channel: str,
    template: str,
    kept: Callable[[], Any] = lambda: None,
    **more: Any,
) -> HttpResponse:
    """The page with its buttons; after one was pressed, what was kept."""
    meeting = invitation.meeting
    form = InvitationAnswerForm(
        posted(request), invitation=invitation, alternates=invitation.alternates()
    )
    if form.is_valid() and act(
        form, lambda: answer_invitation(invitation, form.invitation_answer(channel=channel))
    ):
        kept()
        return redirect(f"{here}?done=1")
    if draft := more.get("draft"):
        draft.fill_in(form)
    agenda = AgendaSent(meeting)
    audiences = audiences_invited(invitation, voters_of(meeting))
    context = {
        "form": form,
        "invitation": invitation,
        "meeting": meeting,
        "project": meeting.committee.project,
        "items": agenda.items_for(audiences),
        "papers": agenda.papers_for(audiences),
        "may_answer": may_answer_now(invitation),
        "done": _recorded(request, invitation),
        "written": _written(request, invitation),
        "here": here,
        **more,
    }
    return render(request, template, context)


def _recorded(request: HttpRequest, invitation: Invitation) -> str:
    if request.GET.get("done") != "1" or not invitation.answer:
        return ""
    sentence = _("Your answer was recorded: %(answer)s.") % {
        "answer": invitation.get_answer_display()
    }
    person = invitation.person
    return f"{sentence} {confirmed_words(person) if person else ''}".rstrip()


def _written(request: HttpRequest, invitation: Invitation) -> str:
    """Return the sentence for somebody who said by e-mail whether they come, and came here to answer."""
    said = {
        "accepted": _("You wrote by e-mail that you are coming."),
        "declined": _("You wrote by e-mail that you are not coming."),
    }.get(request.GET.get("written", ""))
    if not said or invitation.answer:
        return ""
    button = _("Press the button below to record it.")
    return f"{said} {button}"
