"""Finds entries of the index: by their words, by a code, and by the letters of a name.

How well an entry fits is the share of the question that it answers: of the words in one language,
each weighed by how seldom it is among what the reader may find, and a little more if it is in
the title. The best language counts, so a text that exists in three languages is one result.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
IN_TITLE = 0.1  # more: of decisions and risks all is title, of notes and remarks nothing
AMONG = 1_000  # entries at least, among which a word is rare
WORST = 0.34  # of the best, below which a result is left out
LEAST = 0.01  # a score that is none
NAMED = (SearchKind.PROJECT, SearchKind.INSTITUTION, SearchKind.PERSON)
ALIKE = 0.5  # of the letters of a name


class Entry(NamedTuple):
    """What is read of an entry to place and count it."""

    key: int
    kind: str
    thing: int
    part: int
    project: int | None
    day: date | None


class Hit(NamedTuple):
    entry: Entry
    language: str
    """In which the words were found."""
    score: float


def find(finder: Finder, question: SearchQuestion, kinds: tuple[str, ...] = ()) -> list[Hit]:
    """Return what fits, the best first."""
    hits = _scored(_lexemes_by_entry(finder, question.lexemes, kinds), question.groups)
    if max((hit.score for hit in hits), default=0) < 1:
        # A name may have one word of the question, and the letters of all of them.
        best = {hit.entry: hit for hit in hits}
        for hit in _by_letters(finder, question, kinds):
            if hit.entry not in best or best[hit.entry].score < hit.score:
                best[hit.entry] = hit
        hits = list(best.values())
    return sorted(hits, key=_order)


def find_code(finder: Finder, question: SearchQuestion) -> list[Hit]:
    """Return the things that are called exactly so."""
    return [Hit(entry, "", 1.0) for entry in _lexemes_by_entry(finder, [question.code], ())]


def _order(hit: Hit) -> tuple[float, int, int]:
    day = hit.entry.day.toordinal() if hit.entry.day else 0
    return -round(hit.score, 3), -day, hit.entry.key


def _lexemes_by_entry(
    finder: Finder, lexemes: Sequence[str], kinds: tuple[str, ...]
) -> dict[Entry, set[str]]:
    """Return the entries that the reader may find with one of these lexemes, with those they have."""
    entries = finder.entries(kinds).values_list("id", "kind", "thing", "part", "project", "day")
    try:
        seen = entries.query.sql_with_params()
    except EmptyResultSet:  # the reader has no place in any project
        return {}
    found: dict[Entry, set[str]] = defaultdict(set)
    for place, *columns in matching(lexemes, seen, MOST_OF_A_WORD):
        found[Entry(*columns)].add(lexemes[place - 1])
    return found


def _scored(found: dict[Entry, set[str]], groups: Iterable[WordGroup]) -> list[Hit]:
    weighed = [(group, _weights(found, group)) for group in groups]
    best: list[Hit] = []
    for entry, lexemes in found.items():
        scores = [
            Hit(entry, group.language, _score(lexemes, group, weights))
            for group, weights in weighed
        ]
        best.append(max(scores, key=lambda hit: hit.score))
    limit = max(WORST * max((hit.score for hit in best), default=0), LEAST)
    hits = sorted((hit for hit in best if hit.score >= limit), key=_order)
    # Of a file its best page counts.
    once: dict[tuple[str, int, int], Hit] = {}
    for hit in hits:
        part = 0 if hit.entry.kind in OF_FILES else hit.entry.part
        once.setdefault((hit.entry.kind, hit.entry.thing, part), hit)
    return list(once.values())


def _weights(found: dict[Entry, set[str]], group: WordGroup) -> list[float]:
    """Return how much each word says: the more, the fewer of the entries have it."""
    counted: Counter[int] = Counter()
    for lexemes in found.values():
        counted.update(
            place for place, word in enumerate(group.words) if not lexemes.isdisjoint(word)
        )
    # Where little is found at all, each of its words would seem frequent.
    number = max(len(found), AMONG)
    return [log(1 + number / (counted[place] + 0.5)) for place in range(len(group.words))]


def _score(lexemes: set[str], group: WordGroup, weights: list[float]) -> float:
    score = 0.0
    for word, weight in zip(group.words, weights, strict=True):
        if not lexemes.isdisjoint(word):
            in_title = not lexemes.isdisjoint(f"t{each}" for each in word)
            score += weight * (1 + IN_TITLE * in_title)
    return score / sum(weights)


def _by_letters(finder: Finder, question: SearchQuestion, kinds: tuple[str, ...]) -> Iterator[Hit]:
    """Find names that are spelt almost so."""
    named = tuple(kind for kind in NAMED if not kinds or kind in kinds)
    if not named or len(question.letters) < 4:
        return
    letters = sorted(question.letters)
    for entry, lexemes in _lexemes_by_entry(finder, letters, named).items():
        share = len(lexemes) / len(letters)
        if share >= ALIKE:
            yield Hit(entry, "", share * 0.9)
