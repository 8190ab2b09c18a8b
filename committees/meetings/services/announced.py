"""What a meeting announces, and what has changed since.

Editing a meeting sends nothing. The meeting keeps what was announced; its page shows what differs,
and one button sends one update to each person, with the changes that they may read.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from committees.models import AgendaItem, Audience, Document, Meeting
from committees.models.meeting import ANNOUNCED
from kernel.formats import clock, moment
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.text import columns_of


class AgendaSent:
    """The agenda and the papers of a meeting, as far as notices tell of them, read once."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting

    @cached_property
    def items(self) -> list[AgendaItem]:
        items = AgendaItem.objects.filter(meeting=self.meeting).on_agenda()
        return list(items.only("audience", *columns_of("title")).order_by("position", "pk"))

    @cached_property
    def papers(self) -> list[Document]:
        """Those of the meeting and of the items on its agenda. A paper of a reserved item has the
        audience of the item, whatever its own field contains."""
        columns = ("meeting", "committee", "category", "title", "audience", "uploaded_at")
        rows = Document.objects.filter(meeting=self.meeting, category=Document.Category.PAPER)
        rows = rows.select_related("agenda_item").only(*columns, "agenda_item__audience")
        shown = {None, *(item.pk for item in self.items)}
        papers = [paper for paper in rows if paper.agenda_item_id in shown]
        for paper in papers:
            paper.meeting, paper.committee = self.meeting, self.meeting.committee
            if paper.agenda_item and paper.agenda_item.is_reserved:
                paper.audience = paper.agenda_item.audience
        return papers

    def items_for(self, audiences: Collection[str]) -> list[AgendaItem]:
        return [item for item in self.items if item.audience in audiences]

    def papers_for(self, audiences: Collection[str]) -> list[tuple[Document, bool]]:
        """Return the papers for these audiences, each with whether it opens by a link: none that is
        reserved does, since nobody knows who holds the telephone."""
        reserved = {Audience.COORDINATION, Audience.VOTING}
        papers = [paper for paper in self.papers if paper.audience in audiences]
        return [(paper, paper.audience not in reserved) for paper in papers]

    def facts(self) -> dict[str, Any]:
        """Return what a notice tells of the meeting now, as it is kept to be compared later: what a
        calendar and a reader of the agenda rely on."""
        meeting = self.meeting
        facts = {
            "starts_at": meeting.starts_at.isoformat(),
            "ends_at": meeting.ends_at.isoformat(),
            "time_zone": meeting.time_zone,
            "mode": meeting.mode,
            "place": meeting.place,
            "call_link": meeting.call_link,
            "items": [
                {"pk": item.pk, "audience": item.audience}
                | {language: getattr(item, f"title_{language}") for language in LANGUAGES}
                for item in self.items
            ],
            "papers": [
                {"pk": paper.pk, "audience": paper.audience, "title": paper.title}
                for paper in self.papers
            ],
        }
        return ANNOUNCED.numbered(facts)


def last_announced(meeting: Meeting) -> dict[str, Any] | None:
    """Return the facts with which the meeting was last announced, or None if it never was."""
    return ANNOUNCED.read(meeting.announced) if meeting.announced else None


def late_papers(agenda: AgendaSent, *, since_announced: bool = False) -> str:
    """Return the sentence that asks why papers come later than the notice period of the committee's
    rules, or nothing if none does; or only for those not yet announced."""
    announced = last_announced(agenda.meeting) if since_announced else None
    known = {row["pk"] for row in announced["papers"]} if announced else set()
    late = [paper.title for paper in agenda.papers if paper.is_late and paper.pk not in known]
    if not late:
        return ""
    return _(
        "Later than the notice period: %(papers)s. Say why, and send them; members will "
        "see when they arrived."
    ) % {"papers": "; ".join(late)}


@dataclass(frozen=True)
class AnnouncedChange:
    """One thing that is no longer as it was announced."""

    what: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.before and self.after:
            return _("%(what)s: %(after)s (before: %(before)s)") % self.__dict__
        value = self.after or self.before
        return (
            _("%(what)s: %(value)s") % {"what": self.what, "value": value} if value else self.what
        )


def changes_of(agenda: AgendaSent) -> list[AnnouncedChange]:
    """Return what differs from the last notice, for a reader of all audiences, in the active
    language. A meeting that was not announced has no changes."""
    meeting = agenda.meeting
    announced = last_announced(meeting)
    if announced is None or not meeting.is_announced:
        return []
    return compare(meeting, announced, agenda.facts(), Audience.values)


def compare(
    meeting: Meeting, before: dict[str, Any], now: dict[str, Any], audiences: Collection[str]
) -> list[AnnouncedChange]:
    """Return what changed between the facts of two notices, as far as somebody of these audiences may
    read it: first day and place, then the agenda, then the papers."""
    items = (_read_by(audiences, facts["items"]) for facts in (before, now))
    papers = (_read_by(audiences, facts["papers"]) for facts in (before, now))
    return [
        *_changes_of_frame(meeting, before, now),
        *_changes_of_agenda(*items),
        *_changes_of_papers(*papers),
    ]


def _read_by(audiences: Collection[str], rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["pk"]: row for row in rows if row["audience"] in audiences}


def _changes_of_frame(meeting: Meeting, before: dict, now: dict) -> list[AnnouncedChange]:
    changes = []
    times = ("starts_at", "ends_at", "time_zone")
    if any(before[name] != now[name] for name in times):
        earlier = Meeting(
            starts_at=datetime.fromisoformat(before["starts_at"]),
            ends_at=datetime.fromisoformat(before["ends_at"]),
            time_zone=before["time_zone"],
        )
        changes.append(AnnouncedChange(_("Time"), _time_of(earlier), _time_of(meeting)))
    if before["mode"] != now["mode"]:
        modes = dict(Meeting.Mode.choices)
        changes.append(
            AnnouncedChange(_("Mode"), str(modes[before["mode"]]), str(modes[now["mode"]]))
        )
    if before["place"] != now["place"]:
        changes.append(AnnouncedChange(_("Place"), before["place"] or "–", now["place"] or "–"))
    if before["call_link"] != now["call_link"]:
        changes.append(AnnouncedChange(_("Link of the call"), "", now["call_link"] or "–"))
    return changes


def _time_of(meeting: Meeting) -> str:
    """Return start and end as clocks at the place of the meeting show them."""
    start, end = moment(meeting.starts_at, meeting.zone), clock(meeting.ends_at, meeting.zone)
    return f"{start} – {end} ({meeting.city})"


def _changes_of_agenda(before: dict[int, dict], now: dict[int, dict]) -> list[AnnouncedChange]:
    old = {pk: _title_in(row) for pk, row in before.items()}
    new = {pk: _title_in(row) for pk, row in now.items()}
    stays = [pk for pk in new if pk in old]
    changes = [
        *(AnnouncedChange(_("New on the agenda"), after=new[pk]) for pk in new if pk not in old),
        *(
            AnnouncedChange(_("No longer on the agenda"), after=old[pk])
            for pk in old
            if pk not in new
        ),
        *(AnnouncedChange(_("Item"), old[pk], new[pk]) for pk in stays if old[pk] != new[pk]),
    ]
    if [pk for pk in old if pk in new] != stays:
        changes.append(AnnouncedChange(_("The order of the agenda has changed.")))
    return changes


def _title_in(row: dict[str, Any]) -> str:
    """Return a kept title in the active language, else in the first that has one, else a dash."""
    return row[active_language()] or next(filter(None, (row[one] for one in reading_order())), "–")


def _changes_of_papers(before: dict[int, dict], now: dict[int, dict]) -> list[AnnouncedChange]:
    new = [row["title"] for pk, row in now.items() if pk not in before]
    gone = [row["title"] for pk, row in before.items() if pk not in now]
    return [
        *(AnnouncedChange(_("New document"), after=title) for title in new),
        *(AnnouncedChange(_("Document withdrawn"), after=title) for title in gone),
    ]
