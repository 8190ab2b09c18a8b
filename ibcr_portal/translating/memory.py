"""The translation memory: sentences of a project that exist in both languages.

It is no table of its own. It is read from the texts that the person may read today, so it shows
nothing of another project, nothing that was withdrawn, and no name that was forgotten.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from ibcr_portal.translating.queue import Item, Queue, State
from ibcr_portal.translating.sentences import aligned, sentences_of
from ibcr_portal.translating.terms import terms_in
from ibcr_portal.translating.translate import translate

FEWEST = 70  # per cent that a sentence must have in common with another one
SHOWN = 3
LONGEST = 2_000  # characters of a sentence that is compared
# Between these the machine is good enough for a draft; to and from English it gives the gist.
DRAFTED = frozenset({("fr", "es"), ("es", "fr")})


class Span(NamedTuple):
    """A piece of a text that is compared with another: in both, or only in one of them."""

    change: str  # "", "del" or "ins"
    text: str


class Match(NamedTuple):
    """A sentence of the memory that is like the one to be translated."""

    percent: int
    source: str
    target: str
    difference: list[Span]
    """How the sentence of today differs from that of the memory."""


class SourceSentence(NamedTuple):
    """A sentence of the original, with what is known of it."""

    text: str
    matches: list[Match]
    terms: dict[str, str]

    @property
    def exact(self) -> str:
        """What the memory says for exactly this sentence."""
        first = self.matches[0] if self.matches else None
        return first.target if first and first.percent == 100 else ""


class DraftedTranslation(NamedTuple):
    """A translation that nobody has read yet."""

    text: str
    remembered: int
    by_machine: int


class Memory:
    """What a queue remembers from one language to another."""

    def __init__(self, queue: Queue, source: str, target: str, without: str = "") -> None:
        """`without`: the key of a text that is being translated, and says nothing about itself."""
        self.queue, self.source, self.target, self.without = queue, source, target, without

    @cached_property
    def pairs(self) -> dict[str, tuple[str, str]]:
        """By the plain sentence, the sentence and its translation; the last that was confirmed."""
        found: dict[str, tuple[str, str]] = {}
        for source, target in self._known():
            for one, other in aligned(source, target):
                if len(one) <= LONGEST and len(other) <= LONGEST:
                    found[plainly(one)] = (one, other)
        return found

    def _known(self) -> Iterator[tuple[str, str]]:
        for text in self.queue.texts:
            if text.key == self.without:
                continue
            # From the text as it is, in whichever of the two languages it was written first.
            for language in {self.target, self.source} - {text.origin}:
                item = self.queue.item(text, language)
                if item.state == State.CONFIRMED and item.now:
                    texts = text.texts | {language: item.now}
                    if self.source in texts and self.target in texts:
                        yield texts[self.source], texts[self.target]
                        break

    def matches(self, sentence: str) -> list[Match]:
        if len(sentence) > LONGEST:
            return []
        from rapidfuzz import fuzz, process  # few processes need it

        plain = plainly(sentence)
        found = process.extract(
            plain, self.pairs.keys(), scorer=fuzz.ratio, score_cutoff=FEWEST, limit=SHOWN
        )
        matches = []
        for key, score, _place in found:
            source, target = self.pairs[key]
            # What differs in anything is no exact match, however long it is.
            percent = 100 if key == plain else min(int(score), 99)
            matches.append(Match(percent, source, target, difference(source, sentence)))
        return matches

    def sentences(self, text: str) -> list[SourceSentence]:
        return [
            SourceSentence(each, self.matches(each), terms_in(each, self.source, self.target))
            for each in sentences_of(text)
        ]

    def draft(self, text: str) -> DraftedTranslation | None:
        """Return a draft: sentences of the memory, and between French and Spanish what the machine
        makes of the others. None where some sentence would be missing."""
        remembered = by_machine = 0
        lines = []
        for line in text.splitlines():
            parts = []
            for sentence in sentences_of(line):
                if exact := self._exact(sentence):
                    remembered += 1
                    parts.append(exact)
                elif said := self._machine(sentence):
                    by_machine += 1
                    parts.append(said)
                else:
                    return None
            lines.append(" ".join(parts))
        return DraftedTranslation("\n".join(lines), remembered, by_machine)

    def _exact(self, sentence: str) -> str:
        return self.pairs.get(plainly(sentence), ("", ""))[1]

    def _machine(self, sentence: str) -> str | None:
        is_drafted = (self.source, self.target) in DRAFTED
        return translate(sentence, self.source, self.target) if is_drafted else None


def memory_of(queue: Queue, item: Item) -> Memory:
    return Memory(queue, item.text.origin, item.language, without=item.text.key)


def plainly(sentence: str) -> str:
    """Return the sentence as it is compared: spaces and the kinds of quotation marks say nothing."""
    return " ".join(re.sub("[’ʼ]", "'", sentence).split())


def difference(before: str, after: str) -> list[Span]:
    """Return the words of two texts: those in both, and those that only one of them has."""
    first, second = _words(before), _words(after)
    spans: list[Span] = []
    for kind, i, j, k, m in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            spans.append(Span("", "".join(first[i:j])))
            continue
        if i < j:
            spans.append(Span("del", "".join(first[i:j])))
        if k < m:
            spans.append(Span("ins", "".join(second[k:m])))
    return spans


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\s+|[^\w\s]", text)
