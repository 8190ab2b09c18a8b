"""The words of a record, by language, as the index of the search and its results have them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils import translation

from kernel.guessing import guessed_language
from kernel.text import LANGUAGES

Texts = dict[str, str]  # by language


class Content(NamedTuple):
    """The words of a thing, or of one of its parts."""

    titles: Texts
    texts: Texts = {}
    part: int = 0
    code: str = ""
    is_name: bool = False
    # By the language of its text, of a part that the page of the thing does not show.
    address: Callable[[str], str] | None = None
    # The text of a part of a file, which is kept: a page cannot read the file again.
    file_text: str = ""


def translated(row: Any, *names: str) -> Texts:
    """Return what translated fields say, by language."""
    found = {}
    for language in LANGUAGES:
        texts = [text for name in names if (text := getattr(row, f"{name}_{language}"))]
        if texts:
            found[language] = "\n".join(texts)
    return found


def typed(*texts: str, language: str = "") -> Texts:
    """Return texts that were typed without a language, by the language in which each seems to be."""
    found: Texts = {}
    for text in filter(None, texts):
        key = language or guessed_language(text, LANGUAGES, "es")
        found[key] = f"{found[key]}\n{text}" if key in found else text
    return found


def with_pairs(row: Any, texts: Texts) -> Texts:
    """Return the texts of a row with the translations of them that somebody confirmed, if such are
    kept. A text and its translation are one entry, so it is found once."""
    pairs = row.pairs.all() if hasattr(row, "pairs") else ()
    return merged(texts, *({pair.language: pair.text} for pair in pairs if pair.is_confirmed))


def merged(*parts: Texts) -> Texts:
    """Return all of these texts, those in the same language as one."""
    found: Texts = {}
    for part in parts:
        for language, text in part.items():
            found[language] = f"{found[language]}\n{text}" if language in found else text
    return found


def names_of(thing: object) -> Texts:
    """Return how a thing without a title is called, in each language."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(thing)
    return found


def in_each_language(name: str) -> Texts:
    return dict.fromkeys(LANGUAGES, name)
