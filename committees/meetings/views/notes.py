"""The notes of an item, on a page of their own or as they are typed on the live page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods

from committees.agenda.forms import NotesForm
from committees.meetings.services.session import (
    keep_notes,
)
from committees.models import AgendaItem
from committees.pages import (
    accepted,
    allow,
    item_or_404,
    meeting_trail,
    way_back,
)
from committees.permissions.meetings import may_edit_item
from kernel.refusal import Refusal


def item_notes(request: HttpRequest, pk: int) -> HttpResponse:
    """Of two people who write at once the second is told, and keeps the text."""
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    form = NotesForm(request.POST) if request.method == "POST" else notes_form(item)
    theirs = ""
    saved: list[bool] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and accepted(
            form, lambda: saved.append(keep_notes(item, by=request.user, **form.cleaned_data))
        )
    ):
        if saved[0]:
            messages.success(request, _("The notes are saved."))
            return redirect(way_back(request, item.meeting, item.get_absolute_url(), item))
        item.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
        theirs = item.notes
        form = on_the_newest(form, item)
    context = {
        "form": form,
        "item": item,
        "theirs": theirs,
        "title": _("Notes: %(item)s") % {"item": item},
        "crumbs": meeting_trail(item.meeting),
        "cancel_url": way_back(request, item.meeting, item.get_absolute_url(), item),
        "keep": True,
    }
    return render(request, "committees/item_notes.html", context, status=409 if theirs else 200)


def notes_form(item: AgendaItem) -> NotesForm:
    return NotesForm.of(item, (get_language() or "fr")[:2])


def on_the_newest(form: NotesForm, item: AgendaItem) -> NotesForm:
    """The same text, now to be saved on top of what the other person wrote."""
    data = form.data.copy()
    data["version"] = str(item.notes_version)
    again = NotesForm(data)
    again.is_valid()
    again.add_error(
        None,
        _(
            "Somebody else saved notes on this item while you were writing. Their text stands "
            "below: bring the two together, then save."
        ),
    )
    return again


@require_http_methods(["GET", "HEAD", "POST"])
def item_notes_typed(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what is being typed, or say what stands now. Of two people who write at once the
    second is told, and gets both texts."""
    item = item_or_404(request.user, pk)
    allow(may_edit_item(request.user, item))
    if request.method != "POST":
        return JsonResponse(notes_now(item))
    form = NotesForm(request.POST)
    if not form.is_valid():
        sentences = [text for texts in form.errors.values() for text in texts]
        return JsonResponse({"message": " ".join(sentences)}, status=400)
    try:
        saved = keep_notes(item, by=request.user, while_typing=True, **form.cleaned_data)
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal)}, status=400)
    if saved:
        return JsonResponse({"version": item.notes_version})
    item.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
    return JsonResponse(notes_now(item), status=409)


def notes_now(item: AgendaItem) -> dict[str, Any]:
    return {
        "notes": item.notes,
        "language": item.notes_language,
        "version": item.notes_version,
    }
