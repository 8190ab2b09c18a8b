"""What somebody typed into the search, as words of the index."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from math import log
from typing import NamedTuple

from django.utils.translation import gettext as _

from ibcr_portal.search.tables import FoundEntry
from ibcr_portal.search.words import (
    LETTERS,
    STOP,
    alike,
    code,
    folded,
    is_code,
    stems,
    tokens,
    trigrams,
)
from ibcr_portal.search.writing import OF_FILES
from ibcr_portal.translating.translate import translate_question
from kernel.guessing import guessed_language
from kernel.refusal import Refusal
from kernel.text import LANGUAGES, active_language

LONGEST = 300  # characters
MOST_WORDS = 8


class WordGroup(NamedTuple):
    """The words of the question in one language: each with the lexemes that stand for it, also those
    of words that mean much the same."""

    language: str
    words: tuple[tuple[str, ...], ...]


class SearchQuestion(NamedTuple):
    text: str
    groups: tuple[WordGroup, ...]
    code: str
    """The lexeme of the thing that is called so, if the text may be a code."""
    letters: frozenset[str]

    @property
    def lexemes(self) -> list[str]:
        """All lexemes, each also as one of a title."""
        kept = {each for group in self.groups for word in group.words for each in word}
        return sorted(kept | {f"t{each}" for each in kept if each[0] in LETTERS.values()})


def ask(text: str, spoken: str, known: Iterable[int] = ()) -> SearchQuestion:
    """Read a question. `spoken`: the language of its reader, which counts where the text does not
    say its own; `known`: the guarded institutions whose names the reader may know. Raises Refusal if
    nothing can be looked for."""
    text = " ".join(text.replace("\x00", " ").split())
    if len(text) > LONGEST:
        raise Refusal(
            _("Please shorten what you are looking for to %(most)s characters.") % {"most": LONGEST}
        )
    language = guessed_language(text, LANGUAGES, spoken)
    known = sorted(known)
    # The words as they are, since names are the same in all languages, and translated.
    said = _without_stop_words(text, language)
    groups = []
    # That of the question first: where a kind has enough, it is asked in no other.
    for other in sorted(LANGUAGES, key=lambda each: each != language):
        translated = None if other == language else translate_question(text, language, other)
        if translated:
            groups.append(_group(other, said, known))
        group = _group(other, translated or said, known)
        groups.append(_with_alike(group, said, language))
    kept = tuple(dict.fromkeys(group for group in groups if group.words))
    if not kept:
        raise Refusal(
            _("Please type a word with at least two letters that is not just “the” or “of”.")
        )
    return SearchQuestion(text, kept, f"k{code(text)}", frozenset(trigrams(text)))


def begin(text: str, known: Iterable[int] = ()) -> SearchQuestion | None:
    """Read what somebody is still typing: its last word may go on. None if nothing can be looked for
    yet."""
    text = " ".join(text.replace("\x00", " ").split())[:LONGEST]
    last = re.split(r"[-./_’' ]", text)[-1]
    start = "".join(each for each in folded(last) if each.isalnum())
    known = sorted(known)
    groups = []
    for language in sorted(LANGUAGES, key=lambda each: each != active_language()):
        words = list(_group(language, text, known).words)
        if len(start) > 1:
            begun = f"{LETTERS[language]}{start}*"
            own = set(stems(last, language))
            words = [word for word in words if own.isdisjoint(word)]
            words.append((begun, *sorted(own), *(f"x{key}_{begun}" for key in known)))
        groups.append(WordGroup(language, tuple(words)))
    kept = tuple(group for group in groups if group.words)
    return SearchQuestion(text, kept, f"k{code(text)}", frozenset()) if kept else None


def _without_stop_words(text: str, language: str) -> str:
    """Return the words that say something in the language of the question: “de” is a word of English,
    which would be found in every other text."""
    return " ".join(token for token in tokens(text) if folded(token) not in STOP[language])


def _group(language: str, text: str, known: list[int]) -> WordGroup:
    words: dict[tuple[str, ...], None] = {}
    for token in tokens(text):
        for word in _words(token, language):
            marked = [f"x{key}_{each}" for key in known for each in word]
            words[(*word, *marked)] = None
    return WordGroup(language, tuple(words)[:MOST_WORDS])


def _with_alike(group: WordGroup, text: str, language: str) -> WordGroup:
    """Add to each word those that mean much the same: also of the words of the question itself, since
    its translation may have missed them. `language`: of the question."""
    words = [{*word, *alike(word, group.language)} for word in group.words]
    if group.language != language:
        for token in tokens(text):
            for word in _words(token, language):
                if meant := alike(word, group.language):
                    _add(meant, token, words, (language, group.language))
    kept = {tuple(sorted(word)): None for word in words}
    return WordGroup(group.language, tuple(kept)[:MOST_WORDS])


def _add(meant: set[str], token: str, words: list[set[str]], way: tuple[str, str]) -> None:
    """Add what a token means to the translated word that is its own: one that means the same, or
    else what the token is translated to by itself."""
    if not _added(meant, meant, words):
        alone = translate_question(token, *way) or token
        by_itself = {
            each for part in tokens(alone) for word in _words(part, way[1]) for each in word
        }
        if not _added(meant, by_itself, words):
            words.append(set(meant))


def _added(meant: set[str], wanted: set[str], words: list[set[str]]) -> bool:
    """Add it to the first word that is one of those wanted, if there is one."""
    own = next((word for word in words if not wanted.isdisjoint(word)), None)
    if own is not None:
        own |= meant
    return own is not None


def _words(token: str, language: str) -> list[tuple[str, ...]]:
    if is_code(token):
        return [(f"c{code(token)}",)]
    # French elides, and both parts of l’enfant are words.
    parts = re.split(r"[-./_’']", token)
    return [found for part in parts if (found := stems(part, language))]


# --- How well an entry fits: the share of the question that it answers ---
#
# Of the words in one language, each is weighed by how seldom it is among what was found for the
# reader, and counts a little more in the title. The best language counts, so a text that exists in
# three languages is one result.

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
