"""Finds English words of the portal on a page that is in another language."""

import re
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from django.conf import settings

# What a person reads or hears: text, and what stands in for it. Names of languages are written
# in their own, and what carries another `lang` says of itself that it is in another language.
VISIBLE = """() => {
  const found = new Set(), here = document.documentElement.lang
  const add = text => { text = text.replace(/\\s+/g, ' ').trim(); if (text) found.add(text) }
  const own = node => node.closest('[lang]').lang === here
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (!['SCRIPT', 'STYLE', 'TEXTAREA', 'NOSCRIPT'].includes(parent.tagName) && own(parent))
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


def leaks(texts: list[str], language: str) -> list[str]:
    """Those of the texts that are English strings of ours and should have been translated."""
    if language == "en":
        return []
    pattern = english(language)
    return [text for text in texts if pattern.fullmatch(text)]


@cache
def english(language: str) -> re.Pattern:
    """All source strings that read differently in this language, as one pattern."""
    path = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    # “Plan” is French, too, if any French string is written so.
    theirs = {piece for message in messages for piece in pieces(message.string)}
    ours = {piece for message in messages for piece in pieces(message.id)} - theirs
    assert len(ours) > 500, "the catalogue is empty"
    return re.compile("|".join(as_pattern(piece) for piece in sorted(ours)))


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
