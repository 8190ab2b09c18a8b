"""The texts and names by which `make bench-finding` measures the search."""

from collections import Counter

import pytest

from bench.finding_set import HELD, Records, TextCase, held_back, names, texts
from bench.finding_stage import place_found
from ibcr_portal.search.words import STOP, folded, tokens
from ibcr_portal.search.writing import reindex
from kernel.text import LANGUAGES
from tests.factories import UserFactory

KINDS = sorted({each.kind for each in texts()})


def test_there_are_at_least_33_of_each_direction_and_no_two_are_equal():
    cases = texts()
    number = Counter(each.direction for each in cases)

    assert len({each.text for each in cases}) == len(cases) >= 300
    assert len({each.query for each in cases}) == len(cases)
    assert set(number) == {(asked, written) for asked in LANGUAGES for written in LANGUAGES}
    assert min(number.values()) >= 33


def test_a_question_has_at_most_five_words_that_say_something():
    sizes = {
        len([word for word in tokens(each.query) if folded(word) not in STOP[each.query_language]])
        for each in texts()
    }

    assert sizes == {2, 3, 4, 5}


def test_a_third_is_held_back_by_the_hash_alone():
    held = {each.text for each in texts() if each.part == HELD}
    named = {each.name for each in names() if each.part == HELD}

    assert held == held_back((each.direction, each.text) for each in texts())
    assert named == held_back(("", each.name) for each in names())


def test_each_name_has_one_error():
    """The words that were typed are those of the name but for one letter."""
    from rapidfuzz.distance import OSA

    wrong = []
    for each in names():
        known = list(tokens(folded(each.name)))
        distances = [
            min(OSA.distance(word, other) for other in known) for word in tokens(folded(each.query))
        ]
        if sum(distances) != (each.error != "accent"):
            wrong.append((each.query, sum(distances)))

    assert len(names()) >= 60
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.every_case
@pytest.mark.parametrize("kind", [*KINDS, "person", "project"])
def test_a_text_of_each_kind_is_found_where_it_was_written(kind):
    reader = UserFactory()
    records = Records(reader)
    case = next((each for each in texts() if each.kind == kind), None)
    language, text = (case.text_language, case.text) if case else ("en", "Imaginary Lighthouse")
    place = records.write(kind, language, text)
    list(reindex())

    assert place_found(reader, language, text[:100], place) == 1


def test_a_case_knows_its_direction():
    case = TextCase("tune", "risk", "fr", "Un risque", "en", "a risk")

    assert case.direction == ("en", "fr")
