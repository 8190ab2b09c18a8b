"""Reads the participants file of a video call: Zoom, Microsoft Teams or Google Meet.

The three change their files often, so nothing depends on which of them wrote it: the file is
decoded, the rows below each header that names people are taken, and the rows of one person are
put together. Nothing here knows the database. Whatever the bytes, the answer is a `ParticipantsReading` or a
`Refusal` with a sentence that says what to do.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, BinaryIO

from django.core.files.base import File
from django.utils.translation import gettext as _

from committees.meetings.participants_rows import (
    CallParticipant,
    ParticipantsRow,
    people_of,
    rows_of_nobody,
)
from committees.meetings.participants_words import (
    NO_DAY,
    WrittenMoment,
    column_of,
    moment_of,
    seconds_of,
)
from kernel.days import ORDERS
from kernel.formats import file_size
from kernel.refusal import Refusal
from kernel.tables import decoded, plain
from kernel.text import clean_text

MAX_BYTES = 2_000_000  # sixty people who each reconnect fifty times take 400 kB
MAX_ROWS = 10_000
MAX_COLUMNS = 60
MAX_CELL = 5_000  # a whole line, as long as the right delimiter is not found
DELIMITERS = "\t;,"
TIMES = frozenset({"first_joined", "last_left", "joined", "left", "duration", "moment"})


@dataclass(frozen=True)
class ParticipantsReading:
    """The content of a participants file. Times are left out until the order of its dates is known."""

    people: list[CallParticipant]
    needs_date_order: bool = False
    example: str = ""  # a date that can be read in two ways
    has_days: bool = True  # some files have only the time of day
    is_utc: bool = False  # the file names the zone of its times
    rows_of_nobody: int = 0  # they say something, but not of whom
    unread: tuple[str, ...] = ()  # heads of columns with times that the portal does not understand

    def on(self, day: date) -> "ParticipantsReading":
        """The same, with times that had no day put on this one."""
        if self.has_days:
            return self
        return replace(
            self, people=[_moved(person, day - NO_DAY) for person in self.people], has_days=True
        )


def _moved(person: CallParticipant, by: timedelta) -> CallParticipant:
    return replace(
        person,
        joined=person.joined and person.joined + by,
        left=person.left and person.left + by,
        visits=tuple((joined + by, left + by) for joined, left in person.visits),
    )


def read_participants(
    file: "BinaryIO | File[Any]", *, date_order: str | None = None
) -> ParticipantsReading:
    """The people of a participants file, one entry per person, in the order of the file.

    `date_order` ("dmy", "mdy") is needed only for a file whose dates can be read in two ways; the answer
    says so by `needs_date_order`. joined is the earliest, left the latest, minutes the union of
    the times between. Raises Refusal.
    """
    table = _table_in(_text_of(file))
    moments = table.moments
    is_utc = _has_zones(table.rows)
    order = _order_of(moments, date_order)
    people = _people(table.rows, order)
    if not people:
        raise Refusal(
            _("This file lists nobody; export the list of participants of the call again.")
        )
    return ParticipantsReading(
        people,
        needs_date_order=order is None,
        example="" if order else next(text for text, moment in moments if moment.is_open),
        has_days=any(moment.has_day for _text, moment in moments),
        is_utc=is_utc,
        rows_of_nobody=rows_of_nobody(table.rows),
        unread=tuple(table.unread),
    )


def _people(tables: list[ParticipantsRow], order: str | None) -> list[CallParticipant]:
    """Return the people. Their times, and durations that depend on them, are left out while the
    order of day and month is unknown."""
    if order:
        return people_of(tables, order)
    readings = (people_of(tables, each) for each in ORDERS)
    return [
        replace(
            one, joined=None, left=None, minutes=one.minutes if one.minutes == two.minutes else None
        )
        for one, two in zip(*readings, strict=True)
    ]


# Bytes to text


def _text_of(file: "BinaryIO | File[Any]") -> str:
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise Refusal(
            _(
                "This file has %(size)s; a list of participants has at most %(limit)s. "
                "Export the list of this one call."
            )
            % {"size": file_size(size), "limit": file_size(MAX_BYTES)}
        )
    file.seek(0)
    data = file.read(MAX_BYTES + 1)
    if not data.strip():
        raise Refusal(_("This file is empty; export the list again."))
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refusal(_("This is a spreadsheet; open it, save it as CSV and upload that file."))
    try:
        text = decoded(data)
    except UnicodeDecodeError:
        raise _not_a_list() from None
    if re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text) or text.lstrip().startswith(("<", "%PDF", "{")):
        raise _not_a_list()
    return text


def _not_a_list() -> Refusal:
    return Refusal(
        _(
            "The content of this file is not a list of participants; export it from Zoom, Teams "
            "or Meet as CSV."
        )
    )


# Text to rows


def _table_in(text: str) -> "ParticipantsTable":
    """Return the rows below headers that name people, and every moment found anywhere in the file:
    its preamble may show in which order dates are written."""
    for delimiter in DELIMITERS:
        table = ParticipantsTable()
        for cells in _cells(text, delimiter):
            table.take(cells)
        if table.has_header:
            return table
    raise Refusal(
        _(
            "This file has no column for the names of participants; export the list from Zoom, "
            "Teams or Meet in English, French, Spanish or Portuguese."
        )
    )


class ParticipantsTable:
    """The file's tables of people, as they are found line by line."""

    def __init__(self) -> None:
        self.rows: list[ParticipantsRow] = []
        self.moments: list[tuple[str, WrittenMoment]] = []
        self.has_header = False
        self.unread: dict[str, None] = {}
        self._header: list[str | None] | None = None
        self._titles: list[str] = []
        self._original = False
        self._last_is_title = False

    def take(self, cells: list[str]) -> None:
        moments = [(cell, found) for cell in cells if (found := _moment_in(cell))]
        self.moments += moments
        lists_people = bool(moments) or any("@" in cell for cell in cells)  # no header does
        columns = [] if lists_people else [column_of(cell) for cell in cells]
        if _names_people(columns):
            if self._last_is_title:
                self.rows.pop()  # it stood above this header
            self._header, self._titles = _first_of_each(columns), cells
            self._original = any("origin" in plain(cell) for cell in cells)
            self.has_header, self._last_is_title = True, False
        elif not any(cells):
            self._header, self._last_is_title = None, False  # an empty line ends a table
        elif self._header:
            self.rows.append(_row(self._header, cells, self._original))
            self._last_is_title = sum(map(bool, cells)) == 1
            columns_read = zip(self._titles, self._header, cells, strict=False)
            self.unread |= {
                title: None
                for title, name, cell in columns_read
                if title and _is_unread(name, cell)
            }


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = text.replace("\r\r\n", "\r\n")  # what some mail programs make of line ends
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader):
            if number >= MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise Refusal(
                    _(
                        "This file is larger than a list of participants; export the list of "
                        "this one call."
                    )
                )
            if any(len(cell) > MAX_CELL for cell in cells):
                raise Refusal(_("A cell of this file is far too long; export the list again."))
            yield [clean_text(cell).strip() for cell in cells]
    except csv.Error:
        raise _not_a_list() from None


def _is_unread(column: str | None, cell: str) -> bool:
    """Whether a cell holds a time of a column that is not known, or one of a column of times that
    cannot be read. Nothing may get lost without a word."""
    if column is None:
        return _moment_in(cell) is not None
    if column not in TIMES or not any(sign.isdigit() for sign in cell):
        return False
    return seconds_of(cell) is None if column == "duration" else moment_of(cell) is None


def _moment_in(cell: str) -> WrittenMoment | None:
    return moment_of(cell) if any(sign.isdigit() for sign in cell) else None


def _names_people(columns: list[str | None]) -> bool:
    found = set(columns)
    facts = {"email", "joined", "first_joined", "duration", "action", "moment"}
    return bool(found & {"name", "given"} and found & facts)


def _first_of_each(columns: list[str | None]) -> list[str | None]:
    return [name if name not in columns[:place] else None for place, name in enumerate(columns)]


def _row(header: list[str | None], cells: list[str], original: bool) -> ParticipantsRow:
    by_column = {name: cell for name, cell in zip(header, cells, strict=False) if name is not None}
    return ParticipantsRow(
        by_column,
        is_span=bool({"first_joined", "given", "family"} & set(header)),
        has_original=original,
    )


def _has_zones(rows: list[ParticipantsRow]) -> bool:
    """Whether the times have zones. Times with and without a zone cannot be compared."""
    moments = [found for row in rows for cell in row.cells.values() if (found := _moment_in(cell))]
    zoned = {moment.offset is not None for moment in moments if moment.has_day}
    if len(zoned) == 2:
        raise _written_in_two_ways()
    return zoned == {True}


# In which order dates are written


def _order_of(moments: Iterable[tuple[str, WrittenMoment]], given: str | None) -> str | None:
    """The order that all dates of the file allow, or the one given; None where both are
    possible and it matters."""
    short = [moment for _text, moment in moments if moment.short]
    fits = frozenset(ORDERS).intersection(*(moment.fits for moment in short))
    if not fits:
        raise _written_in_two_ways()
    if given and given not in fits:
        raise Refusal(
            _("The dates in this file cannot be read in that order; choose the other one.")
        )
    if given or len(fits) == 1:
        return given or next(iter(fits))
    return None if any(moment.is_open for moment in short) else ORDERS[0]


def _written_in_two_ways() -> Refusal:
    return Refusal(_("This file writes its dates in two ways; export the list again."))
