"""What says that a text is a translation names the language as the reader's own writes it."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from kernel.languages import LANGUAGES


@pytest.mark.parametrize(("language", "name"), [("en", "French"), ("es", "francés")])
def test_the_name_of_a_language_is_written_as_in_the_language_of_the_reader(language, name):
    with translation.override(language):
        facts = {"original": "Texte", "original_language": "fr", "original_name": LANGUAGES["fr"]}
        assert name in render_to_string("projects/translated_mark.html", facts)
