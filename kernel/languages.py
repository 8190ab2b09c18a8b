"""In which languages people write and read.

The organisation and each project have working languages, in order. Any one language suffices for a
text. Whoever lacks it in their own language is served the first available one in that order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext, gettext_lazy as _

from kernel.form_words import FILL_IN
from kernel.organisation import organisation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# In the order of all lists.
LANGUAGES = dict(settings.LANGUAGES)


class HasLanguages(Protocol):
    """A place with working languages of its own, as a project is."""

    @property
    def languages(self) -> Sequence[str]: ...


# A row does not know its project, and a list has rows of many. So the place is said once, where the
# project of a page, a document or a message becomes known; nowhere else it need be passed on.
_place: ContextVar[HasLanguages | None] = ContextVar("works_in_languages", default=None)


@contextmanager
def working_in(place: HasLanguages | None) -> Iterator[None]:
    """Read and write in the languages of this place; with None, in those of the organisation.

    A lazy object is looked for only once its languages are needed.
    """
    token = _place.set(place)
    try:
        yield
    finally:
        _place.reset(token)


def present_place() -> HasLanguages | None:
    """Return the place that is read and written in now, such as the project of the page."""
    return _place.get() or None


def working_languages() -> tuple[str, ...]:
    """Return the languages of the present place, or else those of the organisation, in order."""
    place = _place.get()
    return tuple(place.languages) if place else organisation_languages()


def say_empty() -> str:
    """Return what to say of a text that was given in no language: people see one box or several."""
    if len(working_languages()) < 2:
        return str(FILL_IN)
    return gettext("Fill in at least one language.")


def organisation_languages() -> tuple[str, ...]:
    return tuple(organisation().languages)


def first_language() -> str:
    """The language of what nobody chose one for: of contacts, minutes, documents, notes."""
    return working_languages()[0]


def default_languages() -> list[str]:
    return [*organisation_languages()]


def active_language() -> str:
    """Return the reader's language: fr, es or en, even if Django says fr-ca or nothing."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return language if language in LANGUAGES else settings.LANGUAGE_CODE


def language_rank(language: str) -> int:
    """Return the place of the language in all lists, to sort by."""
    return [*LANGUAGES].index(language)


def reading_order() -> list[str]:
    """Return all languages in the order in which a reader is served, after their own."""
    return list(dict.fromkeys([*working_languages(), *LANGUAGES]))


def writing_order() -> list[str]:
    """Return all languages in the order of the boxes of a form: the reader's own is the first if
    the place works in it."""
    working, own = working_languages(), active_language()
    first = own if own in working else working[0]
    return list(dict.fromkeys([first, *working, *LANGUAGES]))


def language_names(languages: Iterable[str]) -> list[str]:
    """Return the names of these languages, each in the active language."""
    return [str(LANGUAGES[language]) for language in languages]


def languages_field(
    name: "StrOrPromise", default: Callable[[], list[str]], *, blank: bool = False
) -> "models.JSONField[list[str], list[str]]":
    """Return a field of languages in order. `blank`: there may be none."""
    return models.JSONField(name, default=default, blank=blank, validators=[validate_languages])


def validate_languages(languages: object) -> None:
    """Accept a list of one language or several, each once."""
    if not isinstance(languages, list) or not languages:
        raise ValidationError(_("Choose at least one language."))
    if len(set(languages)) < len(languages) or not set(languages) <= LANGUAGES.keys():
        raise ValidationError(
            gettext("Choose each language once, from: %(languages)s.")
            % {"languages": ", ".join(language_names(LANGUAGES))}
        )
