"""The agenda: items, their order and state, notes, and what an item or a resolution speaks of."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
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
from committees.models import AgendaItem, Meeting, Resolution
from committees.pages import (
    accepted,
    allow,
    done,
    item_or_404,
    meeting_or_404,
    meeting_trail,
    resolution_or_404,
    subject_or_404,
    trail,
    typed,
    way_back,
)
from committees.permissions.meetings import may_edit_item, may_edit_meeting
from committees.permissions.resolutions import may_edit_resolution
from kernel.ordering import keys_in_order
from projects.permissions.roles import may_edit

# What the coordination does with an item; to accept or decline a proposal comes with proposals.
ITEM_STEPS = ("discuss", "defer", "withdraw")


def item_create(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    item = AgendaItem(meeting=meeting)
    form = AgendaItemForm(typed(request), instance=item)
    if request.method == "POST" and form.is_valid():
        item.entry_key = form.key
        item.note_translations(form.changed_data)
        if accepted(form, lambda: add_item(item)):
            return redirect(meeting)
    return item_page(request, form, meeting, _("Add an agenda item"))


def item_edit(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    form = AgendaItemForm(typed(request), instance=item)
    if request.method == "POST" and form.is_valid():
        item.note_translations(form.changed_data)
        if accepted(form, lambda: change_item(item)):
            return redirect(item)
    return item_page(request, form, item.meeting, _("Edit the agenda item"))


def item_page(
    request: HttpRequest, form: AgendaItemForm, meeting: Meeting, title: str
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "crumbs": meeting_trail(meeting),
        "cancel_url": meeting.get_absolute_url(),
    }
    return render(request, "committees/form.html", context)


@require_POST
def item_move(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    done(request, lambda: move_item(item, up=direction == "up"))
    return redirect(item)


@require_POST
def items_order(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole order at once, as it stands after an item was dragged."""
    meeting = meeting_or_404(request.user, pk)
    allow(may_edit_meeting(request.user, meeting))
    done(request, lambda: order_items(meeting, keys_in_order(request)))
    return redirect(meeting)


@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    if done(request, lambda: remove_item(item)):
        messages.success(request, _("The item is off the agenda."))
    return redirect(item.meeting)


@require_POST
def item_step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    if verb not in ITEM_STEPS:
        raise Http404
    done(request, lambda: take_item_step(item, verb, by=request.user))
    return redirect(way_back(request, item.meeting, item.get_absolute_url(), item))


# Notes


# What it speaks of


def item_subjects(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    return subjects_page(request, item, meeting_trail(item.meeting))


def resolution_subjects(request: HttpRequest, pk: int) -> HttpResponse:
    resolution = resolution_or_404(request.user, pk)
    allow(may_edit_resolution(request.user, resolution))
    committee = resolution.committee
    return subjects_page(request, resolution, trail(committee.project, committee, resolution))


def subjects_page(
    request: HttpRequest, owner: AgendaItem | Resolution, crumbs: list[dict[str, str]]
) -> HttpResponse:
    form = SubjectForm(typed(request), project=project_of(owner))
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(form, lambda: link_things(owner, [form.cleaned_data["thing"]]))
    ):
        return redirect(request.path)
    context: dict[str, Any] = {
        "form": form,
        "owner": owner,
        "subjects": owner.subjects.with_things(),
        "title": _("Speaks of: %(owner)s") % {"owner": owner},
        "crumbs": crumbs,
        "back_url": owner.get_absolute_url(),
    }
    return render(request, "committees/subjects.html", context)


@require_POST
def subject_remove(request: HttpRequest, pk: int) -> HttpResponse:
    subject = subject_or_404(request.user, pk)
    owner = subject.owner
    allow(may_edit(request.user, project_of(owner)))
    done(request, lambda: unlink(subject))
    name = "item" if subject.agenda_item_id else "resolution"
    return redirect(f"committees:{name}-subjects", owner.pk)
