"""The agenda: its items, what they speak of, what the next agenda takes up, and what members propose."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from committees.agenda.forms import (
    AgendaItemForm,
    ItemProposalForm,
    ProposalAnswerForm,
    SubjectForm,
)
from committees.agenda.services.agenda import (
    add_item,
    change_item,
    link_things,
    move_item,
    order_items,
    project_of,
    remove_item,
    take_item_step,
    unlink,
)
from committees.agenda.services.carry_over import carry_over, offers_for
from committees.agenda.services.proposals import (
    answer_proposal,
    meeting_for_proposals,
    propose_item,
)
from committees.agenda.views.rows import proposals_with_seats
from committees.models import AgendaItem, Meeting, Resolution
from committees.pages import (
    committee_or_404,
    item_or_404,
    meeting_or_404,
    meeting_trail,
    resolution_or_404,
    subject_or_404,
    way_back,
)
from committees.permissions.meetings import (
    may_edit_item,
    may_edit_meeting,
    may_propose_item,
    may_see_item_proposals,
    visible_item_proposals,
)
from committees.permissions.resolutions import may_edit_resolution
from committees.permissions.roles import seats_held
from committees.permissions.seats import may_edit_committee
from kernel.languages import writing_order
from kernel.ordering import keys_in_order
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    form_page,
    page_of,
    posted,
    saved,
    trail,
)
from kernel.sent_forms import counted_once
from kernel.undo import is_over
from projects.permissions.roles import may_edit

# What the coordination does with an item; to accept or decline a proposal comes with proposals.
ITEM_STEPS = ("discuss", "defer", "withdraw", "restore")


@READ_OR_SAVE
def item_create(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    item = AgendaItem(meeting=meeting)
    form = AgendaItemForm(posted(request), instance=item)
    if form.is_valid():
        item.entry_key = form.key
        form.note_translations()
        if added := act(form, lambda: add_item(item)):
            undo = reverse("committees:item-remove", args=[added.result.pk])
            said = _("The item is on the agenda.")
            return saved(request, said, meeting, undo=undo, made_at=meeting)
    crumbs = meeting_trail(meeting)
    return form_page(request, form, title=_("Add an agenda item"), back=meeting, crumbs=crumbs)


@READ_OR_SAVE
def item_edit(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    form = AgendaItemForm(posted(request), instance=item)
    if form.is_valid():
        form.note_translations()
        if act(form, lambda: change_item(item)):
            return redirect(item)
    crumbs = meeting_trail(item.meeting)
    return form_page(
        request, form, title=_("Edit the agenda item"), back=item.meeting, crumbs=crumbs
    )


@require_POST
def item_move(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    act(request, lambda: move_item(item, up="up" in request.POST))
    return redirect(item)


@require_POST
def items_order(request: Request, pk: int) -> HttpResponse:
    """Save the whole order at once, as it is after somebody dragged an item."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    act(request, lambda: order_items(meeting, keys_in_order(request)))
    return redirect(meeting)


@require_POST
def item_remove(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    if not is_over(request) and act(request, lambda: remove_item(item)):
        messages.success(request, _("The item was removed from the agenda."))
    return redirect(item.meeting)


@require_POST
def item_step(request: Request, pk: int, verb: str) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    if verb not in ITEM_STEPS:
        raise Http404
    if act(request, lambda: take_item_step(item, verb, by=request.user)) and verb == "restore":
        messages.success(request, _("The item is on the agenda again."))
    return redirect(way_back(request, item.meeting, item.get_absolute_url(), item))


# What it speaks of


@READ_OR_SAVE
def item_subjects(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    return subjects_page(request, item, meeting_trail(item.meeting))


@READ_OR_SAVE
def resolution_subjects(request: Request, pk: int) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    ask(may_edit_resolution(request.user, resolution))
    committee = resolution.committee
    return subjects_page(request, resolution, trail(committee.project, committee, resolution))


def subjects_page(request: Request, owner: AgendaItem | Resolution, crumbs: Crumbs) -> HttpResponse:
    form = SubjectForm(posted(request), project=project_of(owner))
    if form.is_valid() and act(form, lambda: link_things(owner, [form.cleaned_data["thing"]])):
        return redirect(request.path)
    context: dict[str, Any] = {
        "form": form,
        "owner": owner,
        "subjects": owner.subjects.with_things(),
        "title": _("Relates to: %(owner)s") % {"owner": owner},
        "crumbs": crumbs,
        "back_url": owner.get_absolute_url(),
    }
    return render(request, "committees/subjects.html", context)


@require_POST
def subject_remove(request: Request, pk: int) -> HttpResponse:
    subject = subject_or_404(request.user, pk)
    owner = subject.owner
    ask(may_edit(request.user, project_of(owner)))
    act(request, lambda: unlink(subject))
    name = "item" if subject.agenda_item_id else "resolution"
    return redirect(f"committees:{name}-subjects", owner.pk)


# What the next agenda may take up


PER_PAGE = 20


@READ_OR_SAVE
def agenda_carry_over(request: Request, pk: int) -> HttpResponse:
    """Show what the template and earlier meetings offer, and add what is ticked."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    if request.method == "POST":
        if carried := act(request, lambda: carry_over(meeting, request.POST.getlist("offer"))):
            say_how_many(request, carried.result)
        return redirect(meeting)
    if not meeting.agenda_is_open or meeting.agenda_is_frozen:
        messages.info(
            request, _("This agenda is frozen or in the past: nothing can be carried over to it.")
        )
        return redirect(meeting)
    context = {
        "meeting": meeting,
        "offers": offers_for(meeting),
        "start": start_of(request, meeting),
        "has_template": meeting.committee.template.exists(),
        "title": _("What the agenda begins with"),
        "crumbs": meeting_trail(meeting),
    }
    return render(request, "committees/agenda_carry_over.html", context)


@require_POST
@counted_once
def agenda_risks(request: Request, pk: int) -> HttpResponse:
    """Put the risks that changed since the last meeting on this agenda, in one step."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    if carried := act(request, lambda: carry_over(meeting, [AgendaItem.Source.RISKS])):
        if carried.result:
            messages.success(request, _("The changes to the risks are on the agenda."))
        else:
            messages.info(request, _("Every change to a shared risk is already on the agenda."))
    item = meeting.items.filter(source=AgendaItem.Source.RISKS).select_related("meeting").first()
    return redirect(item or meeting)


def start_of(request: Request, meeting: Meeting) -> str:
    """Return what the page offers: the template at first, and the previous meeting once the
    agenda has items."""
    asked = request.GET.get("start")
    if asked in {"template", "previous"}:
        return asked
    return "previous" if meeting.items.exists() else "template"


def say_how_many(request: Request, count: int) -> None:
    if count:
        sentence = ngettext(
            "%(count)s item was carried over.", "%(count)s items were carried over.", count
        )
        messages.success(request, sentence % {"count": count})
    else:
        messages.info(request, _("Nothing was ticked that is not already on the agenda."))


# Proposals


@require_safe
def proposal_list(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    if not may_see_item_proposals(request.user, committee):
        raise Http404
    proposals = proposals_with_seats(visible_item_proposals(request.user, committee.project))
    may_propose = may_propose_item(request.user, committee)
    context = {
        "committee": committee,
        "crumbs": trail(committee.project, committee),
        "page": page_of(request, proposals.order_by("-pk"), PER_PAGE),
        "may_answer": may_edit_committee(request.user, committee),
        "may_propose": may_propose and meeting_for_proposals(committee) is not None,
        "waits": may_propose and meeting_for_proposals(committee) is None,
    }
    return render(request, "committees/proposal_list.html", context)


@READ_OR_SAVE
def proposal_create(request: Request, pk: int) -> HttpResponse:
    committee = committee_or_404(request.user, pk)
    ask(may_propose_item(request.user, committee))
    meeting = meeting_for_proposals(committee)
    if meeting is None:
        messages.info(
            request,
            _("No meeting is being prepared at the moment: come back when one is announced."),
        )
        return redirect("committees:proposals", committee.pk)
    form = ItemProposalForm(
        posted(request),
        seats=seats_held(request.user, committee.project),
        initial={"language": writing_order()[0]},
    )
    if form.is_valid():
        item = form.fill(AgendaItem(meeting=meeting, proposed_by=request.user))
        if act(form, lambda: propose_item(item)):
            sentence = _("Your proposal is with the coordination. You will receive an answer.")
            return saved(request, sentence, "committees:proposals", committee.pk)
    return form_page(
        request,
        form,
        title=_("Propose an item for the next agenda"),
        back=committee,
        crumbs=trail(committee.project, committee),
        submit=_("Propose it"),
        keep=True,
    )


@READ_OR_SAVE
def proposal_answer(request: Request, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    if item.proposed_seat_id is None:
        raise Http404
    if not item.is_proposed:
        messages.info(request, _("This proposal has already been answered."))
        return redirect(item)
    form = ProposalAnswerForm(posted(request), initial={"answer": "accept"})
    if form.is_valid():
        data = form.cleaned_data
        accept = data["answer"] == "accept"
        if act(
            form,
            lambda: answer_proposal(item, accept=accept, reason=data["reason"], by=request.user),
        ):
            sentence = _("The answer was given, and the person who proposed the item is informed.")
            return saved(request, sentence, item if accept else item.meeting)
    return form_page(
        request,
        form,
        title=_("Answer a proposal"),
        back=item.meeting,
        crumbs=meeting_trail(item.meeting),
        submit=_("Give the answer"),
        template="committees/proposal_answer.html",
        item=get_object_or_404(proposals_with_seats(AgendaItem.objects.all()), pk=item.pk),
    )
