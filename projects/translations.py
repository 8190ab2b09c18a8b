"""Which confirmed translation a reader is served instead of a text that was typed in one language.

It is found by the text itself, within the project that the page or document is about: whoever reads
the text may read its translation, and a translation of what the text said before is never shown.
"""

from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.guessing import guessed_language
from kernel.languages import LANGUAGES, active_language, first_language, present_place
from projects.held_texts import is_withheld
from projects.models import Translation
from projects.models.translation import same_source
from projects.permissions.institutions import without_names

KEPT = "_confirmed_translations"


class Served(NamedTuple):
    """A text as its reader gets it."""

    text: str
    language: str
    original: str = ""
    """What it was translated from; empty if the text is the original."""
    original_language: str = ""
    confirmed_on: date | None = None

    @property
    def is_translated(self) -> bool:
        return bool(self.original)


class _KeptTranslation(NamedTuple):
    text: str
    confirmed_on: date


def language_written_in(text: str) -> str:
    """Return the language in which a text without one seems to be."""
    has_words = any(map(str.isalpha, text))  # and is no number and no dash
    return guessed_language(text, LANGUAGES, first_language() if has_words else "")


def served(text: str, language: str = "") -> Served:
    """Return the text in the reader's language if somebody confirmed a translation of it, or else as
    it was written. `language`: in which it was written, if that was noted."""
    if is_withheld(text):
        return Served(_("The coordination has not released this text yet."), active_language())
    language = language or language_written_in(text)
    wanted = active_language()
    if language in ("", wanted) or not text.strip():
        return Served(text, language)
    if kept := _confirmed(wanted).get(same_source(text)):
        return Served(without_names(kept.text), wanted, text, language, kept.confirmed_on)
    return Served(text, language)


def _confirmed(language: str) -> dict[str, _KeptTranslation]:
    """Return the translations of the present project into this language, by the text that
    each was made from. They are read once for a page or document, and only if it has a text
    in another language."""
    place = present_place()
    if (pk := getattr(place, "pk", None)) is None:
        return {}
    kept: dict[str, dict[str, _KeptTranslation]] = place.__dict__.setdefault(KEPT, {})
    if language not in kept:
        kept[language] = _read(pk, language)
    return kept[language]


def _read(project: int, language: str) -> dict[str, _KeptTranslation]:
    # Sections of reports, the longest of all, have rows of their own.
    rows = Translation.objects.confirmed().exclude(content_type__model="report")
    columns = rows.filter(project=project, language=language).values_list("source", "text", "at")
    return {
        same_source(source): _KeptTranslation(text, timezone.localdate(at))
        for source, text, at in columns.order_by("at", "pk")
    }
