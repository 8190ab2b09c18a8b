"""Finds texts of documents that are in another language than they are marked with.

It counts frequent words on its own, so that it does not repeat the guesses of `kernel.guessing`.
"""

import re
from collections.abc import Collection, Iterator

from lxml import html

FREQUENT = {
    "fr": "le la les des du une et est dans pour par sur avec aux ce cette qui que ne pas été plus se "
    "mois après chaque lors entre encore leur leurs ont seront étaient ateliers réunion comité",
    "es": "el la los las del una es y en para por con este esta que no se su sus más mes después "
    "cada entre todavía según fue fueron han sido serán salvo talleres reunión comité",
    "en": "the of and is are in for by with at this that which not was were more month after each "
    "between still their its to from been will workshops meeting committee",
}
WORDS = {language: frozenset(words.split()) for language, words in FREQUENT.items()}


def strays_of(document: str, names: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the language that each stray is marked with, and its text. Proper names, which have no
    language, are not looked at."""
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = []
    for language, text in _texts(html.document_fromstring(document)):
        rest = re.sub(pattern, " ", text) if pattern else text
        if (other := language_of(rest)) and other != language:
            found.append((language, text))
    return found


def language_of(text: str) -> str:
    """Return the language of which the text has two words more than of any other, or ""."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {one: sum(word in WORDS[one] for word in words) for one in WORDS}
    first, second, *_others = sorted(counts, key=lambda one: -counts[one])
    return first if counts[first] >= counts[second] + 2 else ""


def _texts(root: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in {"style", "meta"}:
            continue
        for text, owner in ((element.text, element), (element.tail, element.getparent())):
            if text and text.strip():
                yield owner.xpath("ancestor-or-self::*[@lang][1]/@lang")[0], " ".join(text.split())
