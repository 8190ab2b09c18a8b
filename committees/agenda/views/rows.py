"""Agenda items and resolutions as plain rows: their words and addresses are ready for a template."""

from collections.abc import Callable, Collection, Hashable
from datetime import date
from typing import Any

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from committees.models import AgendaItem, Audience, Resolution, Subject
from kernel.addresses import addresses
from kernel.formats import day
from kernel.templatetags.kernel_tags import lang_attribute, lang_of
from kernel.text import active_language, render_markdown, shown

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
