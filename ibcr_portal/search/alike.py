"""Words of the field that stand for each other, within a language and between them.

Apertium knows one word of the other language for each, and people use several: `juez` and
`magistrado`, `seat` and `siège`. A row of `alike.csv` has the words of one meaning in each language;
a word may be in several rows.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ibcr_portal.search.words import LETTERS, stems

FILE = Path(__file__).with_name("alike.csv")


def alike(word: Iterable[str], language: str) -> set[str]:
    """Return the lexemes that mean much the same in this language as a word, which is given by its
    lexemes in any language."""
    rows = _rows()
    found: set[str] = set()
    for lexeme in word:
        for place in _places().get(lexeme, ()):
            found |= rows[place][language]
    return found.difference(word)


@cache
def _rows() -> tuple[dict[str, frozenset[str]], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            {language: _lexemes(row[language], language) for language in LETTERS}
            for row in csv.DictReader(file)
        )


def _lexemes(words: str, language: str) -> frozenset[str]:
    return frozenset(lexeme for word in words.split() for lexeme in stems(word, language))


@cache
def _places() -> dict[str, list[int]]:
    """Return by each lexeme the rows that have it."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(_rows()):
        for lexemes in row.values():
            for lexeme in lexemes:
                found[lexeme].append(place)
    return dict(found)
