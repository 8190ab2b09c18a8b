"""Preparing an agenda: what is carried over, and what members propose."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from committees.agenda.forms import ProposalAnswerForm, ProposalForm
from committees.agenda.services.carry_over import carry_over, offers_for
from committees.agenda.services.proposals import (
    answer_proposal,
    meeting_for_proposals,
    propose_item,
)
from committees.agenda.views.parts import proposals_with_seats
from committees.models import AgendaItem
from committees.pages import (
    accepted,
    allow,
    committee_or_404,
    done,
    item_or_404,
    meeting_or_404,
    meeting_trail,
    trail,
    typed,
)
from committees.permissions.meetings import (
    may_edit_item,
    may_edit_meeting,
    may_propose_item,
    may_see_item_proposals,
    visible_item_proposals,
)
from committees.permissions.roles import seats_held
from committees.permissions.seats import may_edit_committee

PER_PAGE = 20


def agenda_carry_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the template and earlier meetings offer, and add what is ticked."""
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    if request.method == "POST":
        count: list[int] = []
        if done(request, lambda: count.append(carry_over(meeting, request.POST.getlist("offer")))):
            say_how_many(request, count[0])
        return redirect(meeting)
    if not meeting.agenda_is_open or meeting.agenda_is_frozen:
        messages.info(request, _("This agenda is frozen or over: nothing is carried over to it."))
        return redirect(meeting)
    context = {
        "meeting": meeting,
        "offers": offers_for(meeting),
        "start": start_of(request, meeting),
        "has_template": meeting.committee.template.exists(),
        "title": _("With what the agenda begins"),
        "crumbs": meeting_trail(meeting),
    }
    return render(request, "committees/agenda_carry_over.html", context)


@require_POST
def agenda_risks(request: HttpRequest, pk: int) -> HttpResponse:
    """Put what changed of the risks since the last meeting on this agenda, in one step."""
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    count: list[int] = []
    if done(request, lambda: count.append(carry_over(meeting, [AgendaItem.Source.RISKS]))):
        if count[0]:
            messages.success(request, _("What changed of the risks stands on the agenda."))
        else:
            messages.info(request, _("No shared risk has changed that is not on the agenda yet."))
    item = meeting.items.filter(source=AgendaItem.Source.RISKS).select_related("meeting").first()
    return redirect(item or meeting)


def start_of(request: HttpRequest, meeting) -> str:
    """From the template at first, from the previous meeting once the agenda is begun."""
    asked = request.GET.get("start")
    if asked in {"template", "previous"}:
        return asked
    return "previous" if meeting.items.exists() else "template"


def say_how_many(request: HttpRequest, count: int) -> None:
    if count:
        sentence = ngettext(
            "%(count)s item was carried over.", "%(count)s items were carried over.", count
        )
        messages.success(request, sentence % {"count": count})
    else:
        messages.info(request, _("Nothing was ticked that is not on the agenda already."))


# Proposals


@require_safe
def proposal_list(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    if not may_see_item_proposals(request.user, committee):
        raise Http404
    proposals = proposals_with_seats(visible_item_proposals(request.user, committee.project))
    may_propose = may_propose_item(request.user, committee)
    context = {
        "committee": committee,
        "crumbs": trail(committee.project, committee),
        "page": Paginator(proposals.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page")),
        "may_answer": may_edit_committee(request.user, committee),
        "may_propose": may_propose and meeting_for_proposals(committee) is not None,
        "waits": may_propose and meeting_for_proposals(committee) is None,
    }
    return render(request, "committees/proposal_list.html", context)


def proposal_create(request: HttpRequest, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    allow(may_propose_item(request.user, committee))
    meeting = meeting_for_proposals(committee)
    if meeting is None:
        messages.info(
            request,
            _("No meeting is being prepared at the moment: come back when one is announced."),
        )
        return redirect("committees:proposals", committee.pk)
    form = ProposalForm(
        typed(request),
        seats=seats_held(request.user, committee.project),
        initial={"language": (get_language() or "fr")[:2]},
    )
    if request.method == "POST" and form.is_valid():
        item = form.fill(AgendaItem(meeting=meeting, proposed_by=request.user))
        if accepted(form, lambda: propose_item(item)):
            messages.success(
                request, _("Your proposal is with the coordination. You will get its answer.")
            )
            return redirect("committees:proposals", committee.pk)
    context = {
        "form": form,
        "title": _("Propose an item for the next agenda"),
        "crumbs": trail(committee.project, committee),
        "submit": _("Propose it"),
        "cancel_url": committee.get_absolute_url(),
        "keep": True,
    }
    return render(request, "committees/form.html", context)


def proposal_answer(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    if item.proposed_seat_id is None:
        raise Http404
    if not item.is_proposed:
        messages.info(request, _("This proposal has its answer already."))
        return redirect(item)
    form = ProposalAnswerForm(typed(request), initial={"answer": "accept"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        accept = data["answer"] == "accept"
        if accepted(
            form,
            lambda: answer_proposal(item, accept=accept, reason=data["reason"], by=request.user),
        ):
            messages.success(request, _("The answer is given; who proposed the item is told."))
            return redirect(item if accept else item.meeting)
    context = {
        "form": form,
        "item": get_object_or_404(proposals_with_seats(AgendaItem.objects.all()), pk=item.pk),
        "title": _("Answer a proposal"),
        "submit": _("Give the answer"),
        "crumbs": meeting_trail(item.meeting),
        "cancel_url": item.meeting.get_absolute_url(),
    }
    return render(request, "committees/proposal_answer.html", context)
