"""The seats that people of a video call may take, and what is then recorded for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from committees.meetings.participants_rows import CallParticipant
from committees.meetings.participants_words import name_key
from committees.meetings.services.attendance import AnnouncedAlternate, SeatRow
from committees.models import Attendance, Seat, SeatTerm
from committees.models.attendance import Stay
from kernel.tables import plain

# A dash between two names has a space at one side at least; “Pérez-López” is one name.
_BETWEEN = re.compile(r"[()\[\]{}|/·:;,@]|\s[-–—]+\s?|[-–—]+\s")


def pieces_of(name: str) -> list[str]:
    """Split a name at brackets, dashes and the like; return one piece if it has none of them."""
    return [piece.strip() for piece in _BETWEEN.split(name) if plain(piece)]


def fits_initials(name: str, full_name: str) -> bool:
    """Whether “ana p” or “a perez” may be this person, both plain: a whole word of the name, and the
    initials of others."""
    words, theirs = name.split(), full_name.split()
    initials = [word for word in words if len(word) == 1]
    whole = [word for word in words if len(word) > 1]
    if not (initials and any(len(word) > 2 for word in whole)):
        return False
    for word in whole:
        if word not in theirs:
            return False
        theirs.remove(word)
    for letter in initials:
        fitting = next((word for word in theirs if word.startswith(letter)), None)
        if fitting is None:
            return False
        theirs.remove(fitting)
    return True


class CalledName:
    """A name as somebody wrote it, to be compared with many."""

    def __init__(self, text: str) -> None:
        self.text, self.words, self.pieces = text, plain(text), pieces_of(text)
        self._pieces = {plain(piece) for piece in self.pieces}

    def names(self, institution: str, words: str) -> bool:
        """Whether it is this name of an institution (`words`: the same, plain), or has it beside
        it. An acronym counts in its capitals, since its letters may be a word or a person's name."""
        if words in self._pieces:
            return True
        if " " in words:
            return f" {words} " in f" {self.words} "
        return institution in self.text and bool(
            re.search(rf"(?<!\w){re.escape(institution)}(?!\w)", self.text)
        )

    def without(self, known: set[str]) -> tuple[str, bool]:
        """Return it without the pieces that are `known`, and whether one piece at most is left."""
        left = [piece for piece in self.pieces if plain(piece) not in known]
        return " ".join(left), len(left) <= 1


# Whoever was away for less than this had lost the line, and was not absent.
LOST_LINE = timedelta(minutes=5)


@dataclass(frozen=True)
class HeldSeat:
    """A seat as held by a person on the day of the meeting."""

    seat: Seat
    term: SeatTerm

    @property
    def value(self) -> str:
        return f"{self.seat.pk}-{self.term.contact_id}"

    @property
    def by_alternate(self) -> bool:
        return self.term.capacity == SeatTerm.Capacity.ALTERNATE

    def row(self, people: Iterable[CallParticipant], known: Attendance | None = None) -> SeatRow:
        """Return the row to record for the seat; what the file does not say stays as it is."""
        stays = stays_of(people)
        same = known if known and known.contact_id == self.term.contact_id else None
        return SeatRow(
            seat=self.seat,
            presence=Attendance.Presence.ONLINE,
            contact=self.term.contact,
            by_alternate=self.by_alternate,
            stays=_completed(stays, same) if same else stays,
        )


@dataclass(frozen=True)
class AnnouncedSeat:
    """A seat for which somebody on no list was announced: whoever is chosen for it comes as the
    delegate of its institution."""

    seat: Seat
    announced: AnnouncedAlternate
    by_alternate = True

    @property
    def value(self) -> str:
        return f"delegate-{self.seat.pk}"

    def row(self, people: Iterable[CallParticipant], known: Attendance | None = None) -> SeatRow:
        stays = stays_of(people)
        same = known if known and known.guest_name == self.announced.function else None
        return SeatRow(
            seat=self.seat,
            presence=Attendance.Presence.ONLINE,
            by_alternate=True,
            is_delegate=True,
            announced=self.announced.function,
            stays=_completed(stays, same) if same else stays,
        )


@dataclass(frozen=True)
class AdmittedSeat:
    """A seat for which the chair admitted somebody who is on no list, for this meeting alone."""

    seat: Seat
    by_alternate = False

    @property
    def value(self) -> str:
        return f"admitted-{self.seat.pk}"

    def row(self, people: Iterable[CallParticipant], known: Attendance | None = None) -> SeatRow:
        people = list(people)
        name, stays = people[0].name, stays_of(people)
        same = known if known and is_delegate_of(known, name) else None
        return SeatRow(
            seat=self.seat,
            presence=Attendance.Presence.ONLINE,
            is_delegate=True,
            announced=name,
            accreditation_due=same.accreditation_due if same else None,
            stays=_completed(stays, same) if same else stays,
        )


# What the coordinator may choose for a person besides a guest.
Place: TypeAlias = HeldSeat | AnnouncedSeat | AdmittedSeat


def is_delegate_of(row: Attendance, name: str) -> bool:
    """Whether this person was admitted for the seat of the row."""
    is_unlisted = row.contact_id is None and not row.by_alternate
    return is_unlisted and bool(row.guest_name) and name_key(row.guest_name) == name_key(name)


def _completed(stays: tuple[Stay, ...], known: Attendance) -> tuple[Stay, ...]:
    """Add what was recorded where the file lacks an arrival or a departure."""
    if len(stays) > 1 or None not in stays[0]:
        return stays
    *earlier, last = known.stays
    arrived, left = stays[0]
    return (*earlier, Stay(arrived or last.arrived_at, left or last.left_at))


def stays_of(people: Iterable[CallParticipant]) -> tuple[Stay, ...]:
    """Return when one person was there on any of their devices. A short break is a lost line."""
    people = list(people)
    visits = [visit for each in people for visit in each.visits]
    if not visits or not all(each.visits for each in people):
        return (Stay(*times_of(people)),)
    stays: list[Stay] = []
    for arrived, left in sorted(visits):
        before = stays[-1].left_at if stays else None
        if before and arrived - before < LOST_LINE:
            stays[-1] = stays[-1]._replace(left_at=max(before, left))
        else:
            stays.append(Stay(arrived, max(arrived, left)))
    return tuple(stays)


def times_of(people: Iterable[CallParticipant]) -> tuple[datetime | None, datetime | None]:
    """Return the first arrival and the last departure of one person on all their devices."""
    people = list(people)
    arrived = min((each.joined for each in people if each.joined), default=None)
    left = max((each.left for each in people if each.left), default=None)
    return arrived, left if not (arrived and left and left < arrived) else None


def signature_of(row: SeatRow) -> str:
    """Return what `SeatRow.signature` gives for the row once it is written."""
    written = Attendance(
        presence=row.presence,
        contact=row.contact,
        guest_name=row.announced,
        by_alternate=row.by_alternate,
    )
    written.stays = row.stays
    return SeatRow.signature(written)
