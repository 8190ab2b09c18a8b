"""Finds names in texts however they are typed: with or without accents, in any capitals, with any
spaces and apostrophes. Patterns are for texts that are taken apart (`apart`)."""

import re
import unicodedata
from collections.abc import Callable, Iterable

# Signs that a letter carries when it is taken apart (NFD), such as the accent of é.
MARKS = "\u0300-\u036f"
_APOSTROPHES = "'’"
# What Markdown puts before words, of which some may be part of a name: Colectiva **Xibalba**.
_EMPHASIS = r"[*_~`\[]"


def apart(text: str) -> str:
    """Return the text with each accent as a sign of its own after its letter, so that patterns can
    ignore accents."""
    return unicodedata.normalize("NFD", text)


def plain(name: str) -> str:
    """Return what all spellings of a name have in common."""
    letters = re.sub(f"[{MARKS}]|{_EMPHASIS}", "", apart(name.casefold())).replace("’", "'")
    return " ".join(letters.split())


def any_of(names: Iterable[str]) -> str:
    """Return a pattern of these names, the longest first, in the capitals that they have here."""
    kept = {name for each in names if (name := re.sub(f"[{MARKS}]", "", apart(each)).strip())}
    return "|".join(map(_spelling, sorted(kept, key=lambda name: (-len(name), name))))


def _spelling(name: str) -> str:
    between = rf"{_EMPHASIS}*\s+{_EMPHASIS}*"
    return between.join("".join(map(_letter, word)) for word in name.split())


def with_emphasis(name: str, of: str) -> str:
    """Return the name with the sign that begins or ends within the other one: its counterpart stands
    before or behind that in the text."""
    opened = re.findall(rf"\s({_EMPHASIS}+)", of)
    closed = re.findall(rf"({_EMPHASIS}+)\s", of)
    before = opened[-1] if len(opened) > len(closed) else ""
    behind = closed[0] if len(closed) > len(opened) else ""
    return f"{before}{name}{behind}"


def _letter(letter: str) -> str:
    sign = f"[{_APOSTROPHES}]" if letter in _APOSTROPHES else re.escape(letter)
    return f"{sign}[{MARKS}]*"


def whole_words(pattern: str) -> str:
    """Return the pattern as one that matches whole words only, in a text that `apart` returned."""
    return rf"(?<![^\W_])(?<![{MARKS}])(?:{pattern})(?![^\W_]|[{MARKS}])"


def is_in(pattern: re.Pattern[str], text: str) -> bool:
    """Return whether the pattern is found in the text, in whatever form its accents are written."""
    return bool(pattern.search(apart(text)))


def replaced(
    pattern: re.Pattern[str], text: str, instead: str | Callable[[re.Match[str]], str]
) -> str:
    """Return the text with something else in place of each name."""
    without, count = pattern.subn(instead, apart(text))
    return unicodedata.normalize("NFC", without) if count else text
