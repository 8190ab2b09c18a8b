"""The live page of a meeting: the current item, its notes and decisions, the people present and
the quorum. The coordination writes it, and everybody who sees the meeting reads it. Without
JavaScript each of its forms works as a page of its own."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from committees.agenda.forms import NotesForm
from committees.agenda.services.reading import Agenda
from committees.agenda.views.rows import agenda_entries
from committees.meetings.forms.session import DeclarationForm
from committees.meetings.services.attendance import invitations_answered
from committees.meetings.services.reading import declarations_of
from committees.meetings.services.session import (
    declare_interest,
    go_on_informing,
    go_to_item,
    keep_notes,
    note_no_interests,
    withdraw_declaration,
)
from committees.meetings.views.page import (
    meeting_context,
    overview_with_seats,
    pulse_of,
    recorded_meeting,
)
from committees.meetings.views.people import people_shown
from committees.models import AgendaItem, InterestDeclaration, Meeting, Sitting
from committees.pages import item_or_404, meeting_or_404, meeting_trail, session_of, way_back
from committees.permissions.meetings import may_edit_item, may_edit_meeting, visible_items
from kernel.addresses import addresses
from kernel.formats import clock
from kernel.fragments import Fragments
from kernel.languages import writing_order
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved
from kernel.refusal import Refusal


@require_safe
def meeting_session(request: Request, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request.user, pk)
    agenda = Agenda(request.user, meeting)
    overview, seats = overview_with_seats(request.user, meeting)
    declarations = declarations_of(meeting, seats, agenda.items)
    context = meeting_context(request, meeting, "session", agenda=agenda, overview=overview)
    context |= pulse_of(meeting, seats, seen={item.pk for item in agenda.items})
    entries = agenda_shown(meeting, agenda_entries(agenda), context["sitting"], declarations)
    show_one(entries, request.GET.get("item", ""))
    context |= {
        "agenda": entries,
        **people_shown(request, meeting, seats, invitations_answered(meeting)),
        "declarations": declarations_shown(declarations),
        "noting": context["may_edit"] and meeting.notes_are_open,
        "versions": [(item.pk, item.notes_version) for item in agenda.items],
    }
    if context["writes"]:
        add_buttons(request, meeting, entries)
    if context["noting"]:
        add_notes(request, entries)
    return render(request, "committees/session.html", context)


def agenda_shown(
    meeting: Meeting,
    entries: list[dict[str, Any]],
    sitting: Sitting,
    declarations: list[InterestDeclaration],
) -> list[dict[str, Any]]:
    """Return each item with its notes, its resolutions, the time it took, and the recused seats."""
    items = [entry["item"] for entry in entries]
    recused = defaultdict(list)
    for declaration in declarations:
        for item in declaration.items.all() if declaration.recused else ():
            recused[item.pk].append(declaration.seat)
    is_live = meeting.status == Meeting.Status.IN_SESSION
    following, clocks = next_item(meeting, items), planned_clocks(meeting, items)
    for entry in entries:
        item = entry["item"]
        seconds = sitting.seconds_on(item)
        is_current = item.pk == meeting.current_item_id
        entry |= {
            "is_current": is_current,
            "is_next": following is not None and item.pk == following.pk,
            "may_be_spoken_of": is_live and item.status in AgendaItem.SPOKEN_OF,
            "seconds": seconds,
            "minutes": seconds // 60,
            "clock": clocks.get(item.pk, ""),
            "is_late": bool(item.minutes_planned) and seconds > item.minutes_planned * 60,
            "status_label": ""
            if item.status == AgendaItem.Status.ACCEPTED
            else item.get_status_display(),
            "recused": recused[item.pk],
        }
    return entries


def planned_clocks(meeting: Meeting, items: list[AgendaItem]) -> dict[int, str]:
    """Return the time at which each item is planned to begin, as far as durations are planned: what
    comes after an item without one has no time."""
    clocks: dict[int, str] = {}
    begins = meeting.starts_at
    for item in items if meeting.time_is_known else ():
        if item.status in AgendaItem.OFF:
            continue
        clocks[item.pk] = clock(begins, meeting.zone)
        if not item.minutes_planned:
            break
        begins += timedelta(minutes=item.minutes_planned)
    return clocks


def show_one(agenda: list[dict[str, Any]], chosen: str) -> None:
    """Mark the item that the page shows: the chosen one, else the one that is spoken of, else the
    next. The others are there, too, and a press in the agenda shows them at once."""
    by_key = {str(entry["item"].pk): entry for entry in agenda}
    waiting = (entry for name in ("is_current", "is_next") for entry in agenda if entry[name])
    shown = by_key.get(chosen) or next(waiting, None) or next(iter(agenda), None)
    for entry in agenda:
        entry["is_shown"] = entry is shown


def add_buttons(request: Request, meeting: Meeting, agenda: list[dict[str, Any]]) -> None:
    """Add to each item the button that goes on to it or, while it is spoken of, to the next one,
    and what is recorded on it."""
    go = Fragments(request, "committees/session_go.html", meeting=meeting)
    following = next((entry["item"] for entry in agenda if entry["is_next"]), None)
    tools = Fragments(request, "committees/session_item_tools.html")
    for entry in agenda:
        item = entry["item"]
        if entry["may_be_spoken_of"] and not entry["is_current"]:
            entry["go"] = go.of(item.pk, item.title, is_next=entry["is_next"])
        elif entry["is_current"] and following:
            entry["go"] = go.of(following.pk, following.title, is_next=True, is_further=True)
        to_decide = item.purpose == AgendaItem.Purpose.DECIDE
        entry["tools"] = tools.of(item.pk, status=item.status, is_to_decide=to_decide)


def add_notes(request: Request, agenda: list[dict[str, Any]]) -> None:
    """Add to each item what the form of its notes needs."""
    languages = [(code, str(name)) for code, name in settings.LANGUAGES]
    below = Fragments(request, "committees/session_below_notes.html", languages=languages)
    notes, typed = addresses("committees:item-notes"), addresses("committees:item-notes-typed")
    for entry in agenda:
        item = entry["item"]
        kept = item.notes_language if item.notes else writing_order()[0]
        entry |= {
            "notes_url": notes(item.pk),
            "typed_url": typed(item.pk),
            "version": str(item.notes_version),
            "below_notes": below.of(item.pk, language=kept),
        }


def next_item(meeting: Meeting, items: list[AgendaItem]) -> AgendaItem | None:
    """The first that waits behind the one that is spoken of."""
    keys = [item.pk for item in items]
    current = meeting.current_item_id
    behind = items[keys.index(current) + 1 :] if current in keys else items
    waiting = [item for item in behind if item.status == AgendaItem.Status.ACCEPTED]
    return waiting[0] if waiting else None


def declarations_shown(declarations: list[InterestDeclaration]) -> list[dict[str, Any]]:
    """Return the interests declared in items that the reader may see."""
    shown = [{"row": row, "items": row.items.all()} for row in declarations]
    return [entry for entry in shown if entry["items"]]


# The item that is spoken of


@require_POST
def meeting_item(request: Request, pk: int) -> HttpResponse:
    """Make the posted item the current one, or none."""
    meeting = recorded_meeting(request, pk)
    key = request.POST.get("item", "")
    item = None
    if key:
        items = visible_items(request.user, meeting)
        item = next((item for item in items if str(item.pk) == key), None)
        if item is None:
            raise Http404
    act(request, lambda: go_to_item(meeting, item, by=request.user))
    return redirect(session_of(meeting, item))


@require_POST
def meeting_informative(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if act(request, lambda: go_on_informing(meeting)):
        messages.info(request, _("The meeting continues for information only: it decides nothing."))
    return redirect(session_of(meeting))


# Interests


@READ_OR_SAVE
def meeting_declare(request: Request, pk: int) -> HttpResponse:
    meeting = recorded_meeting(request, pk)
    if "none" in request.POST:  # nobody declared any
        act(request, lambda: note_no_interests(meeting))
        return redirect(session_of(meeting))
    form = DeclarationForm(posted(request), meeting=meeting)
    if form.is_valid():
        form.instance.entry_key = form.key
        items = form.cleaned_data["items"]
        if act(form, lambda: declare_interest(form.instance, items)):
            return redirect(session_of(meeting))
    return form_page(
        request,
        form,
        title=_("Declaration of interests"),
        back=session_of(meeting),
        crumbs=meeting_trail(meeting),
        intro=_(
            "A recused seat loses access to the items, its vote on them and its place in "
            "their quorum: its people no longer see them, and it does not count as "
            "present when they are decided."
        ),
    )


@require_POST
def interest_remove(request: Request, pk: int) -> HttpResponse:
    declaration = get_object_or_404(InterestDeclaration, pk=pk)
    declaration.meeting = meeting_or_404(request.user, declaration.meeting_id)
    ask(may_edit_meeting(request.user, declaration.meeting))
    if act(request, lambda: withdraw_declaration(declaration)):
        messages.success(request, _("The declaration was removed."))
    return redirect(session_of(declaration.meeting))


# Notes for the minutes


@READ_OR_SAVE
def item_notes(request: Request, pk: int) -> HttpResponse:
    """Save the notes. If somebody else saved them meanwhile, shows both texts."""
    item = item_or_404(request.user, pk)
    ask(may_edit_item(request.user, item))
    form = (
        NotesForm(request.POST)
        if request.method == "POST"
        else NotesForm.of(item, writing_order()[0])
    )
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
