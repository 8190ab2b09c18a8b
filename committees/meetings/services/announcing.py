"""Announces meetings: what was announced, what has changed since, and one update about it.

Editing a meeting sends nothing. The meeting keeps what was announced; its page shows what differs,
and one button sends one update to each person, with the changes that they may read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reading import written_for
from committees.agenda.services.agenda import lock_meeting
from committees.meetings.services.invitations import (
    contacts_to_invite,
    revoke_links,
    sync_invitations,
)
from committees.meetings.services.notices import (
    AgendaSent,
    NoticeKind,
    NoticeWriter,
)
from committees.models import Audience, Document, Invitation, Meeting
from committees.models.meeting import ANNOUNCED
from committees.notices import NoticeReceipt
from kernel.formats import clock, moment
from kernel.languages import LANGUAGES, active_language, reading_order
from kernel.prepared import prepared
from kernel.refusal import Refusal
from partners.services import let_in

CALLED_OFF = frozenset({NoticeKind.CANCELLED, NoticeKind.POSTPONED})


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


# The announced state


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """Return what a notice tells of the meeting now, as it is kept to be compared later: what a
    calendar and a reader of the agenda rely on."""
    agenda = AgendaSent(meeting)
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
            for item in agenda.items
        ],
        "papers": [
            {"pk": paper.pk, "audience": paper.audience, "title": paper.title}
            for paper in agenda.papers
        ],
    }
    return ANNOUNCED.numbered(facts)


def last_announced(meeting: Meeting) -> dict[str, Any] | None:
    """Return what `facts_of` gave when the meeting was last announced, or None if it never was."""
    return ANNOUNCED.read(meeting.announced) if meeting.announced else None


def late_papers(meeting: Meeting, *, since_announced: bool = False) -> list[Document]:
    """Return papers that came later than the days of notice; or only those not yet announced."""
    announced = last_announced(meeting)
    known = {row["pk"] for row in announced["papers"]} if announced else set()
    late = [paper for paper in AgendaSent(meeting).papers if paper.is_late]
    return [paper for paper in late if paper.pk not in known] if since_announced else late


def late_sentence(papers: Collection[Document]) -> str:
    """Return the sentence that asks why these papers come later than the notice period of the
    committee's rules."""
    titles = "; ".join(paper.title for paper in papers)
    return _(
        "Later than the notice period: %(papers)s. Say why, and send them; members will "
        "see when they arrived."
    ) % {"papers": titles}


# Changes since the last notice


def changes_of(meeting: Meeting, now: dict[str, Any] | None = None) -> list[AnnouncedChange]:
    """Return what differs from the last notice, for a reader of all audiences, in the active
    language. A meeting that was not announced has no changes. `now` is what `facts_of` returned, if
    the caller has called it."""
    announced = last_announced(meeting)
    if announced is None or not meeting.is_announced:
        return []
    return compare(meeting, announced, now or facts_of(meeting), Audience.values)


def compare(
    meeting: Meeting, before: dict[str, Any], now: dict[str, Any], audiences: Collection[str]
) -> list[AnnouncedChange]:
    """Return what changed between two states of a meeting that `facts_of` returned, as far as
    somebody of these audiences may read it: first day and place, then the agenda, then the
    papers."""
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


def _changes_of_frame(meeting: Meeting, before: dict, now: dict) -> list[AnnouncedChange]:
    changes = []
    times = ("starts_at", "ends_at", "time_zone")
    if any(before[name] != now[name] for name in times):
        earlier = Meeting(
            starts_at=datetime.fromisoformat(before["starts_at"]),
            ends_at=datetime.fromisoformat(before["ends_at"]),
            time_zone=before["time_zone"],
        )
        changes.append(AnnouncedChange(_("Time"), written_time(earlier), written_time(meeting)))
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


def written_time(meeting: Meeting) -> str:
    """Return start and end as clocks at the place of the meeting show them."""
    start, end = moment(meeting.starts_at, meeting.zone), clock(meeting.ends_at, meeting.zone)
    return f"{start} – {end} ({meeting.city})"


def _changes_of_agenda(before: dict[int, dict], now: dict[int, dict]) -> list[AnnouncedChange]:
    changes = [
        AnnouncedChange(_("New on the agenda"), after=title_in(now[pk]))
        for pk in now
        if pk not in before
    ]
    changes += [
        AnnouncedChange(_("No longer on the agenda"), after=title_in(before[pk]))
        for pk in before
        if pk not in now
    ]
    changes += [
        AnnouncedChange(_("Item"), title_in(before[pk]), title_in(now[pk]))
        for pk in now
        if pk in before and title_in(before[pk]) != title_in(now[pk])
    ]
    if [pk for pk in before if pk in now] != [pk for pk in now if pk in before]:
        changes.append(AnnouncedChange(_("The order of the agenda has changed.")))
    return changes


def title_in(row: dict[str, Any]) -> str:
    """Return a kept title in the active language, else in the first that has one, else a dash."""
    return row[active_language()] or next(filter(None, (row[one] for one in reading_order())), "–")


def _changes_of_papers(before: dict[int, dict], now: dict[int, dict]) -> list[AnnouncedChange]:
    new = [
        AnnouncedChange(_("New document"), after=now[pk]["title"]) for pk in now if pk not in before
    ]
    gone = [
        AnnouncedChange(_("Document withdrawn"), after=before[pk]["title"])
        for pk in before
        if pk not in now
    ]
    return [*new, *gone]


def changes_of_people(meeting: Meeting) -> tuple[int, int]:
    """Return how many people hold a seat on the meeting's day and are not invited yet, and how many
    are invited but hold none any more."""
    holding = contacts_to_invite(meeting)
    invited = {pk for (pk,) in _members_invited(meeting.pk)}
    return len(holding - invited), len(invited - holding)


@prepared
def _members_invited(meeting: int) -> QuerySet[Invitation, tuple[int]]:
    members = Invitation.objects.current().filter(meeting=meeting).order_by()
    return members.exclude(capacity=Invitation.Capacity.GUEST).values_list("contact")


# Sending


def announce(
    meeting: Meeting,
    occasion: NoticeKind,
    *,
    by: User | None,
    why: str = "",
    lines: Mapping[str, str] | None = None,
) -> NoticeReceipt:
    """Write to everybody who is invited, with these lines of the sender's own by language. The
    caller has locked the meeting. Nothing is sent about a meeting that is past."""
    if meeting.is_past:
        return NoticeReceipt()
    before = last_announced(meeting)
    gone: list[Invitation] = []
    new: set[int] = set()
    if occasion not in CALLED_OFF:
        new, gone = sync_invitations(meeting, by=by)
    _keep_announced(meeting, occasion, why)
    invitations = list(meeting.invitations.current().with_related())
    if occasion not in CALLED_OFF:
        let_in([one.contact for one in invitations], by=by)
    receipt = NoticeReceipt()
    writer = NoticeWriter(meeting, by=by, lines=lines)
    for invitation in invitations:
        changes: list[str] = []
        kind = occasion
        if kind == NoticeKind.CHANGED and invitation.pk in new:
            kind = NoticeKind.CONVENED
        elif kind == NoticeKind.CHANGED:
            readers = writer.audiences_of(invitation)
            changes = changes_for(invitation, before, meeting.announced, readers)
        receipt += writer.write(invitation, kind, changes=changes)
    for invitation in gone:
        writer.write(invitation, NoticeKind.WITHDRAWN)
    if occasion in CALLED_OFF:
        revoke_links(invitations, by=by)
    return receipt


def _keep_announced(meeting: Meeting, occasion: NoticeKind, why: str) -> None:
    meeting.sequence += 1
    meeting.announced = None
    if occasion not in CALLED_OFF:
        moment_now = timezone.now().isoformat()
        meeting.announced = facts_of(meeting) | {"at": moment_now, "why": why.strip()}
    meeting.save(update_fields=["sequence", "announced"])


def changes_for(
    invitation: Invitation,
    before: dict[str, Any] | None,
    now: dict[str, Any] | None,
    audiences: Collection[str],
) -> list[str]:
    """Return what changed since the last notice, in the language of the person invited and as
    far as they may read it."""
    meeting, person = invitation.meeting, invitation.person
    if person is None or not (before and now):
        return []
    with written_for(person, meeting), translation.override(person.language):
        return [str(one) for one in compare(meeting, before, now, audiences)]


@transaction.atomic
def send_update(
    meeting: Meeting, *, by: User, why: str = "", lines: Mapping[str, str] | None = None
) -> NoticeReceipt:
    """Send each person one message with all that has changed since the last one. Late papers need
    a reason."""
    fresh = lock_meeting(meeting)
    if not fresh.is_announced:
        raise Refusal(_("Nothing is sent about a meeting that has not been convened."))
    if not (changes_of(fresh) or any(changes_of_people(fresh))):
        raise Refusal(_("Nothing has changed since the last notice: there is nothing to send."))
    late = late_papers(fresh, since_announced=True)
    if late and not why.strip():
        raise Refusal(late_sentence(late))
    return announce(fresh, NoticeKind.CHANGED, by=by, why=why, lines=lines)


def pending(meeting: Meeting, now: dict[str, Any] | None = None) -> list[str]:
    """Return the content of the next update, in sentences for the coordination; `now` is as in
    `changes_of`."""
    if not meeting.is_announced or meeting.is_past:
        return []
    sentences = [str(change) for change in changes_of(meeting, now)]
    new, gone = changes_of_people(meeting)
    if new:
        sentences.append(_("Newly in office, to be invited: %(number)s") % {"number": new})
    if gone:
        sentences.append(_("No longer in office, to be informed: %(number)s") % {"number": gone})
    return sentences
