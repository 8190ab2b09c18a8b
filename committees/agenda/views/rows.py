"""Agenda items and resolutions as plain rows: their words and addresses are ready for a template."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import date
from typing import Any

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, pgettext_lazy

from committees.agenda.services.proposals import TAKES_PROPOSALS
from committees.agenda.services.reading import Agenda
from committees.models import AgendaItem, Audience, Document, Meeting, Resolution, Subject
from committees.permissions.meetings import may_edit_meeting, may_propose_item
from kernel.addresses import addresses
from kernel.formats import day
from kernel.fragments import Fragments
from kernel.lifecycle import StatusChange
from kernel.pages import Request
from kernel.templatetags.kernel_tags import lang_attribute, lang_of
from kernel.text import StrOrPromise, active_language, render_markdown, shown

SPOKEN_OF = frozenset({AgendaItem.Status.ACCEPTED, AgendaItem.Status.DISCUSSED})


class AgendaRows:
    """Makes the rows of one page; labels and addresses are found once for all of them."""

    def __init__(self) -> None:
        self.resolution_url = addresses("committees:resolution")
        self.minutes = _("%(minutes)s min")
        self.responsible = _("Responsible: %(responsible)s")
        self.purposes = _labels(AgendaItem.Purpose)
        self.audiences = _labels(Audience)
        self.sources = _labels(AgendaItem.Source)
        self.statuses = _labels(AgendaItem.Status)
        self.states = _labels(Resolution.Status)
        self.kinds = _labels(Resolution.Kind)
        self.language = active_language()
        self.links: dict[tuple[str, int], dict[str, str]] = {}
        self.said: dict[Hashable, str] = {}

    def item(self, item: AgendaItem) -> dict[str, Any]:
        title, language = shown(item, "title", self.language)
        return {
            "key": SafeString(item.pk),
            "title": title,
            "lang": self.lang(language),
            "minutes": SafeString(item.minutes_planned or ""),
            "time": self.minutes % {"minutes": item.minutes_planned}
            if item.minutes_planned
            else "",
            "purpose": self.purposes[item.purpose],
            "presenter": item.presenter,
            "reserved": self.audiences[item.audience] if item.is_reserved else "",
            "source": self.sources[item.source] if item.source else "",
            "status": item.status,
            "status_label": "" if item.status in SPOKEN_OF else self.statuses[item.status],
            "late_consent": item.late_consent,
            "briefing": render_markdown(item.briefing, top=4) if item.briefing else "",
            "briefing_lang": lang_of(item, "briefing"),
            "notes": render_markdown(item.notes, top=4) if item.notes else "",
            "notes_lang": lang_attribute(item.notes_language),
        }

    def resolution(self, resolution: Resolution, links: list[dict[str, str]]) -> dict[str, Any]:
        """Return what `committees/out.html` shows; `links` are those that the reader may follow."""
        is_decision = resolution.is_decision
        text, language = shown(resolution, "text", self.language)
        return {
            "resolution": resolution,
            "state": resolution.status if is_decision else "info",
            "name": f"{self.kinds[resolution.kind]} {resolution.number}",
            "url": SafeString(self.resolution_url(resolution.pk)),
            "text": text,
            "lang": self.lang(language),
            "how": self.once(_adoption_of(resolution), lambda: resolution.how),
            "illustrative": resolution.illustrative,
            "foot": self.foot(resolution),
            "links": line_of(links),
            "status": resolution.status,
            "status_label": self.states[resolution.status]
            if resolution.shows_status or not is_decision
            else "",
        }

    def once(self, key: Hashable, say: Callable[[], str]) -> str:
        """Return what many rows say alike, which is put together once."""
        if key not in self.said:
            self.said[key] = say()
        return self.said[key]

    def foot(self, resolution: Resolution) -> str:
        """Say who is responsible, and until when."""
        parts = []
        if resolution.addressee:
            parts.append(self.responsible % {"responsible": resolution.addressee})
        if due_on := resolution.due_on:
            parts.append(self.once(due_on, lambda: _due(due_on)))
        return " · ".join(parts)

    def lang(self, language: str) -> SafeString:
        """The language of a text, if it is not the page's own."""
        return SafeString("" if language == self.language else f' lang="{language}"')

    def link(self, subject: Subject) -> dict[str, str]:
        place = (subject.name, subject.thing.pk)
        if place not in self.links:
            self.links[place] = {
                "label": subject.label,
                "url": subject.thing.get_absolute_url(),
                "note": subject.note,
            }
        return self.links[place]


def line_of(links: Collection[dict[str, str]]) -> SafeString:
    """Return the links as a line."""
    if not links:
        return SafeString()
    return format_html_join(
        " · ",
        '<a href="{}">{}</a>{}',
        (
            (link["url"], link["label"], f" ({link['note']})" if link["note"] else "")
            for link in links
        ),
    )


def _labels(choices: Any) -> dict[str, SafeString]:
    return {each.value: escape(str(each.label)) for each in choices}


def _adoption_of(resolution: Resolution) -> Hashable:
    """Return what `Resolution.how` depends on."""
    votes = (resolution.votes_for, resolution.votes_against, resolution.abstentions)
    return resolution.is_adopted, resolution.was_voted_down, resolution.rule, votes


def _due(on: date) -> str:
    return _("Due %(date)s") % {"date": day(on)}


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
    entries = [entry for entry in agenda_entries(agenda) if entry["item"].is_on_agenda]
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
        row = entry["row"]
        if entry["news"]:
            links.append(
                {"title": row["title"], "label": entry["news"], "url": f"#item-{row['key']}"}
            )
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
    """Return each item with its resolutions, and the links that the reader may follow, as rows."""
    rows = AgendaRows()
    by_item = defaultdict(list)
    links = links_to_things(rows, agenda)
    for resolution in agenda.resolutions:
        shown = rows.resolution(resolution, links["resolution", resolution.pk])
        by_item[resolution.agenda_item_id].append(shown)
    return [
        {
            "item": item,
            "row": rows.item(item),
            "links": line_of(links["item", item.pk]),
            "resolutions": by_item[item.pk],
        }
        for item in agenda.items
    ]


def links_to_things(
    rows: AgendaRows, agenda: Agenda
) -> dict[tuple[str, int | None], list[dict[str, str]]]:
    """Return the links that the reader may follow, by the kind and key of what has them."""
    found: dict[tuple[str, int | None], list[dict[str, str]]] = defaultdict(list)
    for subject in agenda.subjects:
        item = subject.agenda_item_id
        owner = ("item", item) if item else ("resolution", subject.resolution_id)
        found[owner].append(rows.link(subject))
    return found


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
