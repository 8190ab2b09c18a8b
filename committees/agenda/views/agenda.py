"""The agenda: items, their order and state, notes, and what an item or a resolution speaks of."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from committees.agenda.forms import AgendaItemForm, SubjectForm
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
from committees.models import AgendaItem, Resolution
from committees.pages import (
    item_or_404,
    meeting_or_404,
    meeting_trail,
    resolution_or_404,
    subject_or_404,
    way_back,
)
from committees.permissions.meetings import may_edit_item, may_edit_meeting
from committees.permissions.resolutions import may_edit_resolution
from kernel.ordering import keys_in_order
from kernel.pages import READ_OR_SAVE, Crumbs, Request, act, ask, form_page, posted, trail
from projects.permissions.roles import may_edit

# What the coordination does with an item; to accept or decline a proposal comes with proposals.
ITEM_STEPS = ("discuss", "defer", "withdraw")


@READ_OR_SAVE
def item_create(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    item = AgendaItem(meeting=meeting)
    form = AgendaItemForm(posted(request), instance=item)
    if form.is_valid():
        item.entry_key = form.key
        form.note_translations()
        if act(form, lambda: add_item(item)):
            return redirect(meeting)
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
def item_move(request: Request, pk: int, direction: str) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    act(request, lambda: move_item(item, up=direction == "up"))
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
    if act(request, lambda: remove_item(item)):
        messages.success(request, _("The item was removed from the agenda."))
    return redirect(item.meeting)


@require_POST
def item_step(request: Request, pk: int, verb: str) -> HttpResponse:
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    if verb not in ITEM_STEPS:
        raise Http404
    act(request, lambda: take_item_step(item, verb, by=request.user))
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
