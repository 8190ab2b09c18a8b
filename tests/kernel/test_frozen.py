"""Frozen content is read in the format of today, whatever it was stored in, and never guessed at."""

from copy import deepcopy

import pytest
from django.utils import translation

from kernel.frozen import FORMATS, Format, UnknownFormat


@pytest.fixture
def letters():
    """Content that was one text, then a list, and has a language today."""
    made = Format(
        "letters",
        {
            1: lambda content: {"lines": content["text"].split("\n")},
            2: lambda content: content | {"language": "fr"},
        },
    )
    yield made
    del FORMATS["letters"]


def test_every_older_format_becomes_the_present_one(letters):
    first, second = {"text": "a\nb"}, {"format": 2, "lines": ["a", "b"]}

    assert letters.read(first) == letters.read(second)
    assert letters.read(first) == {"format": 3, "lines": ["a", "b"], "language": "fr"}


def test_reading_changes_nothing_that_is_stored(letters):
    stored = {"format": 2, "lines": ["a"]}
    before = deepcopy(stored)

    letters.read(stored)

    assert stored == before


def test_new_content_says_its_format(letters):
    content = letters.numbered({"lines": [], "language": "es"})

    assert content["format"] == letters.current == 3
    assert letters.read(content) == content


@pytest.mark.parametrize("number", [4, 0, -1, "3", True, 2.0, None, [1]])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "mettre le portail à jour"),
        ("es", "que lo actualice"),
        ("en", "update the portal"),
    ],
)
def test_an_unknown_format_is_refused_in_words(letters, number, language, sentence):
    with pytest.raises(UnknownFormat) as refusal:
        letters.read({"format": number, "lines": [], "language": "fr"})

    with translation.override(language):
        assert sentence in str(refusal.value)
