"""Translates texts on this machine: for questions to the search, drafts of translations, and the
gist of a text in another language. Nothing leaves the machine.
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from kernel.apertium import DIRECTIONS, TranslatorFailed, is_installed, run
from kernel.names import any_of, apart, plain, whole_words

# --- The terms of the field in each language ---
#
# Apertium translates word by word and takes “trata de personas” for a verb; so terms are put in
# their place before the rest is translated.

FILE = Path(__file__).with_name("terms.csv")


class Terms(NamedTuple):
    pattern: re.Pattern[str]
    targets: dict[str, str]
    """By the plain spelling of the term."""


@cache
def rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def terms(source: str, target: str) -> Terms:
    found = {row[source]: row[target] for row in rows() if row[source] and row[target]}
    pattern = re.compile(whole_words(f"(?i:{any_of(found)})"))
    return Terms(pattern, {plain(term): other for term, other in found.items()})


def terms_in(text: str, source: str, target: str) -> dict[str, str]:
    """Return the terms that the text uses, as it spells them, with those of the other language."""
    known = terms(source, target)
    found = (match.group() for match in known.pattern.finditer(apart(text)))
    return {each: known.targets[plain(each)] for each in found}


# --- Translate ---

LONGEST = 5_000  # characters of one text
# Signs that mean something to Apertium.
_SIGNS = re.compile(r"([\\\[\]{}^$/@<>~])")
_BRACKETS = re.compile(r"(?<!\\)[\[\]]")
_ESCAPED = re.compile(r"\\(.)")
# After a text without an end the taggers would wait for one.
_END = ".[]"


def ways(source: str, target: str) -> list[tuple[str, str]]:
    """Return the directions from one language to another, one after the other."""
    if source == target:
        return []
    if (source, target) in DIRECTIONS:
        return [(source, target)]
    return [(source, "es"), ("es", target)]


def translate(text: str, source: str, target: str) -> str | None:
    """Return the text in another language, as a machine says it; None where Apertium is missing or
    gives no answer, or the text is too long. Nothing is kept."""
    if not text.strip() or len(text) > LONGEST or not is_installed():
        return None
    try:
        return _translated(text, source, target)
    except TranslatorFailed:
        return None


def translate_question(text: str, source: str, target: str) -> str | None:
    """Translate the few words of a question. Those of the last ones are kept, but no failure."""
    if not is_installed():
        return None
    try:
        return _kept(text, source, target)
    except TranslatorFailed:
        return None


@lru_cache(maxsize=1_000)
def _kept(text: str, source: str, target: str) -> str:
    return _translated(text, source, target)


def _translated(text: str, source: str, target: str) -> str:
    for one, other in ways(source, target):
        text = _step(text, one, other)
    return text


def _step(text: str, source: str, target: str) -> str:
    given = _with_terms(text, source, target)
    answer = run(DIRECTIONS[source, target], f"{given}{_END}")
    answer = answer.rstrip().removesuffix("[]").rstrip().removesuffix(".")
    return " ".join(_ESCAPED.sub(r"\1", _BRACKETS.sub("", answer)).split())


def _with_terms(text: str, source: str, target: str) -> str:
    """Return the text in the stream format; text in brackets is left as it is."""
    known = terms(source, target)
    parts, done = [], 0
    taken = apart(text)
    for match in known.pattern.finditer(taken):
        parts += [_escaped(taken[done : match.start()])]
        parts += [f"[{_escaped(known.targets[plain(match.group())])}]"]
        done = match.end()
    return unicodedata.normalize("NFC", "".join([*parts, _escaped(taken[done:])]))


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text.replace("\0", " "))
