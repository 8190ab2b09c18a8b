"""The translation memory: sentences of a project that exist in both languages.

It is no table of its own. It is read from the texts that the person may read today, so it shows
nothing of another project, nothing that was withdrawn, and no name that was forgotten.
"""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ibcr_portal.translating.queue import Item, Queue, State
from ibcr_portal.translating.translate import terms, terms_in, translate
from kernel.apertium import is_installed
from kernel.languages import LANGUAGES
from kernel.names import apart

# --- Sentences ---
#
# Divides texts into sentences, and finds which sentence of a translation is which of its original.

# A sentence ends with its stop before a capital, a number, a quotation or a mark of Markdown; after
# “art. 5” or “M. X” it does not, and one letter is an abbreviation.
_END = re.compile(r"(?<=[.!?…])(?<!\b\w\.)[»”\"]?\s+(?=[«“\"¿¡*_\[(]*[A-ZÀ-ÖØ-Þ0-9«“¿¡])")
_ABBREVIATIONS = re.compile(
    r"\b(?:art|no|núm|n|p|pp|Sr|Sra|Dr|Dra|Mr|Mrs|Ms|Mme|M|etc|ex|ej|cf|vs)\.$", re.IGNORECASE
)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text in their order; a line break ends one as well."""
    return [sentence for line in lines_of(text) for sentence in _of_line(line)]


def _of_line(line: str) -> Iterator[str]:
    begin = 0
    for end in _END.finditer(line):
        part = line[begin : end.end()].strip()
        if _ABBREVIATIONS.search(part):
            continue
        yield part
        begin = end.end()
    if rest := line[begin:].strip():
        yield rest


def aligned(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of a text with those of its translation. Where a line has not as many in
    both, the lines belong to each other as a whole; where the lines differ, the texts do."""
    sources, targets = lines_of(source), lines_of(target)
    if len(sources) != len(targets):
        yield source.strip(), target.strip()
        return
    for one, other in zip(sources, targets, strict=True):
        first, second = list(_of_line(one)), list(_of_line(other))
        if len(first) == len(second):
            yield from zip(first, second, strict=True)
        else:
            yield one, other


# --- Memory ---

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


# --- What the page of a text to translate shows ---

MOST_MATCHES = 12  # on a page, the best of each sentence first


class OfferedMatch(NamedTuple):
    number: int
    percent: int
    sentence: str
    source: list[Span]
    target: str


class TranslationPage(NamedTuple):
    item: Item
    source: SafeString
    """The original with its terms marked."""
    terms: list[tuple[str, str]]
    matches: list[OfferedMatch]
    draft: DraftedTranslation | None
    gist: str
    changed: list[Span]
    """How the original differs from what an outdated translation was made from."""
    others: list[tuple[str, str, str]]
    """Language, its name and text of the same in languages that are neither of the two."""

    @property
    def draft_note(self) -> str:
        """Say who made the draft, which nobody has read yet."""
        if self.draft is None or self.item.now:
            return ""
        made = self.draft.remembered, self.draft.by_machine
        if not made[1]:
            return str(_("Draft from the memory. Read it before you confirm it."))
        if not made[0]:
            return str(_("Draft by a machine. Read it before you confirm it."))
        words = _(
            "Draft: %(remembered)s sentences from the memory, %(machine)s by a machine. Read it "
            "before you confirm it."
        )
        return str(words) % {"remembered": made[0], "machine": made[1]}


def page_of_item(item: Item, memory: Memory) -> TranslationPage:
    source = item.text.source
    sentences = memory.sentences(source)
    found: dict[str, str] = {}
    for sentence in sentences:
        found |= sentence.terms
    others = [
        (language, str(LANGUAGES[language]), text)
        for language, text in item.text.texts.items()
        if language not in (item.language, item.text.origin)
    ]
    return TranslationPage(
        item,
        marked_terms(source, item.text.origin, item.language),
        list(found.items()),
        offered(sentences),
        memory.draft(source) if item.state == State.MISSING else None,
        _gist(item),
        difference(item.earlier_source, source) if item.earlier_source else [],
        others,
    )


def offered(sentences: list[SourceSentence]) -> list[OfferedMatch]:
    """Return what the memory offers: the best match of each sentence, then the second ones."""
    ranked = [
        (place, number, match, sentence.text)
        for number, sentence in enumerate(sentences)
        for place, match in enumerate(sentence.matches)
    ]
    ranked.sort(key=lambda row: row[:2])
    return [
        OfferedMatch(number, match.percent, sentence, match.difference, match.target)
        for number, (_place, _sentence, match, sentence) in enumerate(ranked[:MOST_MATCHES], 1)
    ]


def _gist(item: Item) -> str:
    """Return what a machine makes of the text, where that is no draft: to and from English."""
    if (item.text.origin, item.language) in DRAFTED or item.state == State.CONFIRMED:
        return ""
    return translate(item.text.source, item.text.origin, item.language) or ""


def has_no_machine(item: Item) -> bool:
    return not is_installed() and item.state == State.MISSING


def marked_terms(text: str, source: str, target: str) -> SafeString:
    """Return the text as HTML, with terms of the field marked."""
    parts, done = [], 0
    taken = apart(text)
    for found in terms(source, target).pattern.finditer(taken):
        parts += [escape(taken[done : found.start()]), "<mark>", escape(found.group()), "</mark>"]
        done = found.end()
    # Each piece was escaped above.
    html = "".join([*parts, escape(taken[done:])])
    return mark_safe(unicodedata.normalize("NFC", html))  # noqa: S308


def with_match(typed: str, matches: list[OfferedMatch], number: str) -> str:
    """Return what was typed with a match behind it."""
    chosen = next((one.target for one in matches if str(one.number) == number), "")
    return f"{typed.rstrip()} {chosen}".strip() if chosen else typed


def neighbours(items: list[Item], item: Item) -> dict[str, Any]:
    """Return the items before and after this one in the queue, and its place in it."""
    addresses = [one.address for one in items]
    if item.address not in addresses:
        return {"before": None, "after": items[0] if items else None, "place": 0}
    place = addresses.index(item.address)
    return {
        "before": items[place - 1] if place else None,
        "after": items[place + 1] if place + 1 < len(items) else None,
        "place": place + 1,
    }
