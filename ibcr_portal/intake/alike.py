"""Finds institutions whose names are nearly the same: with other punctuation, with or without a
legal form or small words, or with one word that is misspelt."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from kernel.names import plain
from partners.models import Institution

Words = tuple[str, ...]

LEGAL_FORMS = frozenset(
    [
        "ac",
        "asbl",
        "cv",
        "eirl",
        "gmbh",
        "inc",
        "llc",
        "ltd",
        "ltda",
        "ong",
        "osc",
        "rl",
        "sa",
        "sarl",
        "sas",
        "sc",
        "srl",
    ]
)
SMALL_WORDS = frozenset(
    [
        "a",
        "al",
        "and",
        "d",
        "de",
        "del",
        "des",
        "du",
        "e",
        "el",
        "en",
        "et",
        "l",
        "la",
        "las",
        "le",
        "les",
        "los",
        "of",
        "para",
        "por",
        "pour",
        "the",
        "y",
    ]
)
LONG = 5  # letters from which a word may be misspelt: “A” and “B”, or 1 and 2, are not the same
SAME = 85  # of 100, for a word
MOST = 3  # that are proposed

_INITIALS = re.compile(r"(?<=\b\w)\.\s*(?=\w\b)")  # “S. A.” is “SA”
_WORD = re.compile(r"[^\W_]+")


def main_words(name: str) -> Words:
    """Return what stays of a name without punctuation, legal form and small words."""
    words = _WORD.findall(_INITIALS.sub("", plain(name)))
    kept = tuple(word for word in words if word not in SMALL_WORDS | LEGAL_FORMS)
    return kept or tuple(words)


class AlikeNames:
    """The names of institutions, to be found by any that differs in one word at most. They are kept
    by what each has beside one of its words, so that a long register is not compared as a whole."""

    def __init__(self) -> None:
        self._beside: dict[tuple[int, Words], list[tuple[str, Institution]]] = defaultdict(list)

    def add(self, institution: Institution, names: Iterable[str]) -> None:
        for words in set(map(main_words, names)):
            for place, word, others in _apart(words):
                self._beside[place, others].append((word, institution))

    def like(self, names: Iterable[str], country: str) -> list[Institution]:
        from rapidfuzz import fuzz

        found: dict[int, Institution] = {}
        for words in set(map(main_words, names)):
            for place, word, others in _apart(words):
                for other, institution in self._beside.get((place, others), ()):
                    if institution.country != country:
                        continue
                    if word == other or (
                        _may_be_misspelt(word, other) and fuzz.ratio(word, other) >= SAME
                    ):
                        found[institution.pk] = institution
        return list(found.values())[:MOST]


def _apart(words: Words) -> Iterator[tuple[int, str, Words]]:
    for place, word in enumerate(words):
        yield place, word, words[:place] + words[place + 1 :]


def _may_be_misspelt(*words: str) -> bool:
    return all(len(word) >= LONG and word.isalpha() for word in words)
