"""What pages show of an agenda: its items with their resolutions, documents and links."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import pgettext_lazy

from committees.agenda.services.proposals import TAKES_PROPOSALS
from committees.agenda.services.reading import Agenda
from committees.models import AgendaItem, Document, Meeting, Subject
from committees.permissions.meetings import may_edit_meeting, may_propose_item
from kernel.fragments import Fragments
from kernel.lifecycle import StatusChange
from kernel.pages import Request
from kernel.text import StrOrPromise

# In a longer agenda, what may be done with an item is written for one item at a time.
LONG = 12
NEW = pgettext_lazy("of an item or a document", "New")
ITEM_NEWS = {"+": NEW, "~": pgettext_lazy("of an agenda item", "Changed")}


def agenda_context(
    request: Request, meeting: Meeting, agenda: Agenda, changes: Iterable[StatusChange]
) -> dict[str, Any]:
    """Return the context of `committees/meeting_agenda.html`, beside the frame of a meeting's
    pages. `changes` are the steps of the meeting."""
    user = request.user
    may_edit = may_edit_meeting(user, meeting)
    items = [item for item in agenda.items if item.is_on_agenda]
    planned = sum(item.minutes_planned or 0 for item in items if item.status not in AgendaItem.OFF)
    documents, news = agenda.documents(), agenda.news(changes)
    entries = agenda_entries(agenda)
    for entry in entries:
        entry["documents"] = documents[entry["item"].pk]
        entry["news"] = ITEM_NEWS.get(news.get(entry["item"].pk, ""))
    if may_edit and meeting.agenda_is_open:
        add_tools(request, meeting, entries)
    return {
        "agenda": entries,
        "papers": documents[None],
        "news": news_of(entries, documents),
        "planned": planned,
        "over_by": max(planned - meeting.minutes_long, 0) if meeting.time_is_known else 0,
        "takes_proposals": meeting.status in TAKES_PROPOSALS and not meeting.is_past,
        "may_propose": may_propose_item(user, meeting.committee),
        "proposals": agenda.proposals,
        "may_order": may_edit and meeting.agenda_is_open and len(items) > 1,
    }


def news_of(
    agenda: list[dict[str, Any]], documents: dict[int | None, list[Document]]
) -> list[dict[str, StrOrPromise]]:
    """Return links to what is new or was changed on the page, in its order."""
    links: list[dict[str, StrOrPromise]] = []
    for entry in agenda:
        item = entry["item"]
        if entry["news"]:
            links.append({"title": item.title, "label": entry["news"], "url": f"#item-{item.pk}"})
    papers = [paper for entry in agenda for paper in entry["documents"]] + documents[None]
    links += [
        {"title": paper.title, "label": NEW, "url": f"#document-{paper.pk}"}
        for paper in papers
        if paper.is_new
    ]
    return links


def proposals_with_seats(proposals: Any) -> Any:
    related = proposals.select_related("meeting__committee", "proposed_seat__institution")
    return related.prefetch_related("proposed_seat__institution__names")


def agenda_entries(agenda: Agenda) -> list[dict[str, Any]]:
    """Return each item of the agenda, in the order of its numbers, with its resolutions and the
    links that the reader may follow. What is only proposed has no number."""
    by_item, links = defaultdict(list), links_to_things(agenda)
    for resolution in agenda.resolutions:
        shown = {"resolution": resolution, "links": links["resolution", resolution.pk]}
        by_item[resolution.agenda_item_id].append(shown)
    return [
        {"item": item, "links": links["item", item.pk], "resolutions": by_item[item.pk]}
        for item in agenda.items
        if item.is_on_agenda
    ]


def links_to_things(agenda: Agenda) -> dict[tuple[str, int | None], list[dict[str, str]]]:
    """Return the links that the reader may follow, by the kind and key of what has them."""
    found: dict[tuple[str, int | None], list[dict[str, str]]] = defaultdict(list)
    for subject in agenda.subjects:
        item = subject.agenda_item_id
        owner = ("item", item) if item else ("resolution", subject.resolution_id)
        found[owner].append(link_to(subject))
    return found


def link_to(subject: Subject) -> dict[str, str]:
    url = subject.thing.get_absolute_url()
    return {"label": subject.label, "url": url, "note": subject.note}


def add_tools(request: Request, meeting: Meeting, agenda: list[dict[str, Any]]) -> None:
    """Add to each entry what the coordination may do with the item; in a long agenda, to the one
    item that the address names, and to the others a link to that."""
    tools = Fragments(request, "committees/item_tools.html", meeting=meeting)
    chosen = request.GET.get("item", "") if len(agenda) > LONG else None
    for index, entry in enumerate(agenda):
        item = entry["item"]
        entry["is_chosen"] = chosen == str(item.pk)
        if chosen is not None and not entry["is_chosen"]:
            entry["tools_url"] = f"?item={item.pk}#item-{item.pk}"
            continue
        is_empty = not (item.notes or entry["resolutions"] or entry["documents"])
        entry["tools"] = tools.of(
            item.pk,
            status=item.status,
            is_to_decide=item.purpose == AgendaItem.Purpose.DECIDE,
            is_first=index == 0,
            is_last=index == len(agenda) - 1,
            may_be_removed=is_empty and not meeting.agenda_is_frozen,
        )
