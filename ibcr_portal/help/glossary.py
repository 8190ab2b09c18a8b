"""The glossary, `glossary.toml`: what things are called in each language, and what that means.

`scripts/catalogues.py` reads the same file, without Django, and finds words that the glossary gave
up in translations.
"""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True)
class Term:
    key: str
    word: str
    meaning: str
    elsewhere: dict[str, str]  # the word in the other languages, by language


@cache
def glossary_file() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(FILE.read_text("utf-8"))


@lru_cache
def glossary(language: str) -> dict[str, Term]:
    """Return the terms by key, in the order of the alphabet."""
    terms = [
        Term(
            key,
            word=entry["word"][language],
            meaning=entry["meaning"][language],
            elsewhere={code: word for code, word in entry["word"].items() if code != language},
        )
        for key, entry in glossary_file().items()
    ]
    return {term.key: term for term in sorted(terms, key=lambda term: term.word.casefold())}
