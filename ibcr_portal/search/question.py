"""What somebody typed into the search, as words of the index."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from ibcr_portal.search.alike import alike
from ibcr_portal.search.words import (
    LETTERS,
    STOP,
    code,
    folded,
    is_code,
    stems,
    tokens,
    trigrams,
)
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
