"""The terms of the field in each language. Apertium translates word by word and takes “trata de
personas” for a verb; so terms are put in their place before the rest is translated."""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from kernel.names import any_of, apart, plain, whole_words

FILE = Path(__file__).with_name("terms.csv")


class Terms(NamedTuple):
    pattern: re.Pattern[str]
    targets: dict[str, str]
    """By the plain spelling of the term."""


@cache
def rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def terms(source: str, target: str) -> Terms:
    found = {row[source]: row[target] for row in rows() if row[source] and row[target]}
    pattern = re.compile(whole_words(f"(?i:{any_of(found)})"))
    return Terms(pattern, {plain(term): other for term, other in found.items()})


def terms_in(text: str, source: str, target: str) -> dict[str, str]:
    """Return the terms that the text uses, as it spells them, with those of the other language."""
    known = terms(source, target)
    found = (match.group() for match in known.pattern.finditer(apart(text)))
    return {each: known.targets[plain(each)] for each in found}
