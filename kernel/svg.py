"""Drawing for charts: shapes, text with known width, and scales.

Only presentation attributes are used, so that pages with a strict Content-Security-Policy and the
PDF renderer show the same. Nothing depends on the day or on chance: equal input gives equal bytes.
"""

import html
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kernel.formats import MISSING, NO_BREAK, Number, number
from kernel.text import active_language, clean_text

# The colours of the style sheet (static/css/portal.css), which SVG in documents cannot read.
INK, INK_2, LINE, PAPER = "#17252f", "#4a5b66", "#c3cfd2", "#fff"
BRAND, SKY, SUN, FIELD = "#0b5563", "#6fb7c4", "#f2b544", "#73848c"
OK, WARN, BAD, INFO, NEUTRAL = "#17703f", "#8a5200", "#a3231c", "#235a97", "#e9eef0"

# In pixels, of which CSS has 96 to the inch. At WIDTH a picture is read on a telephone, and fills
# half a printed page; at WIDE it fills the line of a printed page, with letters of the same size.
WIDTH, WIDE = 320, 600
FONT_SIZE = 12
LINE_HEIGHT = 15

# Widths of Noto Sans in thousandths of its size. A browser without it uses the reader's own
# font, of which the widest in use (DejaVu Sans) takes a tenth more.
_ROOM = 1.1
_WIDTHS = {
    260: " ijl'|!,.:;‘’·\u00a0\u202f",
    340: 'Ift()[]-rªº“”"/\\',
    480: "szcJv–",
    560: "aeky*?xEFLST+0123456789<=>$_",
    620: "bdghnopquKPRVBXYZC#",
    740: "ADGHUN&",
    790: "OQw…",
    930: "mMW%@—",
}
_WIDTH_OF = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
# Any other letter: é is as wide as e, but Œ is not.
_USUAL_WIDTH = 640


def text_width(words: str) -> float:
    """Return the room that the words need, in whatever font they will be shown."""
    return sum(_WIDTH_OF.get(letter, _USUAL_WIDTH) for letter in words) * FONT_SIZE / 1000 * _ROOM


def shortened(words: str, width: float) -> str:
    """Return the words, or as many letters as fit and an ellipsis."""
    if text_width(words) <= width:
        return words
    room = width - text_width("…")
    for place, letter in enumerate(words):
        room -= text_width(letter)
        if room < 0:
            words = words[:place]
            break
    if " " in words[-12:].strip():
        words = words[: words.rindex(" ")]  # cut between words if one is near
    return words.rstrip(" ,;:–-") + "…"


def wrapped(words: str, width: float, max_lines: int = 2) -> list[str]:
    """Break the words into lines that fit; an ellipsis replaces what exceeds the last line."""
    lines = [""]
    for word in re.findall(r"[^ –/-]*[ –/-]*", words):  # may end after a space or a dash
        if lines[-1] and text_width((lines[-1] + word).rstrip()) > width:
            lines.append(word)
        else:
            lines[-1] += word
    if len(lines) > max_lines:
        lines[max_lines - 1 :] = ["".join(lines[max_lines - 1 :])]
    return [shortened(line.rstrip(), width) for line in lines]


def label(words: object) -> str:
    """Return one line of text without characters that XML or a reader could stumble over."""
    words = re.sub("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]", "", clean_text(str(words)))
    return re.sub(r"[ \t\n]+", " ", words).strip()


def exact(value: Number | None) -> Decimal | None:
    """Return a value to draw; anything but a finite number counts as missing."""
    if value is None:
        return None
    value = value if isinstance(value, Decimal) else Decimal(str(value))
    return value if value.is_finite() else None


def written(value: Decimal | None, unit: str = "") -> str:
    """Return a value as written beside its bar: short if huge or tiny, a dash if missing."""
    if value is None:
        return MISSING
    if abs(value) >= 10_000_000:
        return with_unit(_compact(value), unit)
    if 0 < abs(value) < Decimal("0.01"):
        small = Decimal("0.000001")
        if abs(value) < small:
            sign = "<" if value > 0 else ">"
            return with_unit(f"{sign}{NO_BREAK}{number(small.copy_sign(value))}", unit)
        return with_unit(number(value), unit)
    return with_unit(number(round(value, 2)), unit)


def _compact(value: Decimal) -> str:
    """12,3 M: in the powers of a thousand that have a letter."""
    power = value.adjusted() // 3
    if power > 5:
        return number(value)
    return f"{number(round(value / 1000**power, 1))}{NO_BREAK}{' kMGTP'[power]}"


def with_unit(words: str, unit: str) -> str:
    """Return the written number with a percent sign as the active language sets it; other units
    are named elsewhere."""
    if unit != "%":
        return words
    return f"{words}{NO_BREAK}%" if active_language() == "fr" else f"{words}%"


def whole_of(unit: str) -> list[Decimal]:
    """Return what a scale must reach besides its values: the whole, if they are shares. Otherwise
    22 % would fill the picture as 100 % does."""
    return [Decimal(100)] if unit == "%" else []


@dataclass(frozen=True)
class ValueScale:
    """Maps values to lengths. Zero is always on it, and the largest value is at its end."""

    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, values: Iterable[Decimal | None]) -> "ValueScale":
        known = [value for value in values if value is not None]
        low, high = min([Decimal(0), *known]), max([Decimal(0), *known])
        return cls(low, high) if low < high else cls(Decimal(0), Decimal(1))

    def at(self, value: Decimal, length: float) -> float:
        """Return the distance of `value` from the low end of an axis of that length."""
        return float((value - self.low) / (self.high - self.low)) * length

    def ticks(self) -> list[Decimal]:
        """Return two to five round values, zero among them."""
        step = Decimal(10) ** (self.high - self.low).adjusted()
        while (self.high - self.low) / step < 2:
            step /= 2
        if (self.high - self.low) / step > 4:
            step *= 2 if (self.high - self.low) / step <= 8 else 5
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [step * n for n in range(first, last + 1)]


@dataclass
class Drawing:
    """Collects the elements of a picture of fixed width, whose height is known at the end."""

    width: int = WIDTH
    parts: list[str] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, fill: str, **more: Any) -> None:
        width, height = max(width, 0), max(height, 0)
        self._add("rect", x=x, y=y, width=width, height=height, fill=fill, **more)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, **more: Any) -> None:
        self._add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)

    def text(self, x: float, y: float, words: str, **more: Any) -> None:
        self._add("text", words, x=x, y=y, **more)

    def lines(self, y: float, lines: list[str], **more: Any) -> float:
        """Write lines of text from `y` on, from the left edge, and return where they end."""
        for line in lines:
            self.text(0, y + FONT_SIZE, line, **more)
            y += LINE_HEIGHT
        return y

    def _add(self, tag: str, words: str = "", **attributes: Any) -> None:
        written = "".join(
            f' {name.replace("_", "-")}="{escape(_short(value))}"'
            for name, value in attributes.items()
            if value is not None
        )
        self.parts.append(
            f"<{tag}{written}>{escape(words)}</{tag}>" if words else f"<{tag}{written}/>"
        )

    def render(self, height: float, *, title: str, description: str, key: str) -> SafeString:
        height = math.ceil(height)
        return mark_safe(  # noqa: S308 (every word and attribute above and below is escaped)
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" '
            f'width="{self.width}" height="{height}" role="img" '
            f'aria-labelledby="{escape(key)}-t {escape(key)}-d">'
            f'<title id="{escape(key)}-t">{escape(title)}</title>'
            f'<desc id="{escape(key)}-d">{escape(description)}</desc>'
            f'<g font-family="Noto Sans, sans-serif" font-size="{FONT_SIZE}" fill="{INK}">'
            f"{''.join(self.parts)}</g></svg>"
        )


def spoken(svg: str) -> str:
    """Return the title of a drawing, which screen readers read aloud."""
    found = re.search(r"<title[^>]*>(.*?)</title>", svg, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _short(value: object) -> object:
    """Return coordinates to a tenth, without a needless “.0”."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
