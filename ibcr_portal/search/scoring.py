"""How well an entry fits: the share of the question that it answers.

Of the words in one language, each is weighed by how seldom it is among what was found for the reader,
and counts a little more in the title. The best language counts, so a text that exists in three
languages is one result.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from math import log
from typing import NamedTuple

from ibcr_portal.search.question import WordGroup
from ibcr_portal.search.sources import OF_FILES

IN_TITLE = 0.1  # more: of decisions and risks all is title, of notes and remarks nothing
AMONG = 1_000  # entries at least, among which a word is rare
WORST = 0.34  # of the best, below which a result is left out
LEAST = 0.01  # a score that is none

# The forms of a word of the question.
Word = tuple[str, ...]


class FoundEntry(NamedTuple):
    """What is read of an entry to place and count it."""

    key: int
    kind: str
    thing: int
    part: int
    project: int | None
    day: date | None
    state: str


class Hit(NamedTuple):
    entry: FoundEntry
    language: str
    """In which the words were found."""
    score: float


class WordsFound(defaultdict[FoundEntry, set[tuple[Word, bool]]]):
    """Entries with the words that they have, each also as one of their title (True)."""

    def __init__(self) -> None:
        super().__init__(set)


def scored(found: WordsFound, groups: Iterable[WordGroup]) -> list[Hit]:
    """Return what fits well enough, the best first."""
    weighed = [(group, _weights(found, group)) for group in groups]
    best: list[Hit] = []
    for entry, words in found.items():
        scores = [
            Hit(entry, group.language, _score(words, group, weights)) for group, weights in weighed
        ]
        best.append(max(scores, key=lambda hit: hit.score))
    limit = _limit(best)
    hits = sorted((hit for hit in best if hit.score >= limit), key=order)
    # Of a file its best page counts.
    once: dict[tuple[str, int, int], Hit] = {}
    for hit in hits:
        part = 0 if hit.entry.kind in OF_FILES else hit.entry.part
        once.setdefault((hit.entry.kind, hit.entry.thing, part), hit)
    return list(once.values())


def order(hit: Hit) -> tuple[float, int, int]:
    """Return what sorts hits: the best first, and of those the newest."""
    day = hit.entry.day.toordinal() if hit.entry.day else 0
    return -round(hit.score, 3), -day, hit.entry.key


def could_be_shown(
    word: Word, found: WordsFound, groups: Iterable[WordGroup], hits: Iterable[Hit]
) -> bool:
    """Whether an entry that has nothing but this word would be good enough."""
    limit = _limit(hits)
    alone = {(word, False), (word, True)}
    return any(
        _score(alone, group, _weights(found, group)) >= limit
        for group in groups
        if word in group.words
    )


def _limit(hits: Iterable[Hit]) -> float:
    return max(WORST * max((hit.score for hit in hits), default=0), LEAST)


def _weights(found: WordsFound, group: WordGroup) -> list[float]:
    """Return how much each word says: the more, the fewer of the entries have it."""
    counted = Counter(word for words in found.values() for word, in_title in words if not in_title)
    # Where little is found at all, each of its words would seem frequent.
    number = max(len(found), AMONG)
    return [log(1 + number / (counted[word] + 0.5)) for word in group.words]


def _score(words: set[tuple[Word, bool]], group: WordGroup, weights: list[float]) -> float:
    score = 0.0
    for word, weight in zip(group.words, weights, strict=True):
        if (word, False) in words:
            score += weight * (1 + IN_TITLE * ((word, True) in words))
    return score / sum(weights)
