"""`scripts/catalogues.py check`: what it finds in a catalogue, and what it lets pass."""

import pytest
from babel.messages.catalog import Message

from scripts.catalogues import faults


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
