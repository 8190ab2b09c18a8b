"""Timelines: bars over months, each with how much of it is done.

A picture of at most MAX_BARS bars fits on a printed page: longer lists are cut into several
(`pieces`). At WIDTH the words are above their bar, for telephones; wider, they are beside it. A
late bar says so in words too, since colour is never the only sign.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

from babel.dates import format_date
from django.utils.translation import gettext as _, ngettext, pgettext

from kernel.charts import Chart, chart_of
from kernel.formats import day_short, locale, percent
from kernel.svg import (
    BAD,
    BRAND,
    FIELD,
    INK_2,
    LINE,
    LINE_HEIGHT,
    NEUTRAL,
    WIDTH,
    Drawing,
    label,
    shortened,
    text_width,
    wrapped,
)

MAX_BARS = 24
MAX_HEIGHT = 780  # of the bars: a printed page cannot break a picture
BROAD = 760  # on a wide screen
_HEAD = 20  # height of the names of months


@dataclass(frozen=True)
class Bar:
    """One thing with its days. `done` is 0 to 100, or None if unknown. `note` adds words such as
    “12 days late”."""

    name: str
    start: date
    end: date
    done: int | None = 0
    is_late: bool = False
    note: str = ""

    @property
    def state_text(self) -> str:
        return ", ".join(part for part in (_share(self.done), label(self.note)) if part)


@dataclass(frozen=True)
class TimeAxis:
    """Maps days to lengths. It spans whole months, so that a tick is at the start of each."""

    start: date
    end: date
    left: float
    width: float

    @classmethod
    def over(cls, start: date, end: date, left: float, width: float) -> "TimeAxis":
        return cls(start.replace(day=1), _next_month(end), left, width)

    def at(self, day: date) -> float:
        share = (day - self.start).days / (self.end - self.start).days
        return self.left + min(max(share, 0), 1) * self.width

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield where months begin, as many as there is room to name."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
        room = max(int(self.width // 44), 1)
        step = next((one for one in (1, 2, 3, 6, 12, 24) if months / one <= room), 60)
        first = date(self.start.year, self.start.month, 1)
        number = 0
        while first < self.end:
            if number % step == 0:
                yield self.at(first), _month(first, named_year=number == 0 or first.month <= step)
            first, number = _next_month(first), number + 1


def span(bars: Iterable[Bar]) -> tuple[date, date] | None:
    """Return the first and last day of all the bars, so that several pictures share one axis."""
    bars = list(bars)
    if not bars:
        return None
    return min(bar.start for bar in bars), max(bar.end for bar in bars)


def pieces(bars: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Split bars, or the things they show, into parts of about equal length that fit a picture
    each."""
    count = -(-len(bars) // MAX_BARS)
    for number in range(count):
        yield bars[number * len(bars) // count : (number + 1) * len(bars) // count]


def timeline(
    title: str,
    bars: Sequence[Bar],
    *,
    start: date | None = None,
    end: date | None = None,
    today: date | None = None,
    heading: str = "",
    key: str = "",
    width: int = WIDTH,
) -> Chart:
    """Draw a bar for each thing over the months from `start` to `end` (by default its own days).

    `today` is a dashed line. `heading` names the bars, for the table; `width` is one of WIDTH, WIDE
    or BROAD. The picture depends on its arguments alone.
    """
    drawing = Drawing(width)
    days = span(bars)
    if days is None:
        drawing.text(0, 14, _("No data yet"), fill=INK_2)
        return chart_of(drawing, 20, title, _("No data yet."), _headers(heading), [], key)

    beside = width > WIDTH
    left = width * 0.44 if beside else 0
    axis = TimeAxis.over(start or days[0], end or days[1], left, width - left - 1)
    height = _draw(drawing, axis, bars, today, beside=beside)
    text = _described(bars, *days)
    if today:
        text += " " + _("The dashed line is %(day)s.") % {"day": day_short(today)}
    cells = [_row(bar) for bar in bars]
    return chart_of(drawing, height, title, text, _headers(heading), cells, key)


# For pages: drawn once for every width, as rows of HTML (`static/css/timeline.css`)


@dataclass(frozen=True)
class TimelineScale:
    """The months from `start` to `end`, on which days have places in per cent."""

    axis: TimeAxis

    @classmethod
    def over(cls, start: date, end: date) -> "TimelineScale":
        return cls(TimeAxis.over(start, end, 0, WIDTH))

    def months(self) -> list[tuple[str, str]]:
        """The place of each line and the name above it, if there is room on a telephone."""
        found, taken = [], -1.0
        for x, name in self.axis.ticks():
            has_room = x >= taken and x + text_width(name) <= WIDTH
            taken = x + text_width(name) + 6 if has_room else taken
            found.append((_share_of_width(x), name if has_room else ""))
        return found

    def place_of(self, day: date) -> str:
        """The place of the day, or nothing if it is not on the scale."""
        on_it = self.axis.start <= day < self.axis.end
        return _share_of_width(self.axis.at(day)) if on_it else ""

    def row(self, bar: Bar) -> dict[str, Any]:
        """What a row draws of the bar, and says beside it."""
        x = self.axis.at(bar.start)
        width = max(self.axis.at(bar.end + timedelta(days=1)) - x, 3)
        x = min(x, WIDTH - width)
        return {
            "name": label(bar.name),
            "state": bar.state_text,
            "is_late": bar.is_late,
            "x": _share_of_width(x),
            "width": _share_of_width(width),
            "done": _share_of_width(width * min(bar.done, 100) / 100) if bar.done else "",
        }


def described(bars: Sequence[Bar], today: date) -> str:
    """The picture in words."""
    days = span(bars)
    text = _described(bars, *days) if days else _("No data yet.")
    return text + " " + _("The dashed line is %(day)s.") % {"day": day_short(today)}


def _share_of_width(x: float) -> str:
    return f"{100 * x / WIDTH:.1f}%"


# The parts of the picture


def _draw(
    drawing: Drawing, axis: TimeAxis, bars: Sequence[Bar], today: date | None, *, beside: bool
) -> float:
    """Draw the months and the bars, and return the height."""
    names = _names(drawing, axis, bars) if beside else [[bar.name] for bar in bars]
    rows = [_height_of(lines) if beside else 36 for lines in names]
    height = _HEAD + sum(rows) + 4
    draw_months(drawing, axis, height, today, LINE if beside else NEUTRAL)
    y = _HEAD
    for bar, lines, row in zip(bars, names, rows, strict=True):
        if beside:
            _bar_beside(drawing, axis, bar, y, lines)
        else:
            _bar_below(drawing, axis, bar, y)
        y += row
    return height


def _height_of(lines: Sequence[str]) -> int:
    return max(22, 7 + LINE_HEIGHT * len(lines))


def draw_months(
    drawing: Drawing, axis: TimeAxis, height: float, today: date | None, tone: str
) -> None:
    """Draw a line where each month begins, with its name above if there is room."""
    taken = -1.0
    for x, name in axis.ticks():
        drawing.line(x, _HEAD - 4, x, height, tone)
        if x >= taken and x + text_width(name) <= drawing.width:
            drawing.text(x + 2, 11, name, fill=INK_2)
            taken = x + text_width(name) + 6
    if today and axis.start <= today < axis.end:
        x = axis.at(today)
        drawing.line(x, _HEAD - 6, x, height, BAD, stroke_dasharray="4 3")


def _names(drawing: Drawing, axis: TimeAxis, bars: Sequence[Bar]) -> list[list[str]]:
    """Return the lines of the names beside the bars, as many as a printed page has room for."""
    found: list[list[str]] = []
    for most in (4, 3, 2, 1):
        found = [wrapped(label(bar.name), _room_for_name(drawing, axis, bar), most) for bar in bars]
        if sum(map(_height_of, found)) <= MAX_HEIGHT:
            return found
    return found


def _room_for_name(drawing: Drawing, axis: TimeAxis, bar: Bar) -> float:
    room = axis.left - 8
    x, width = _extent(drawing, axis, bar)
    return room if _end_with_room(drawing, axis, bar, x, width) else room - _state_width(bar)


def _state_width(bar: Bar) -> float:
    return text_width(bar.state_text) + 8


def _end_with_room(
    drawing: Drawing, axis: TimeAxis, bar: Bar, x: float, width: float
) -> Literal["start", "end", ""]:
    """Return at which end of the bar there is room for its state."""
    needed = 4 + text_width(bar.state_text)
    if x + width + needed <= drawing.width:
        return "end"
    return "start" if x - needed >= axis.left else ""


def _bar_beside(drawing: Drawing, axis: TimeAxis, bar: Bar, y: float, names: Sequence[str]) -> None:
    x, width = _place(drawing, axis, bar, y + 4, 12)
    text, tone = bar.state_text, BAD if bar.is_late else INK_2
    match _end_with_room(drawing, axis, bar, x, width):
        case "end":
            drawing.text(x + width + 4, y + 14, text, fill=tone)
        case "start":
            drawing.text(x - 4, y + 14, text, fill=tone, text_anchor="end")
        case _:  # it follows the name
            drawing.text(axis.left - 8, y + 14, text, fill=tone, text_anchor="end")
    for number, line in enumerate(names):
        drawing.text(0, y + 14 + number * LINE_HEIGHT, line)


def _bar_below(drawing: Drawing, axis: TimeAxis, bar: Bar, y: float) -> None:
    text = bar.state_text
    drawing.text(0, y + 13, shortened(label(bar.name), drawing.width - 10 - text_width(text)))
    tone = BAD if bar.is_late else INK_2
    drawing.text(drawing.width, y + 13, text, fill=tone, text_anchor="end")
    _place(drawing, axis, bar, y + 18, 10)


def _place(
    drawing: Drawing, axis: TimeAxis, bar: Bar, y: float, height: float
) -> tuple[float, float]:
    """Draw the days as a frame, filled as far as the work is done."""
    x, width = _extent(drawing, axis, bar)
    tone = BAD if bar.is_late else BRAND
    drawing.rect(x, y, width, height, NEUTRAL, stroke=tone if bar.is_late else FIELD, rx=2)
    if bar.done:
        drawing.rect(x, y, width * min(bar.done, 100) / 100, height, tone, rx=2)
    return x, width


def _extent(drawing: Drawing, axis: TimeAxis, bar: Bar) -> tuple[float, float]:
    x = axis.at(bar.start)
    width = max(axis.at(bar.end + timedelta(days=1)) - x, 3)
    return min(x, drawing.width - width), width


# In words


def _described(bars: Sequence[Bar], first: date, last: date) -> str:
    number = len(bars)
    text = ngettext(
        "%(number)s bar, from %(start)s to %(end)s.",
        "%(number)s bars, from %(start)s to %(end)s.",
        number,
    ) % {"number": number, "start": day_short(first), "end": day_short(last)}
    late = sum(bar.is_late for bar in bars)
    if late:
        text += " " + ngettext("%(number)s is late.", "%(number)s are late.", late) % {
            "number": late
        }
    return text


def _headers(heading: str) -> list[str]:
    return [heading or _("Item"), _("Start"), _("End"), pgettext("share", "Done"), _("Note")]


def _row(bar: Bar) -> list[str]:
    return [
        label(bar.name),
        day_short(bar.start),
        day_short(bar.end),
        _share(bar.done),
        label(bar.note),
    ]


def _share(done: int | None) -> str:
    return "" if done is None else _share_in(str(locale()), done)


@lru_cache(maxsize=400)
def _share_in(_place: str, done: int) -> str:
    """Cached for each language, since a long plan repeats the same few shares."""
    return percent(done / 100)


def _month(first: date, *, named_year: bool) -> str:
    return _month_in(str(locale()), first, named_year)


@lru_cache(maxsize=500)
def _month_in(place: str, first: date, named_year: bool) -> str:
    return format_date(first, "LLL yy" if named_year else "LLL", locale=place)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
