"""Recognises the people of a video call as those of the committee: by e-mail address, then by
name.

Nothing is written here. A match that is not certain is marked as doubtful and comes first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from django.db.models import Q

from committees.meetings.participants_file import ParticipantsReading
from committees.meetings.participants_rows import CallParticipant
from committees.meetings.participants_words import is_like_a_formula, name_key
from committees.meetings.services.attendance import NO_TIMES, SeatRow, announced_alternates
from committees.meetings.services.call_seats import (
    AdmittedSeat,
    AnnouncedSeat,
    CalledName,
    HeldSeat,
    Place,
    fits_initials,
    is_delegate_of,
    signature_of,
)
from committees.models import Attendance, Meeting
from committees.permissions.roles import people_known_in
from kernel.tables import plain
from kernel.text import columns_of
from partners.models import Contact, Institution

DROP, GUEST = "drop", "guest"

# Alike enough to propose; below, the person is a guest until the coordinator chooses otherwise.
ALIKE = 85
WITHIN = 97  # one name within the other, such as with the institution before it
TIE = 3
# Whoever nobody knows and was there for less had the wrong link, or tried their device.
PASSING = 5  # minutes
SUGGESTED = 5  # people at most


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
    how: str = "unknown"  # email, name, team, similar, several, institution, unknown
    candidate: KnownPerson | None = None
    # The institution that they named beside their name, or instead of it.
    named: Institution | None = None
    # Seats of people who may be meant, to be offered first.
    suggested: Sequence[Place] = ()
    choice: str = GUEST
    # The present record of that seat, which would be replaced.
    recorded: Attendance | None = None
    is_recorded: bool = False  # exactly so: nothing would change
    seat_is_taken: bool = False
    is_passing: bool = False  # unknown, and there for a moment

    @property
    def is_doubtful(self) -> bool:
        known = self.how in {"email", "name", "team"}
        if self.seat_is_taken or self.recorded is not None or self.person.leaves_first:
            return True
        return not (known or self.is_recorded)

    @property
    def is_like_a_formula(self) -> bool:
        return is_like_a_formula(self.person.name)

    @property
    def institution(self) -> Institution | None:
        return self.candidate.institution if self.candidate else self.named

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


@dataclass(frozen=True)
class Caller:
    """A person of the file, with all their names taken apart."""

    person: CallParticipant
    names: list[CalledName]
    # The institutions that they named, and their names without those.
    named: list[Institution]
    bare: list[tuple[str, bool]]

    @cached_property
    def texts(self) -> set[str]:
        """Return their names, plain, with institutions and without."""
        bare = {plain(name) for name, _is_all in self.bare}
        return bare | {name.words for name in self.names}

    def is_of(self, candidate: KnownPerson) -> bool:
        return candidate.institution in self.named


class CommitteePeople:
    """The people of a committee on the day of a meeting, those of the project's partners, and the
    team."""

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
        self.admitted = [AdmittedSeat(seat) for seat in self.seats]
        rows = meeting.attendances.select_related("contact")
        self.rows = {row.seat_id: row for row in rows if row.seat_id}
        self.guests = [row for row in rows if not row.seat_id]
        project = meeting.committee.project
        contacts = people_known_in(project).select_related("institution")
        known = {
            contact.pk: KnownPerson(contact)
            for contact in contacts.prefetch_related("institution__names")
        }
        for place in self.places:
            contact = place.term.contact
            known.setdefault(contact.pk, KnownPerson(contact)).places.append(place)
        self.candidates = sorted(known.values(), key=lambda each: not each.places)
        self._by_email, self._by_name = defaultdict(list), defaultdict(list)
        for each in self.candidates:
            self._by_email[each.contact.email.casefold()].append(each)
            self._by_name[name_key(each.contact.full_name)].append(each)
        # Whoever works for the project is neither a member nor unknown.
        still = Q(ends_on=None) | Q(ends_on__gte=meeting.day)
        team = project.assignments.filter(still).values_list("user__email", "user__full_name")
        self._team = {key for email, name in team for key in (email, name_key(name)) if key}
        self._names = self._names_of_institutions()
        self._known_pieces = {words for _text, words, _one in self._names}

    def _names_of_institutions(self) -> list[tuple[str, str, Institution]]:
        """Return every name and acronym that institutions of the project have or had, also plain."""
        institutions = [seat.institution for seat in self.seats]
        institutions += [each.institution for each in self.candidates if not each.places]
        known = {one.pk: one for one in institutions}
        found = []
        for one in known.values():
            texts = {one.short_name}
            for name in one.names.all():
                texts |= {name.acronym, *(getattr(name, column) for column in columns_of("name"))}
            found += [(text, plain(text), one) for text in sorted(texts) if plain(text)]
        return found

    def recognise(self, person: CallParticipant) -> RecognisedPerson:
        names = [CalledName(name) for name in (person.name, *person.also)]
        named = {
            one.pk: one
            for text, words, one in self._names
            if any(name.names(text, words) for name in names)
        }
        bare = [name.without(self._known_pieces) for name in names]
        caller = Caller(person, names, list(named.values()), bare)
        how, candidate = self._find(caller)
        if how == "name" and candidate and self._is_strange(caller, candidate):
            how = "similar"
        found = RecognisedPerson(person, how, candidate)
        if candidate is None and how != "team":
            found.named = caller.named[0] if len(caller.named) == 1 else None
            if how == "unknown" and caller.named:
                found.how = "institution"
            found.suggested = self._suggested(caller)
        return found

    @staticmethod
    def _is_strange(caller: Caller, candidate: KnownPerson) -> bool:
        """Whether the name is right, but what stands around it is not."""
        is_of_another = caller.named and not caller.is_of(candidate)
        return bool(is_of_another) or is_like_a_formula(caller.person.name)

    def _find(self, caller: Caller) -> tuple[str, KnownPerson | None]:
        """Return how the person was recognised, and as whom."""
        email = caller.person.email
        if email and len(found := self._by_email[email]) == 1:
            return "email", found[0]
        if email and email in self._team:
            return "team", None
        texts = [name.text for name in caller.names]
        if found := self._called(texts):
            return self._one_of(found, caller, "name")
        if self._team.intersection(map(name_key, texts)):
            return "team", None
        if found := self._called(name for name, _is_all in caller.bare):
            is_all = all(is_all for _name, is_all in caller.bare)
            return self._one_of(found, caller, "name" if is_all else "similar")
        if found := self._called(piece for name in caller.names for piece in name.pieces):
            return self._one_of(found, caller, "similar")
        if found := [
            each
            for each in self.candidates
            if any(fits_initials(words, each.words) for words in caller.texts)
        ]:
            return self._one_of(found, caller, "similar")
        return self._alike(caller)

    def _called(self, names: Iterable[str]) -> list[KnownPerson]:
        keys = {key for name in names if (key := name_key(name))}
        return [each for key in keys for each in self._by_name.get(key, ())]

    @staticmethod
    def _one_of(
        found: list[KnownPerson], caller: Caller, how: str
    ) -> tuple[str, KnownPerson | None]:
        """Of several people of one name, the one of the institution that was named beside it."""
        if len(found) == 1:
            return how, found[0]
        theirs = [each for each in found if caller.is_of(each)]
        return ("similar", theirs[0]) if len(theirs) == 1 else ("several", None)

    def _alike(self, caller: Caller) -> tuple[str, KnownPerson | None]:
        scores = sorted(
            ((_likeness(caller, each), place) for place, each in enumerate(self.candidates)),
            key=lambda scored: -scored[0],
        )
        scores = [scored for scored in scores if scored[0] >= ALIKE]
        if not scores:
            return "unknown", None
        if len(scores) > 1 and scores[0][0] - scores[1][0] < TIE:
            return "several", None
        return "similar", self.candidates[scores[0][1]]

    def _suggested(self, caller: Caller) -> list[HeldSeat]:
        """Return the seats of people who share a name with the person, then those of the
        institutions that they named."""
        words = {word for text in caller.texts for word in text.split()}
        words -= {word for known in self._known_pieces for word in known.split()}
        likely = []
        for each in self.candidates:
            shared = len({word for word in each.words.split() if len(word) > 2} & words)
            if each.places and (shared or caller.is_of(each)):
                likely.append((shared, each))
        likely.sort(key=lambda found: -found[0])
        return [place for _shared, each in likely for place in each.places][:SUGGESTED]

    def announced_for(self, found: RecognisedPerson) -> AnnouncedSeat | None:
        """Return the seat for which somebody was announced, if the person called themselves by its
        institution; only if that is one."""
        if found.named is None or found.how != "institution":
            return None
        seats = [each for each in self.announced if each.seat.institution == found.named]
        return seats[0] if len(seats) == 1 else None

    def admitted_as(self, person: CallParticipant) -> AdmittedSeat | None:
        """Return the seat for which the person was admitted already."""
        for each in self.admitted:
            row = self.rows.get(each.seat.pk)
            if row and is_delegate_of(row, person.name):
                return each
        return None


def _likeness(caller: Caller, candidate: KnownPerson) -> float:
    from rapidfuzz import fuzz

    theirs, best = candidate.words, 0.0
    for words in caller.texts:
        best = max(best, fuzz.token_sort_ratio(words, theirs))
        shared = set(words.split()) & set(theirs.split())
        if len(shared) > 1 and fuzz.token_set_ratio(words, theirs) >= WITHIN:
            best = max(best, ALIKE + TIE)
    return best


def recognised(people: Iterable[CallParticipant], known: CommitteePeople) -> list[RecognisedPerson]:
    """Return a proposal for each person of the file, the doubtful ones first."""
    found = [known.recognise(person) for person in people]
    guests = {name_key(row.guest_name) for row in known.guests}
    by_seat: dict[int, list[RecognisedPerson]] = defaultdict(list)
    for each in found:
        each.is_recorded = each.candidate is None and name_key(each.person.name) in guests
        if each.candidate and each.candidate.places:
            by_seat[each.candidate.places[0].seat.pk].append(each)
    for seat, several in by_seat.items():
        _propose_seat(several, known.rows.get(seat))
    for each in found:
        if each.candidate is None and not each.is_recorded:
            _propose_for_stranger(each, known)
    return sorted(found, key=lambda each: (not each.is_doubtful, plain(each.person.name)))


def _propose_for_stranger(found: RecognisedPerson, known: CommitteePeople) -> None:
    announced = known.announced_for(found)
    if announced and announced.seat.pk not in known.rows:
        found.choice = announced.value
    elif admitted := known.admitted_as(found.person):
        recorded = known.rows[admitted.seat.pk]
        row = admitted.row([found.person], recorded)
        found.choice = admitted.value
        found.is_recorded = signature_of(row) == SeatRow.signature(recorded)
    elif found.how == "unknown" and found.person.minutes is not None:
        found.is_passing = found.person.minutes < PASSING
        found.choice = DROP if found.is_passing else GUEST


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
