"""Under which name an institution appears to whoever reads now.

Some institutions said where they may be named (`projects.permissions.naming` has the rule). As with
the language, pages, files and messages say once who their readers are (`read_by`), and
`Institution.name_on` gives each of them the name or a neutral designation. So no template has to
ask. Where nobody said who reads, such as in a command or task that was written in a hurry, no guarded
name appears.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from django.utils import translation
from django.utils.translation import gettext as _

from kernel.names import plain
from kernel.text import LANGUAGES

if TYPE_CHECKING:
    from partners.models import Institution


class NamesRead(Protocol):
    """Which institutions the present readers may know by name."""

    def is_hidden(self, institution: "Institution") -> bool: ...

    def number_of(self, institution: "Institution") -> int | None:
        """Return the neutral number of a hidden institution, or None if it has none here."""


class EveryName:
    """For whoever may know every name: what is frozen now, and read by others later."""

    def is_hidden(self, institution: "Institution") -> bool:
        return False

    def number_of(self, institution: "Institution") -> int | None:
        return None


class UnknownReaders:
    """Nobody said who reads: it could be anybody, in any project."""

    def is_hidden(self, institution: "Institution") -> bool:
        return institution.is_guarded

    def number_of(self, institution: "Institution") -> int | None:
        return None


EVERY_NAME = EveryName()
_readers: ContextVar[NamesRead | None] = ContextVar("names_are_read_by", default=None)


@contextmanager
def read_by(readers: NamesRead) -> Iterator[None]:
    """Write for these readers."""
    token = _readers.set(readers)
    try:
        yield
    finally:
        _readers.reset(token)


def present_readers() -> NamesRead:
    return _readers.get() or UnknownReaders()


def is_hidden(institution: "Institution") -> bool:
    """Whether the present readers may not know the name. Asks nothing of the database for an
    institution that never said anything."""
    return institution.is_guarded and present_readers().is_hidden(institution)


def designations(institution: "Institution") -> dict[str, str]:
    """Return what a hidden institution is called, in each language."""
    number = present_readers().number_of(institution)
    return {language: designation(institution.kind, number, language) for language in LANGUAGES}


def designation(kind: str, number: int | None, language: str) -> str:
    """Return “Civil-society organisation 7”."""
    with translation.override(language):
        words = {
            "state": _("State institution"),
            "civil_society": _("Civil-society organisation"),
            "donor": _("Donor"),
            "embassy": _("Embassy"),
            "multilateral": _("Multilateral organisation"),
            "academic": _("Academic institution"),
            "implementer": _("Implementer"),
        }[kind]
    return words if number is None else f"{words} {number}"


def shown_place(institution: "Institution") -> tuple[bool, str]:
    """Return what to sort by where a list is in another order than that of what the reader sees:
    hidden institutions come last, by their designations. At the place of its name or of its key,
    one could guess which it is."""
    hidden = is_hidden(institution)
    return hidden, institution.name if hidden else ""


def by_shown_name(institutions: "Iterable[Institution]") -> "list[Institution]":
    """Return institutions that are sorted by name in the order of what the reader sees."""
    found = list(institutions)
    if any(is_hidden(one) for one in found):
        found.sort(key=lambda one: plain(one.name))
    return found
