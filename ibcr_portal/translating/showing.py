"""What the page of a text to translate shows."""

import unicodedata
from typing import Any, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ibcr_portal.translating.memory import (
    DRAFTED,
    DraftedTranslation,
    Memory,
    SourceSentence,
    Span,
    difference,
)
from ibcr_portal.translating.queue import Item, State
from ibcr_portal.translating.terms import terms
from ibcr_portal.translating.translate import translate
from kernel.apertium import is_installed
from kernel.languages import LANGUAGES
from kernel.names import apart

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
