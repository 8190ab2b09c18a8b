"""How well an entry fits: the share of the question that it answers.

Of the words in one language, each is weighed by how seldom it is among what was found for the reader,
and counts a little more in the title. The best language counts, so a text that exists in three
languages is one result.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from math import log
from typing import NamedTuple

from ibcr_portal.search.question import WordGroup
from ibcr_portal.search.sources import OF_FILES
from ibcr_portal.search.tables import FoundEntry

IN_TITLE = 0.1  # more: of decisions and risks all is title, of notes and remarks nothing
AMONG = 1_000  # entries at least, among which a word is rare
WORST = 0.34  # of the best, below which a result is left out
LEAST = 0.01  # a score that is none

# The forms of a word of the question.
Word = tuple[str, ...]


class Hit(NamedTuple):
    entry: FoundEntry
    language: str
    """In which the words were found."""
    score: float


class WordsFound(defaultdict[FoundEntry, set[tuple[Word, bool]]]):
    """Entries with the words that they have, each also as one of their title (True)."""

    def __init__(self) -> None:
        super().__init__(set)

    @property
    def number_of_things(self) -> int:
        """A file counts once, however many of its pages were found."""
        return len({_thing(entry) for entry in self})


class WordWeights:
    """What each word of a question says: the more, the fewer of the found entries have it."""

    def __init__(self, found: WordsFound, groups: Iterable[WordGroup]) -> None:
        counted = Counter(
            word for words in found.values() for word, in_title in words if not in_title
        )
        # Where little is found at all, each of its words would seem frequent.
        number = max(len(found), AMONG)
        self._of_groups = [
            (group, [log(1 + number / (counted[word] + 0.5)) for word in group.words])
            for group in groups
        ]
        self._known: dict[frozenset[tuple[Word, bool]], tuple[str, float]] = {}

    def best(self, words: Iterable[tuple[Word, bool]]) -> tuple[str, float]:
        """Return the language in which these words answer the question best, with the score. Many
        entries have the same words, so each choice of them is weighed once."""
        key = frozenset(words)
        if key not in self._known:
            scores = [
                (group.language, _score(key, group, weights)) for group, weights in self._of_groups
            ]
            self._known[key] = max(scores, key=lambda score: score[1])
        return self._known[key]


def scored(found: WordsFound, weights: WordWeights) -> list[Hit]:
    """Return what fits well enough, the best first."""
    best = [Hit(entry, *weights.best(words)) for entry, words in found.items()]
    limit = _limit(best)
    hits = sorted((hit for hit in best if hit.score >= limit), key=order)
    # Of a file its best page counts.
    once: dict[tuple[str, int, int], Hit] = {}
    for hit in hits:
        once.setdefault(_thing(hit.entry), hit)
    return list(once.values())


def _thing(entry: FoundEntry) -> tuple[str, int, int]:
    return entry.kind, entry.thing, 0 if entry.kind in OF_FILES else entry.part


def order(hit: Hit) -> tuple[float, int, int]:
    """Return what sorts hits: the best first, and of those the newest."""
    day = hit.entry.day.toordinal() if hit.entry.day else 0
    return -round(hit.score, 3), -day, hit.entry.key


def could_be_shown(word: Word, weights: WordWeights, hits: Iterable[Hit]) -> bool:
    """Whether an entry that has nothing but this word would be good enough."""
    _language, score = weights.best([(word, False), (word, True)])
    return score >= _limit(hits)


def _limit(hits: Iterable[Hit]) -> float:
    return max(WORST * max((hit.score for hit in hits), default=0), LEAST)


def _score(words: Collection[tuple[Word, bool]], group: WordGroup, weights: list[float]) -> float:
    score = 0.0
    for word, weight in zip(group.words, weights, strict=True):
        if (word, False) in words:
            score += weight * (1 + IN_TITLE * ((word, True) in words))
    return score / sum(weights)
