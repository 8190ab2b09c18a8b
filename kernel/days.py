"""Days as people and programs write them in three languages, and in Portuguese: 2020-09-03, 3/9/2020,
3 sept. 2020.

If day and month could be confused, the result says so. The order in which all days of a file are
possible decides, or else the person is asked.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

SHORT = 80  # no day is written longer; patterns need not search essays
ORDERS = ("dmy", "mdy")

ISO = r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
DIGITS = r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})"
DAY_WORD = (
    r"(?P<day>\d{1,2})(?:er)?\.?\s+(?:de\s+)?(?P<word>[a-z]{3,10})\.?,?\s+(?:de\s+)?(?P<year>\d{4})"
)
WORD_DAY = r"(?P<word>[a-z]{3,10})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})"
_DAYS = [re.compile(pattern) for pattern in (ISO, DIGITS, DAY_WORD, WORD_DAY)]
_MIDNIGHT = re.compile(r"[ t]0{1,2}:00(:00(\.0+)?)?$")

_MONTHS = {
    start: number
    for number, starts in enumerate(
        [
            "jan ene",
            "feb fev",
            "mar",
            "apr avr abr",
            "may mai",
            "jun juin",
            "jul juil",
            "aug aou ago",
            "sep set",
            "oct out",
            "nov",
            "dec dic dez",
        ],
        1,
    )
    for start in starts.split()
}


@dataclass(frozen=True)
class WrittenDay:
    """A day as it is written. `short` is used if the order of day and month is not clear."""

    day: date | None = None
    short: tuple[int, int, int] | None = None

    @property
    def fits(self) -> frozenset[str]:
        """The orders in which this is a day: both if it is written without ambiguity."""
        if self.short is None:
            return frozenset(ORDERS)
        return frozenset(order for order in ORDERS if self.on(order))

    @property
    def is_open(self) -> bool:
        """Whether it depends on the order which day this is."""
        return self.short is not None and self.on("dmy") != self.on("mdy")

    def on(self, order: str) -> date | None:
        """Return the day in this order, or None if there is no such day."""
        if self.short is None:
            return self.day
        one, two, year = self.short
        day, month = (one, two) if order == "dmy" else (two, one)
        return date_of(year, month, day)


def written_day(text: str) -> WrittenDay | None:
    """Return the day that a text means, or None. A time of midnight is ignored."""
    if len(text) > SHORT:
        return None
    text = _MIDNIGHT.sub("", folded(text))
    for pattern in _DAYS:
        if found := pattern.fullmatch(text):
            return day_found(found.groupdict())
    return None


def day_found(parts: dict[str, str]) -> WrittenDay | None:
    """Return the day that one of the patterns above matched."""
    year = int(parts["year"])
    year += 2000 if year < 100 else 0
    if "one" in parts:
        one, two = int(parts["one"]), int(parts["two"])
        if parts["sign"] == ".":  # languages that write points put the day first
            day = date_of(year, two, one)
            return WrittenDay(day) if day else None
        written = WrittenDay(short=(one, two, year))
        return written if written.fits else None
    month = int(parts["month"]) if "month" in parts else month_of(parts["word"])
    day = date_of(year, month, int(parts["day"]))
    return WrittenDay(day) if day else None


def order_of(days: Iterable[WrittenDay]) -> str | None:
    """Return the only order in which all of them are days, or None if both or none would do."""
    possible = set(ORDERS)
    for day in days:
        possible &= day.fits
    return possible.pop() if len(possible) == 1 else None


def month_of(word: str) -> int:
    """Return the number of the month (1 to 12) that the word names in any of the languages, by its
    first letters; 0 if it names none."""
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3], 0)


def date_of(year: int, month: int, day: int) -> date | None:
    """Return the day, or None if the calendar has no such day, or if it is not between 2000 and
    2099."""
    if not 2000 <= year < 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def folded(text: str) -> str:
    """Return the text in lower case, without accents and with single spaces, for comparing."""
    bare = unicodedata.normalize("NFKD", text.strip().casefold())
    return " ".join("".join(sign for sign in bare if not unicodedata.combining(sign)).split())
