"""Finds entries of the index: by their words, by a code, and by the letters of a name.

How well an entry fits is the share of the question that it answers: of the words in one language,
each weighed by how seldom it is among what the reader may find, and a little more if it is in
the title. The best language counts, so a text that exists in three languages is one result.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from math import log
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet

from ibcr_portal.models import SearchKind
from ibcr_portal.search.question import SearchQuestion, WordGroup
from ibcr_portal.search.rights import Finder
from ibcr_portal.search.sources import OF_FILES
from ibcr_portal.search.tables import matching

MOST_OF_A_WORD = 5_000  # entries with one word that are looked at
IN_TITLE = 0.5
WORST = 0.34  # of the best, below which a result is left out
NAMED = (SearchKind.PROJECT, SearchKind.INSTITUTION, SearchKind.PERSON)
ALIKE = 0.5  # of the letters of a name


class Hit(NamedTuple):
    entry: int
    kind: str
    thing: int
    part: int
    project: int | None
    day: date | None
    language: str
    """In which the words were found."""
    score: float


class _Row(NamedTuple):
    entry: int
    kind: str
    thing: int
    part: int
    project: int | None
    day: date | None
    lexemes: set[str]


def find(finder: Finder, question: SearchQuestion, kinds: tuple[str, ...] = ()) -> list[Hit]:
    """Return what fits, the best first."""
    rows = _rows(finder, question.lexemes, kinds)
    hits = _scored(rows, question.groups)
    if max((hit.score for hit in hits), default=0) < 1:
        hits += _by_letters(finder, question, kinds, {hit.entry for hit in hits})
    return sorted(hits, key=_order)


def find_code(finder: Finder, question: SearchQuestion) -> list[Hit]:
    """Return the things that are called exactly so."""
    rows = _rows(finder, [question.code], ())
    return [_hit(row, "", 1.0) for row in rows]


def _order(hit: Hit) -> tuple[float, int, int]:
    day = hit.day.toordinal() if hit.day else 0
    return -round(hit.score, 3), -day, hit.entry


def _rows(finder: Finder, lexemes: Sequence[str], kinds: tuple[str, ...]) -> list[_Row]:
    entries = finder.entries(kinds).values_list("id", "kind", "thing", "part", "project", "day")
    try:
        seen = entries.query.sql_with_params()
    except EmptyResultSet:  # the reader has no place in any project
        return []
    rows: dict[int, _Row] = {}
    for place, *columns in matching(lexemes, seen, MOST_OF_A_WORD):
        row = rows.setdefault(columns[0], _Row._make((*columns, set())))
        row.lexemes.add(lexemes[place - 1])
    return list(rows.values())


def _hit(row: _Row, language: str, score: float) -> Hit:
    return Hit(*row[:6], language=language, score=score)


def _scored(rows: list[_Row], groups: Iterable[WordGroup]) -> list[Hit]:
    weighed = [(group, _weights(rows, group)) for group in groups]
    best: dict[int, Hit] = {}
    for row in rows:
        for group, weights in weighed:
            score = _score(row.lexemes, group, weights)
            if score and (row.entry not in best or score > best[row.entry].score):
                best[row.entry] = _hit(row, group.language, score)
    limit = WORST * max((hit.score for hit in best.values()), default=0)
    hits = sorted((hit for hit in best.values() if hit.score >= limit), key=_order)
    # Of a file its best page counts.
    once = {(hit.kind, hit.thing, hit.kind in OF_FILES or hit.part): hit for hit in reversed(hits)}
    return list(once.values())


def _weights(rows: list[_Row], group: WordGroup) -> list[float]:
    """Return how much each word says: the more, the fewer of the entries have it."""
    counted: Counter[int] = Counter()
    for row in rows:
        counted.update(
            place for place, word in enumerate(group.words) if not row.lexemes.isdisjoint(word)
        )
    return [log(1 + (len(rows) + 1) / (counted[place] + 0.5)) for place in range(len(group.words))]


def _score(lexemes: set[str], group: WordGroup, weights: list[float]) -> float:
    score = 0.0
    for word, weight in zip(group.words, weights, strict=True):
        if not lexemes.isdisjoint(word):
            in_title = not lexemes.isdisjoint(f"t{each}" for each in word)
            score += weight * (1 + IN_TITLE * in_title)
    return score / sum(weights)


def _by_letters(
    finder: Finder, question: SearchQuestion, kinds: tuple[str, ...], known: set[int]
) -> list[Hit]:
    """Find names that are spelt almost so."""
    named = tuple(kind for kind in NAMED if not kinds or kind in kinds)
    if not named or len(question.letters) < 4:
        return []
    letters = sorted(question.letters)
    hits = []
    for row in _rows(finder, letters, named):
        share = len(row.lexemes) / len(letters)
        if share >= ALIKE and row.entry not in known:
            hits.append(_hit(row, "", share * 0.9))
    return hits
