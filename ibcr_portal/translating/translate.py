"""Translates texts on this machine: for questions to the search, drafts of translations, and the
gist of a text in another language. Nothing leaves the machine."""

import re
import unicodedata
from functools import lru_cache

from ibcr_portal.translating.terms import terms
from kernel.apertium import DIRECTIONS, TranslatorFailed, is_installed, run
from kernel.names import apart, plain

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


@lru_cache(maxsize=2_000)
def translate(text: str, source: str, target: str) -> str | None:
    """Return the text in another language, as a machine says it; None where Apertium is missing or
    gives no answer, or the text is too long."""
    if not text.strip() or len(text) > LONGEST or not is_installed():
        return None
    try:
        for one, other in ways(source, target):
            text = _step(text, one, other)
    except TranslatorFailed:
        return None
    return text


def _step(text: str, source: str, target: str) -> str:
    given = _with_terms(text, source, target)
    answer = run(DIRECTIONS[source, target], f"{given}{_END}")
    answer = answer.rstrip().removesuffix("[]").rstrip().removesuffix(".")
    return " ".join(_ESCAPED.sub(r"\1", _BRACKETS.sub("", answer)).split())


def _with_terms(text: str, source: str, target: str) -> str:
    """Return the text in the stream format: what stands in brackets is left as it is."""
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
