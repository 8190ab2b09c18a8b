"""Words that stand for each other: within a language, and where the translator knows another one."""

import csv
from collections import Counter

import pytest
from django.utils import translation

from ibcr_portal.search.question import ask
from ibcr_portal.search.words import FILE, alike, stems
from kernel.apertium import is_installed
from kernel.text import LANGUAGES
from tests.factories import InstitutionFactory, ParticipationFactory, RiskFactory
from tests.ibcr_portal.searched import found
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
translated = pytest.mark.skipif(not is_installed(), reason="Apertium is not installed")


@pytest.fixture
def world():
    return World()


def words_of(text, language, other):
    """Return the words of a question in another language, as sets of their stems."""
    groups = [group for group in ask(text, language).groups if group.language == other]
    return [set(word) for group in groups for word in group.words]


def test_each_row_has_words_in_all_languages_and_none_twice():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        row[language]
        for row in rows
        for language in LANGUAGES
        if not row[language].split() or max(Counter(row[language].split()).values()) > 1
    ]

    assert wrong == []
    assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_each_word_of_a_row_is_one_that_is_looked_for():
    """A word of which no stem is kept would find nothing."""
    with FILE.open(encoding="utf-8", newline="") as file:
        empty = [
            word
            for row in csv.DictReader(file)
            for language in LANGUAGES
            for word in row[language].split()
            if not stems(word, language)
        ]

    assert empty == []


@pytest.mark.parametrize(
    ("word", "language", "other", "meant"),
    [
        ("juez", "es", "es", {"smagistr"}),
        ("seat", "en", "fr", {"fsieg"}),
        ("Fiscales", "es", "fr", {"fprocureur", "fparquet"}),
        ("xylophone", "en", "es", set()),
    ],
)
def test_a_word_has_others_that_mean_the_same(word, language, other, meant):
    assert alike(stems(word, language), other) >= meant
    assert bool(alike(stems(word, language), other)) == bool(meant)


@translated
def test_a_word_that_is_translated_otherwise_stands_for_both():
    """It is one word of the question and no further one, which a text would have to answer too."""
    words = words_of("prosecutor Choluteca", "en", "es")
    whole = [word for word in words if "sfiscal" in word]

    assert len(whole) == 1
    assert {"sfiscal", "sprocur"} <= whole[0]
    assert any("scholutec" in word for word in words)


@pytest.mark.parametrize(
    ("language", "question"),
    [("es", "pandillas del barrio"), ("en", "gangs neighbourhood"), ("fr", "gangs du quartier")],
)
def test_a_text_is_found_by_other_words_than_its_own(world, language, question):
    risk = RiskFactory(
        project=world.project,
        definition_es="Las maras cobran en la colonia",
        definition_fr="",
    )
    with translation.override(language):
        first, *_others = found(world.people["coordinator"], question)

    assert first == ("risk", risk.pk)


def test_a_misspelt_name_comes_before_names_with_one_of_its_words(world):
    made = [
        InstitutionFactory(name__name_fr=name)
        for name in ("Mujeres del Golfo", "Mujeres del Lago", "Mujeres de la Sierra")
    ]
    for institution in made:
        ParticipationFactory(project=world.project, institution=institution)

    first, *_others = found(world.people["coordinator"], "mujeres del oglfo")

    assert first == ("institution", made[0].pk)


@translated
def test_names_stay_words_of_the_question_as_they_are_typed():
    words = words_of("albergue Ojos Abiertos", "es", "en")

    assert {"eojo"} in words or {"eojos"} in words
