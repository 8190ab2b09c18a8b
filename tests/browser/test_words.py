"""Words of another language are noticed, which all tests of languages in a browser rely on."""

import pytest

from tests.browser.words import leaks

pytestmark = pytest.mark.deep(part="browser")


@pytest.mark.parametrize(
    ("other", "text"), [("en", "Plan a meeting"), ("fr", "Comité de pilotage")]
)
def test_a_text_in_another_language_is_found_among_those_in_spanish(other, text):
    assert leaks(["Planificar una reunión", text, "Plan"], "es", of=other) == [text]


def test_what_reads_so_in_the_language_of_the_page_is_in_no_other():
    assert leaks(["Table des matières", "Table 3"], "fr") == ["Table 3"]
