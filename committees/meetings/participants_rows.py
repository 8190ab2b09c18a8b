"""From the rows of a participants file to its people: the rows of one person are put together,
times that overlap are counted once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from committees.meetings.participants_words import (
    NO,
    NO_DAY,
    YES,
    is_leaving,
    moment_of,
    name_key,
    seconds_of,
    with_original,
    without_marks,
)
from kernel.refusal import Refusal
from kernel.tables import plain

MAX_NAME = 200
MAX_PEOPLE = 300
# A call that goes past midnight, in a file without dates; longer is a mistake.
LONGEST_NIGHT = timedelta(hours=12)


@dataclass(frozen=True)
class CallParticipant:
    """One person of the call; for the zone of the times see `ParticipantsReading.is_utc`."""

    name: str
    email: str = ""
    joined: datetime | None = None
    left: datetime | None = None
    minutes: int | None = None
    # Other names under which the person appears, to recognise them by.
    also: tuple[str, ...] = ()
    # Each time from when to when they were there, if the file lists them all.
    visits: tuple[tuple[datetime, datetime], ...] = field(default=(), compare=False)
    # Whether the file says somewhere that they left before they came; those times are left out.
    leaves_first: bool = False


@dataclass(frozen=True)
class ParticipantsRow:
    """A row of a table, by the content of its columns.

    `is_span` marks a row with a first arrival and a last departure, between which the person may
    have been absent.
    """

    cells: dict[str, str]
    is_span: bool
    has_original: bool

    def get(self, *columns: str) -> str:
        return next((self.cells[name] for name in columns if self.cells.get(name)), "")


@dataclass
class ListedPerson:
    """Collects the rows of one person."""

    name: str
    email: str
    also: dict[str, None] = field(default_factory=dict)
    visits: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    spans: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)
    stated: int | None = None  # seconds
    stated_of_spans: int | None = None
    entered: datetime | None = None  # of a list of arrivals and departures
    leaves_first: bool = False

    def take(self, row: ParticipantsRow, order: str) -> None:
        if row.get("action", "moment"):
            self._take_step(row, order)
            return
        joined = _at(row.get("first_joined", "joined"), order)
        left = _at(row.get("last_left", "left"), order)
        seconds = seconds_of(row.get("duration"))
        if row.is_span:
            self._add(self.spans, joined, left)
            self.stated_of_spans = _sum(self.stated_of_spans, seconds)
        else:
            self._add(self.visits, joined, left)
            self.stated = _sum(self.stated, seconds)

    def _add(
        self,
        times: list[tuple[datetime | None, datetime | None]],
        joined: datetime | None,
        left: datetime | None,
    ) -> None:
        """Keep the times of a row, unless they contradict each other: which of the two is wrong
        nobody knows."""
        if joined and left and left < joined and joined.date() == NO_DAY:
            left += timedelta(days=1)  # the call went past midnight
            contradicts = left - joined > LONGEST_NIGHT
        else:
            contradicts = bool(joined and left and left < joined)
        if contradicts:
            self.leaves_first = True
        else:
            times.append((joined, left))

    def _take_step(self, row: ParticipantsRow, order: str) -> None:
        moment = _at(row.get("moment"), order)
        if not is_leaving(row.get("action")):
            if self.entered:
                self.visits.append((self.entered, None))
            self.entered = moment
        else:
            self._add(self.visits, self.entered, moment)
            self.entered = None

    def merge(self, other: "ListedPerson") -> None:
        self.email = self.email or other.email
        self.also |= {name: None for name in (other.name, *other.also) if name != self.name}
        self.visits += other.visits
        self.spans += other.spans
        self.stated = _sum(self.stated, other.stated)
        self.stated_of_spans = _sum(self.stated_of_spans, other.stated_of_spans)
        self.leaves_first |= other.leaves_first

    def summary(self) -> CallParticipant:
        """Return the person with the first arrival, the last departure and the minutes of all
        rows."""
        if self.entered:
            self.visits.append((self.entered, None))
            self.entered = None
        arrivals = [joined for joined, _left in self.visits + self.spans if joined]
        departures = [left for _joined, left in self.visits + self.spans if left]
        joined, left = min(arrivals, default=None), max(departures, default=None)
        # Of rows with an arrival alone and others with a departure alone.
        self.leaves_first |= bool(joined and left and left < joined)
        return CallParticipant(
            name=self.name,
            email=self.email,
            joined=joined,
            left=None if joined and left and left < joined else left,
            minutes=self._minutes(),
            also=tuple(self.also),
            visits=self._whole_visits(),
            leaves_first=self.leaves_first,
        )

    def _whole_visits(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return the visits, if arrival and departure of each are known."""
        whole = tuple((joined, left) for joined, left in self.visits if joined and left)
        return whole if len(whole) == len(self.visits) else ()

    def _minutes(self) -> int | None:
        whole = [(joined, left) for joined, left in self.visits if joined and left]
        if whole:
            seconds = union_seconds(whole)
        elif self.stated_of_spans is not None:
            seconds = self.stated_of_spans
        elif self.stated is not None:
            seconds = self.stated
        else:
            spans = [(joined, left) for joined, left in self.spans if joined and left]
            if not spans:
                return None
            seconds = union_seconds(spans)
        return int(seconds / 60 + 0.5)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def _at(text: str, order: str) -> datetime | None:
    """Return a moment of the file, converted to UTC if the file names zones."""
    moment = moment_of(text) if text else None
    found = moment.at(order) if moment else None
    return found.astimezone(UTC).replace(tzinfo=None) if found and found.tzinfo else found


def union_seconds(visits: Iterable[tuple[datetime, datetime]]) -> float:
    """Return how long somebody was present, in seconds. Overlapping devices count once."""
    total, until = timedelta(), None
    for joined, left in sorted(visits):
        begin = joined if until is None else max(joined, until)
        if left > begin:
            total += left - begin
        until = left if until is None else max(until, left)
    return total.total_seconds()


def people_of(rows: Iterable[ParticipantsRow], order: str) -> list[CallParticipant]:
    """Return one entry for each person, by e-mail address or else by name, in the order of the
    file."""
    people: dict[str, ListedPerson] = {}
    for row in rows:
        if _was_outside(row):
            continue
        name, also = _name_in(row)
        email = _email_in(row)
        if not (name or email):
            continue
        person = people.setdefault(
            email or name_key(name) or name, ListedPerson(name or email, email)
        )
        person.also |= {other: None for other in (name, also) if other and other != person.name}
        person.take(row, order)
        if len(people) > MAX_PEOPLE:
            raise Refusal(
                _("This file lists more people than a meeting has; export the list of this call.")
            )
    return [person.summary() for person in _without_email_put_to_theirs(people)]


def rows_of_nobody(rows: Iterable[ParticipantsRow]) -> int:
    """Count the rows that say something about a person without naming them."""
    return sum(
        1
        for row in rows
        if any(row.cells.values())
        and not (_was_outside(row) or any(_name_in(row)) or _email_in(row))
    )


def _was_outside(row: ParticipantsRow) -> bool:
    """Whether the person only waited, or registered and did not come."""
    return plain(row.get("waiting")) in YES or plain(row.get("attended")) in NO


def _name_in(row: ParticipantsRow) -> tuple[str, str]:
    whole = " ".join(
        part for part in (row.get("given"), row.get("name"), row.get("family")) if part
    )
    short = whole[: 2 * MAX_NAME + 3]  # a name and, in brackets, the one before
    name, also = with_original(short) if row.has_original else (without_marks(short), "")
    if max(len(name), len(also)) > MAX_NAME:
        raise Refusal(
            _("A name in this file is longer than %(limit)s characters; shorten it in the file.")
            % {"limit": MAX_NAME}
        )
    return name, also if also != name else ""


def _email_in(row: ParticipantsRow) -> str:
    for text in (row.get("email"), row.get("upn")):
        try:
            validate_email(text)
        except ValidationError:
            continue
        return text.casefold() if len(text) <= 254 else ""
    return ""


def _without_email_put_to_theirs(people: dict[str, ListedPerson]) -> list[ListedPerson]:
    """Merge rows without an address into the one person of that name who has one: somebody who
    reconnects as a guest has no address."""
    named: dict[str, list[ListedPerson]] = {}
    for person in people.values():
        if person.email:
            for key in {name_key(name) for name in (person.name, *person.also)}:
                named.setdefault(key, []).append(person)
    left = []
    for person in people.values():
        same = named.get(name_key(person.name), [])
        if not person.email and len(same) == 1:
            same[0].merge(person)
        else:
            left.append(person)
    return left
