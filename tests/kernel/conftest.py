import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_english(in_french):
    """Sentences are compared in the language in which they are written."""
    with translation.override("en"):
        yield
