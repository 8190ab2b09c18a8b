"""What those invited to a meeting were told, what has changed since, and telling it once.

Edits of a meeting send nothing. What was announced is kept with the meeting; the page says what
differs, and one button sends one update to each person, with what of it they may read.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.services.invitations import list_of_terms, revoke_links, sync_invitations
from committees.models import Audience, Document, Invitation, Meeting
from committees.models.meeting import ANNOUNCED
from committees.notices import News, Told, Writer, papers_of
from kernel.formats import clock, moment
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, active_language

CALLED_OFF = frozenset({News.CANCELLED, News.POSTPONED})


@dataclass(frozen=True)
class Change:
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


# What is announced


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """What a calendar and a reader of the agenda rely on. Two queries."""
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
            for item in meeting.items.on_agenda()
        ],
        "papers": [
            {"pk": paper.pk, "audience": paper.audience, "title": paper.title}
            for paper in papers_of(meeting)
        ],
    }
    return ANNOUNCED.numbered(facts)


def last_announced(meeting: Meeting) -> dict[str, Any]:
    """What was announced of it, as `facts_of` gave it then."""
    return ANNOUNCED.read(meeting.announced)


def late_papers(meeting: Meeting, *, since_announced: bool = False) -> list[Document]:
    """Papers that came later than the days of notice; or only those not yet announced."""
    known = {row["pk"] for row in last_announced(meeting)["papers"]} if meeting.announced else set()
    late = [paper for paper in papers_of(meeting) if paper.is_late]
    return [paper for paper in late if paper.pk not in known] if since_announced else late


def late_sentence(papers: Collection[Document]) -> str:
    titles = "; ".join(paper.title for paper in papers)
    return _(
        "Later than the days of notice: %(papers)s. Say why, and send them; the members will see "
        "when they came."
    ) % {"papers": titles}


# What has changed


def changes_of(meeting: Meeting, audiences: Collection[str] = Audience.values) -> list[Change]:
    """What differs from the last notice, for a reader of these audiences; in the language of the
    moment. A meeting that was not announced has no changes."""
    if meeting.announced is None or not meeting.is_announced:
        return []
    return compare(meeting, last_announced(meeting), facts_of(meeting), audiences)


def compare(
    meeting: Meeting, before: dict[str, Any], now: dict[str, Any], audiences: Collection[str]
) -> list[Change]:
    return [
        *_changes_of_frame(meeting, before, now),
        *_changes_of_agenda(
            _read_by(audiences, before["items"]), _read_by(audiences, now["items"])
        ),
        *_changes_of_papers(
            _read_by(audiences, before["papers"]), _read_by(audiences, now["papers"])
        ),
    ]


def _read_by(audiences: Collection[str], rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["pk"]: row for row in rows if row["audience"] in audiences}


def _changes_of_frame(meeting: Meeting, before: dict, now: dict) -> list[Change]:
    changes = []
    times = ("starts_at", "ends_at", "time_zone")
    if any(before[name] != now[name] for name in times):
        earlier = Meeting(
            starts_at=datetime.fromisoformat(before["starts_at"]),
            ends_at=datetime.fromisoformat(before["ends_at"]),
            time_zone=before["time_zone"],
        )
        changes.append(Change(_("Time"), written_time(earlier), written_time(meeting)))
    if before["mode"] != now["mode"]:
        modes = dict(Meeting.Mode.choices)
        changes.append(Change(_("Mode"), str(modes[before["mode"]]), str(modes[now["mode"]])))
    if before["place"] != now["place"]:
        changes.append(Change(_("Place"), before["place"] or "–", now["place"] or "–"))
    if before["call_link"] != now["call_link"]:
        changes.append(Change(_("Link of the call"), "", now["call_link"] or "–"))
    return changes


def written_time(meeting: Meeting) -> str:
    """Start and end as clocks at the place of the meeting show them."""
    start, end = moment(meeting.starts_at, meeting.zone), clock(meeting.ends_at, meeting.zone)
    return f"{start} – {end} ({meeting.city})"


def _changes_of_agenda(before: dict[int, dict], now: dict[int, dict]) -> list[Change]:
    changes = [
        Change(_("New on the agenda"), after=title_in(now[pk])) for pk in now if pk not in before
    ]
    changes += [
        Change(_("No longer on the agenda"), after=title_in(before[pk]))
        for pk in before
        if pk not in now
    ]
    changes += [
        Change(_("Item"), title_in(before[pk]), title_in(now[pk]))
        for pk in now
        if pk in before and title_in(before[pk]) != title_in(now[pk])
    ]
    if [pk for pk in before if pk in now] != [pk for pk in now if pk in before]:
        changes.append(Change(_("The order of the agenda has changed.")))
    return changes


def title_in(row: dict[str, Any]) -> str:
    return row[active_language()] or next(filter(None, (row[one] for one in LANGUAGES)), "–")


def _changes_of_papers(before: dict[int, dict], now: dict[int, dict]) -> list[Change]:
    new = [Change(_("New document"), after=now[pk]["title"]) for pk in now if pk not in before]
    gone = [
        Change(_("Document withdrawn"), after=before[pk]["title"]) for pk in before if pk not in now
    ]
    return [*new, *gone]


def people_to_tell(meeting: Meeting) -> tuple[int, int]:
    """How many hold a seat on the meeting's day and are not invited yet, and how many are
    invited and hold none any more."""
    holding = {one.contact.pk for one in list_of_terms(meeting)}
    invited = meeting.invitations.current().exclude(capacity=Invitation.Capacity.GUEST)
    invited = set(invited.values_list("contact", flat=True))
    return len(holding - invited), len(invited - holding)


# Telling


def announce(meeting: Meeting, news: News, *, by: User | None, why: str = "") -> Told:
    """Write to all who are invited; only for who holds the meeting's row. Nothing goes out of a
    meeting that is past."""
    if meeting.is_past:
        return Told()
    before = last_announced(meeting) if meeting.announced else None
    gone: list[Invitation] = []
    new: set[int] = set()
    if news not in CALLED_OFF:
        new, gone = sync_invitations(meeting)
    meeting.sequence += 1
    meeting.announced = None
    if news not in CALLED_OFF:
        meeting.announced = facts_of(meeting) | {
            "at": timezone.now().isoformat(),
            "why": why.strip(),
        }
    meeting.save(update_fields=["sequence", "announced"])
    invitations = list(meeting.invitations.current().with_related())
    told = Told()
    writer = Writer(meeting, by=by, changes=lambda audiences: compared(meeting, before, audiences))
    for invitation in invitations:
        is_new = news == News.CHANGED and invitation.pk in new
        told += writer.write(invitation, News.CONVENED if is_new else news)
    for invitation in gone:
        writer.write(invitation, News.WITHDRAWN)
    if news in CALLED_OFF:
        revoke_links(invitations)
    return told


def compared(
    meeting: Meeting, before: dict[str, Any] | None, audiences: Collection[str]
) -> list[Change]:
    return (
        compare(meeting, before, meeting.announced, audiences)
        if before and meeting.announced
        else []
    )


@transaction.atomic
def send_update(meeting: Meeting, *, by: User, why: str = "") -> Told:
    """One message to each, with all that has changed since the last; late papers need a reason."""
    fresh = lock_meeting(meeting)
    if not fresh.is_announced:
        raise Refusal(_("Nothing is sent of a meeting that is not convened."))
    if not (changes_of(fresh) or any(people_to_tell(fresh))):
        raise Refusal(_("Nothing has changed since the last notice: there is nothing to send."))
    late = late_papers(fresh, since_announced=True)
    if late and not why.strip():
        raise Refusal(late_sentence(late))
    return announce(fresh, News.CHANGED, by=by, why=why)


def pending(meeting: Meeting) -> list[str]:
    """What an update would tell, in sentences for the coordination."""
    if not meeting.is_announced or meeting.is_past:
        return []
    sentences = [str(change) for change in changes_of(meeting)]
    new, gone = people_to_tell(meeting)
    if new:
        sentences.append(_("Newly in office, to be invited: %(number)s") % {"number": new})
    if gone:
        sentences.append(_("No longer in office, to be told: %(number)s") % {"number": gone})
    return sentences
