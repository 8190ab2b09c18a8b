"""Recognises the people of a video call as those of the committee: by e-mail address, then by
name.

Nothing is written here. A match that is not certain is marked as doubtful and comes first.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from committees.meetings.participants_file import ParticipantsReading
from committees.meetings.participants_rows import CallParticipant
from committees.meetings.participants_words import name_key
from committees.meetings.services.attendance import NO_TIMES, SeatRow
from committees.meetings.services.expected import AnnouncedAlternate, announced_alternates
from committees.models import Attendance, Meeting, Seat, SeatTerm
from committees.models.attendance import Stay
from committees.permissions.roles import people_known_in
from kernel.tables import plain
from partners.models import Contact, Institution

DROP, GUEST = "drop", "guest"

# Alike enough to propose; below, the person is a guest until the coordinator chooses otherwise.
ALIKE = 85
WITHIN = 97  # one name within the other, such as with the institution before it
TIE = 3
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


@dataclass
class KnownPerson:
    """A person whom the portal knows, with the seats that they hold or stand in for."""

    contact: Contact
    places: list[HeldSeat] = field(default_factory=list)

    @property
    def institution(self) -> Institution:
        return self.contact.institution

    @cached_property
    def words(self) -> str:
        return plain(self.contact.full_name)


@dataclass
class RecognisedPerson:
    """A person of the file, whom the portal recognised in them, and the seat that it proposes."""

    person: CallParticipant
    how: str = "unknown"  # email, name, similar, several, unknown
    candidate: KnownPerson | None = None
    choice: str = GUEST
    # The present record of that seat, which would be replaced.
    recorded: Attendance | None = None
    is_recorded: bool = False  # exactly so: nothing would change
    seat_is_taken: bool = False

    @property
    def is_doubtful(self) -> bool:
        unsure = self.how in {"similar", "several", "unknown"} and not self.is_recorded
        return unsure or self.seat_is_taken or self.recorded is not None

    @property
    def institution(self) -> Institution | None:
        return self.candidate.institution if self.candidate else None

    @property
    def place(self) -> HeldSeat:
        """The first seat of the person, for somebody who was recognised and has one."""
        assert self.candidate is not None
        return self.candidate.places[0]


def at_moments(
    meeting: Meeting, reading: ParticipantsReading, zone: tzinfo
) -> list[CallParticipant]:
    """Return the people with their times as moments; the clocks of the file are those of `zone`
    unless it names its own."""
    zone = UTC if reading.is_utc else zone
    return [
        replace(
            person,
            joined=person.joined and _at(person.joined, zone),
            left=person.left and _at(person.left, zone),
            visits=tuple((_at(joined, zone), _at(left, zone)) for joined, left in person.visits),
        )
        for person in reading.on(meeting.day).people
    ]


def _at(moment: datetime, zone: tzinfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(UTC)


class CommitteePeople:
    """The people of a committee on the day of a meeting, and those of the project's partners."""

    def __init__(self, meeting: Meeting) -> None:
        self.seats = list(meeting.committee.seats.on(meeting.day).with_people())
        self.places = [
            HeldSeat(seat, term) for seat in self.seats for term in seat.terms_on(meeting.day)
        ]
        announced = announced_alternates(meeting)
        self.announced = [
            AnnouncedSeat(seat, announced[seat.pk])
            for seat in self.seats
            if seat.pk in announced and not announced[seat.pk].contact
        ]
        rows = meeting.attendances.select_related("contact")
        self.rows = {row.seat_id: row for row in rows if row.seat_id}
        self.guests = [row for row in rows if not row.seat_id]
        contacts = people_known_in(meeting.committee.project).select_related("institution")
        contacts = contacts.prefetch_related("institution__names")
        known = {contact.pk: KnownPerson(contact) for contact in contacts}
        for place in self.places:
            contact = place.term.contact
            known.setdefault(contact.pk, KnownPerson(contact)).places.append(place)
        self.candidates = sorted(known.values(), key=lambda each: not each.places)
        self._by_email, self._by_name = defaultdict(list), defaultdict(list)
        for each in self.candidates:
            self._by_email[each.contact.email.casefold()].append(each)
            self._by_name[name_key(each.contact.full_name)].append(each)

    def find(self, person: CallParticipant) -> tuple[str, KnownPerson | None]:
        """Return how the person was recognised, and as whom."""
        if person.email and len(found := self._by_email[person.email]) == 1:
            return "email", found[0]
        keys = {name_key(name) for name in (person.name, *person.also)}
        found = [each for key in keys for each in self._by_name[key]]
        if found:
            return ("name", found[0]) if len(found) == 1 else ("several", None)
        return self._alike(person)

    def _alike(self, person: CallParticipant) -> tuple[str, KnownPerson | None]:
        scores = sorted(
            ((self._likeness(person, each), place) for place, each in enumerate(self.candidates)),
            key=lambda scored: -scored[0],
        )
        scores = [scored for scored in scores if scored[0] >= ALIKE]
        if not scores:
            return "unknown", None
        if len(scores) > 1 and scores[0][0] - scores[1][0] < TIE:
            return "several", None
        return "similar", self.candidates[scores[0][1]]

    @staticmethod
    def _likeness(person: CallParticipant, candidate: KnownPerson) -> float:
        from rapidfuzz import fuzz

        theirs, best = candidate.words, 0.0
        for name in (person.name, *person.also):
            words = plain(name)
            best = max(best, fuzz.token_sort_ratio(words, theirs))
            shared = set(words.split()) & set(theirs.split())
            if len(shared) > 1 and fuzz.token_set_ratio(words, theirs) >= WITHIN:
                best = max(best, ALIKE + TIE)
        return best

    def announced_for(self, person: CallParticipant) -> AnnouncedSeat | None:
        """Return the seat for which somebody was announced, if the person called themselves by its
        institution; only if that is one."""
        words = {word for name in (person.name, *person.also) for word in plain(name).split()}
        found = [
            each
            for each in self.announced
            if words.issuperset(plain(each.seat.institution.short_name).split())
        ]
        return found[0] if len(found) == 1 else None


def recognised(people: Iterable[CallParticipant], known: CommitteePeople) -> list[RecognisedPerson]:
    """Return a proposal for each person of the file, the doubtful ones first."""
    found = [RecognisedPerson(person, *known.find(person)) for person in people]
    guests = {name_key(row.guest_name) for row in known.guests}
    by_seat: dict[int, list[RecognisedPerson]] = defaultdict(list)
    for each in found:
        each.is_recorded = each.candidate is None and name_key(each.person.name) in guests
        if each.candidate and each.candidate.places:
            by_seat[each.candidate.places[0].seat.pk].append(each)
    for seat, several in by_seat.items():
        _propose_seat(several, known.rows.get(seat))
    for each in found:
        announced = known.announced_for(each.person) if each.how == "unknown" else None
        if announced and announced.seat.pk not in known.rows:
            each.choice = announced.value
    return sorted(found, key=lambda each: (not each.is_doubtful, plain(each.person.name)))


def _propose_seat(several: list[RecognisedPerson], recorded: Attendance | None) -> None:
    """Propose the holder before an alternate; a seat that is recorded otherwise stays as it is
    until the coordinator chooses."""
    several.sort(key=lambda each: each.place.by_alternate)
    place = several[0].place
    theirs = [each for each in several if each.place.value == place.value]
    row = place.row([each.person for each in theirs], recorded)
    for each in several:
        if each not in theirs:
            each.seat_is_taken = True
        elif recorded is None or _adds_times(recorded, row):
            each.choice = place.value
        elif signature_of(row) == SeatRow.signature(recorded):
            each.choice, each.is_recorded = place.value, True
        else:
            each.choice, each.recorded = DROP, recorded


def _adds_times(recorded: Attendance, row: SeatRow) -> bool:
    """Whether the record has the same person online, but no time, which the file adds."""
    bare = replace(row, stays=(NO_TIMES,))
    return signature_of(bare) == SeatRow.signature(recorded) and signature_of(row) != signature_of(
        bare
    )
