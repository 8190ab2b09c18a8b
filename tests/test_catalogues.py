"""`scripts/catalogues.py check`: what it finds in a catalogue, and what it lets pass."""

import pytest
from babel.messages.catalog import Message

from scripts.catalogues import (
    LANGUAGES,
    ROOT,
    faults,
    loose_signs,
    read,
    strings,
    wrong_words,
)


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("Meeting", "Réunion", []),
        ("Meeting", "", ["not translated"]),
        ("%(count)s of %(all)s", "%(all)s dont %(count)s", []),
        ("%(count)s of %(all)s", "%(count)s", ["placeholders differ"]),
        ("{name} agreed", "{nom} est d’accord", ["placeholders differ"]),
        ("Read <b>this</b>", "Lisez ceci", ["placeholders differ"]),
        (("One day", "%(n)s days"), ("Un jour", "%(n)s jours"), []),
        (("One day", "%(n)s days"), ("Un jour", "%(m)s jours"), ["placeholders differ"]),
        (("One day", "%(n)s days"), ("Un jour", ""), ["not translated"]),
    ],
)
def test_a_message_is_complete_and_keeps_its_placeholders(source, translation, expected):
    assert list(faults(Message(source, translation))) == expected


def test_a_guess_by_msgmerge_is_refused():
    assert list(faults(Message("Meeting", "Rencontre", flags={"fuzzy"}))) == ["fuzzy"]


@pytest.mark.parametrize(
    ("language", "source", "translation", "expected"),
    [
        ("es", "Freeze the agenda", "Cerrar el orden del día", []),
        ("es", "Freeze the agenda", "Cerrar la agenda", ["“agenda” instead of “orden del día”"]),
        ("es", "Share your calendar", "Comparta su agenda", []),
        ("es", "Adopt the decision", "Adoptar la decisión", ["“decisión” instead of “acuerdo”"]),
        ("es", "An item for decision", "Un punto de decisión", []),
        ("es", "Signed agreement", "Acuerdo firmado", ["“acuerdo” instead of “convenio”"]),
        ("es", "Safeguarding", "Protección", ["“protección” instead of “salvaguardia”"]),
        ("fr", "The donor approved", "Le bailleur approuve", ["“bailleur” instead of “donateur”"]),
        ("es", "quorum %(quorum)s", "quórum %(quorum)s", []),
        ("es", "Choose your seat", "Elige tu representación", ["“tu” is too familiar"]),
    ],
)
def test_each_thing_has_one_word(language, source, translation, expected):
    assert list(wrong_words(Message(source, translation), language)) == expected


def test_a_context_says_that_a_word_means_something_else():
    message = Message("Decision", "Decisión", context="on a proposal")

    assert list(wrong_words(message, "es")) == []


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ("Pourquoi\u00a0? Parce que.", 0),
        ("Pourquoi ? Parce que.", 1),
        ("Voir «\u00a0Clôture\u00a0»", 0),
        ("Voir « Clôture\u00a0»", 1),
    ],
)
def test_no_sign_of_french_begins_a_line(translation, expected):
    assert len(list(loose_signs(Message("Why? Because.", translation), "fr"))) == expected
    assert list(loose_signs(Message("Why? Because.", translation), "es")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_repeat_their_context_in_brackets(language):
    """An English reader would see them as they are written in the source."""
    shown = [
        form
        for message in read(ROOT, language)
        if message.context
        for form in strings(message.id)
        if form.startswith("[")
    ]

    assert shown == []
