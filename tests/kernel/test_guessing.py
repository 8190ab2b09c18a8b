"""In which language a text without one seems to be."""

import pytest

from kernel.guessing import guessed_language

ALL = ("fr", "es", "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Les ateliers prévus se tiendront en ligne.", "fr"),
        ("Ajouter des ateliers le samedi.", "fr"),
        ("Exemple : une fois l'an", "fr"),
        ("De acuerdo, salvo la fecha de la capacitación.", "es"),
        ("Registros de los talleres", "es"),
        ("Attendance lists of the workshops", "en"),
        ("It was postponed because of the health situation.", "en"),
    ],
)
def test_a_sentence_tells_its_language(text, language):
    assert guessed_language(text, ALL, "") == language


@pytest.mark.parametrize("text", ["", "–", "1 250", "IBCR", "Tegucigalpa", "la"])
def test_what_tells_no_language_is_in_the_usual_one(text):
    assert [guessed_language(text, ALL, usual) for usual in ("es", "")] == ["es", ""]


def test_only_the_languages_in_question_are_guessed():
    assert guessed_language("Les ateliers sont reportés.", ("es", "en"), "es") == "es"
