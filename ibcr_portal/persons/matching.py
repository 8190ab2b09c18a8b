"""Finds names, addresses and numbers of a person in texts, and replaces them.

Whole words match, without regard to case, accents and the signs between the words. So does the
ledger of erasures, which has only keyed hashes of them (`Hashes`).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from accounts.checkpoints import fingerprint

WORD = re.compile(r"\w+")
# Shorter ones would be found in words that mean something else.
SHORTEST = 4
GAP = r"[\W_]{1,3}"
ELLIPSIS = "…"


def plain(text: str) -> str:
    """Return the text in small letters without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    return WORD.findall(plain(text))


def joined(text: str) -> str:
    """Return an address or number without the signs in which people vary it."""
    return "".join(words_of(text))


class Spellings:
    """The ways in which a person is named: full names, and addresses and numbers.

    A name of a single word means other things too (Rosa, Cruz): it is found for somebody to look
    at, and never replaced.
    """

    def __init__(self, names: Iterable[str], addresses: Iterable[str] = ()) -> None:
        known = _long_enough(names)
        self.names = [each for each in known if len(words_of(each)) > 1]
        self.single_words = [each for each in known if each not in self.names]
        self.addresses = _long_enough(addresses)

    def __bool__(self) -> bool:
        return bool(self.all)

    @property
    def all(self) -> list[str]:
        return [*self.names, *self.single_words, *self.addresses]

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        return _pattern(self.names)

    @cached_property
    def _addresses(self) -> re.Pattern[str] | None:
        return _pattern(self.addresses)

    @cached_property
    def _single_words(self) -> re.Pattern[str] | None:
        return _pattern(self.single_words)

    @cached_property
    def _longest_words(self) -> list[str]:
        return [max(words_of(each), key=len) for each in (*self.names, *self.addresses)]

    def are_in(self, value: Any) -> bool:
        return any(self._is_in(text) for text in texts_in(value))

    def _is_in(self, text: str) -> bool:
        low = _plain_once(text)
        if not any(word in low for word in self._longest_words):
            return False
        decomposed = unicodedata.normalize("NFD", text)
        return any(each.search(decomposed) for each in (self._names, self._addresses) if each)

    def may_be_in(self, value: Any) -> bool:
        """Whether a single word in the value may name the person."""
        pattern = self._single_words
        return pattern is not None and any(
            pattern.search(unicodedata.normalize("NFD", text)) for text in texts_in(value)
        )

    def found_in(self, value: Any) -> set[str]:
        """Return how the value spells them."""
        patterns = [each for each in (self._names, self._addresses) if each]
        return {
            unicodedata.normalize("NFC", match.group())
            for text in texts_in(value)
            if self._is_in(text)
            for pattern in patterns
            for match in pattern.finditer(unicodedata.normalize("NFD", text))
        }

    def replaced(self, value: Any, pseudonym: str) -> Any:
        """Return the value with the pseudonym in place of each name, and without addresses."""
        return changed(value, lambda text: self._replaced(text, pseudonym))

    def _replaced(self, text: str, pseudonym: str) -> str:
        if not self._is_in(text):
            return text
        decomposed = unicodedata.normalize("NFD", text)
        if self._addresses:
            is_all = self._addresses.fullmatch(decomposed.strip())
            decomposed = "" if is_all else self._addresses.sub(ELLIPSIS, decomposed)
        if self._names:
            decomposed = self._names.sub(pseudonym, decomposed)
        return unicodedata.normalize("NFC", decomposed)


class Hashes:
    """Spellings of which only keyed hashes are known, by the number of their words."""

    def __init__(self, hashes: Mapping[int, frozenset[str]]) -> None:
        self._hashes = hashes

    def found_in(self, value: Any) -> Iterator[tuple[str, str]]:
        """Return each hash that is known, with the words in the text that have it."""
        for text in texts_in(value):
            # Composed, so that an accent does not end a word.
            composed = unicodedata.normalize("NFC", text)
            words = list(WORD.finditer(composed))
            for count, known in self._hashes.items():
                for start in range(len(words) - count + 1):
                    several = words[start : start + count]
                    found = hash_of(" ".join(word.group() for word in several))
                    if found in known:
                        yield found, composed[several[0].start() : several[-1].end()]


@lru_cache(maxsize=200_000)
def hash_of(spelling: str) -> str:
    return fingerprint(" ".join(words_of(spelling)))


@lru_cache(maxsize=10_000)
def _plain_once(text: str) -> str:
    return plain(text)


def texts_in(value: Any) -> Iterator[str]:
    """Return each text of a value of the database: it may be JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts_in(key)
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


def changed(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value of the database with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {changed(key, change): changed(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [changed(each, change) for each in value]
    return value


def _long_enough(spellings: Iterable[str]) -> list[str]:
    known = {" ".join(words_of(each)): each for each in spellings}
    return [each for key, each in known.items() if len(key) >= SHORTEST]


def _pattern(spellings: list[str]) -> re.Pattern[str] | None:
    if not spellings:
        return None
    longest_first = sorted(spellings, key=len, reverse=True)
    choices = "|".join(GAP.join(map(_letters, words_of(each))) for each in longest_first)
    return re.compile(rf"(?<![^\W_])(?:{choices})(?![^\W_])", re.IGNORECASE)


def _letters(word: str) -> str:
    """Match the word with any accents, in a text whose accents follow their letters."""
    return "".join(f"{re.escape(letter)}[\u0300-\u036f]*" for letter in word)
