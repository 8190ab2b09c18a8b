"""Finds words of the portal in another language than that of the page."""

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings

# What a person reads or hears: text, and what stands in for it. Names of languages are written
# in their own, what carries another `lang` says of itself that it is in another language, and what
# is marked as code is a name that programs read.
VISIBLE = """() => {
  const found = new Set(), here = document.documentElement.lang
  const add = text => { text = text.replace(/\\s+/g, ' ').trim(); if (text) found.add(text) }
  const own = node => node.closest('[lang]').lang === here
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (!['SCRIPT', 'STYLE', 'TEXTAREA', 'NOSCRIPT', 'CODE'].includes(parent.tagName) && own(parent))
      add(walker.currentNode.data)
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-confirm', 'data-l'])
    for (const node of document.querySelectorAll('[' + name + ']'))
      if (own(node)) add(node.getAttribute(name))
  add(document.title)
  return [...found]
}"""
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[a-z]|%[a-z]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


def leaks(texts: list[str], language: str, *, of: str = "en") -> list[str]:
    """Those of the texts that are strings of ours in the language `of`, and should be translated."""
    if language == of:
        return []
    pattern, own = strings_of(of, language), all_strings(language)
    # “Table des matières” is no table with a number, though a placeholder would take the rest of it.
    return [text for text in texts if pattern.fullmatch(text) and text not in own]


@cache
def strings_of(other: str, language: str) -> re.Pattern:
    """All strings of the other language that read differently in this one, as one pattern."""
    # “Plan” is French, too, if any French string is written so.
    strings = all_strings(other) - all_strings(language)
    assert len(strings) > 500, "the catalogue is empty"
    return re.compile("|".join(as_pattern(piece) for piece in sorted(strings)))


@cache
def all_strings(language: str) -> set[str]:
    """Those of the catalogue; English strings are the sources of any."""
    catalogue = "fr" if language == "en" else language
    path = Path(settings.BASE_DIR) / "locale" / catalogue / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale=catalogue) if message.id]
    texts = (message.id if language == "en" else message.string for message in messages)
    return {piece for text in texts for piece in pieces(text)}


def pieces(text: str | tuple) -> set[str]:
    """A string as the text nodes it becomes: parted where a tag stands in it."""
    texts = text if isinstance(text, tuple) else (text,)
    return {
        " ".join(piece.split())
        for text in texts
        for piece in TAG.split(text or "")
        if sum(sign.isalpha() for sign in PLACEHOLDER.sub("", piece)) >= 3
    }


def as_pattern(piece: str) -> str:
    literal = [re.escape(part) for part in PLACEHOLDER.split(piece)]
    return ".{1,80}?".join(literal)
