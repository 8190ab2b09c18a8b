"""The notes of an item, on a page of their own or as they are typed on the live page."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from committees.agenda.forms import NotesForm
from committees.meetings.services.session import (
    keep_notes,
)
from committees.models import AgendaItem
from committees.pages import item_or_404, meeting_trail, way_back
from committees.permissions.meetings import may_edit_item
from kernel.languages import writing_order
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, saved
from kernel.refusal import Refusal


@READ_OR_SAVE
def item_notes(request: Request, pk: int) -> HttpResponse:
    """Save the notes. If somebody else saved them meanwhile, shows both texts."""
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    form = NotesForm(request.POST) if request.method == "POST" else notes_form(item)
    theirs = ""
    back = way_back(request, item.meeting, item.get_absolute_url(), item)
    if form.is_valid() and (
        kept := act(form, lambda: keep_notes(item, by=request.user, **form.cleaned_data))
    ):
        if kept.result:
            return saved(request, _("The notes were saved."), back)
        item.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
        theirs = item.notes
        form = on_the_newest(form, item)
    page = form_page(
        request,
        form,
        title=_("Notes: %(item)s") % {"item": item},
        back=back,
        crumbs=meeting_trail(item.meeting),
        keep=True,
        template="committees/item_notes.html",
        item=item,
        theirs=theirs,
    )
    page.status_code = 409 if theirs else 200
    return page


def notes_form(item: AgendaItem) -> NotesForm:
    return NotesForm.of(item, writing_order()[0])


def on_the_newest(form: NotesForm, item: AgendaItem) -> NotesForm:
    """Return a form with the same text, which is saved on top of the other person's."""
    data = dict(form.data.items()) | {"version": str(item.notes_version)}
    again = NotesForm(data)
    again.is_valid()
    again.add_error(
        None,
        _(
            "Somebody else saved notes on this item while you were writing. Their text "
            "is below: combine the two, then save."
        ),
    )
    return again


@READ_OR_SAVE
def item_notes_typed(request: Request, pk: int) -> HttpResponse:
    """Save the notes while they are typed, or answer with the saved ones. If somebody else saved
    them meanwhile, answers with theirs as well."""
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    if request.method != "POST":
        return JsonResponse(notes_now(item))
    form = NotesForm(request.POST)
    form.asks_about_personal_data = False  # the press on “Save” asks
    if not form.is_valid():
        sentences = [str(text) for texts in form.errors.values() for text in texts]
        return JsonResponse({"message": " ".join(sentences)}, status=400)
    try:
        kept = keep_notes(item, by=request.user, while_typing=True, **form.cleaned_data)
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal)}, status=400)
    if kept:
        return JsonResponse({"version": item.notes_version})
    item.refresh_from_db(fields=["notes", "notes_language", "notes_version"])
    return JsonResponse(notes_now(item), status=409)


def notes_now(item: AgendaItem) -> dict[str, Any]:
    return {
        "notes": item.notes,
        "language": item.notes_language,
        "version": item.notes_version,
    }
