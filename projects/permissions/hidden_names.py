"""Replaces names that readers may not know in texts that were typed or frozen.

Where a name is printed from its institution, `Institution.name_on` gives a neutral designation
(`partners.naming`). Minutes that were frozen long ago, and what somebody wrote, hold the name itself.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar, cast

from django.utils.translation import gettext as _

from kernel.names import any_of, plain, replaced, whole_words, with_emphasis
from kernel.text import LANGUAGES, active_language
from partners.models import Institution, InstitutionName
from partners.naming import NamesRead, UnknownReaders, present_readers, read_by
from projects.permissions.naming import NamesForAudience, NamesForPerson

Data = TypeVar("Data")

# A shorter name would occur within half of all words.
SHORTEST_NAME, SHORTEST_ACRONYM = 4, 2
# Values that are no texts: anchors in the document, and keys that may equal an acronym.
NOT_READ = frozenset(
    {
        *("anchor", "to", "path", "kind", "type", "style", "chart"),
        *("audience", "language", "lang", "sha256"),
    }
)


class HiddenNames(NamedTuple):
    pattern: re.Pattern[str]
    instead: dict[str, str]  # by the plain name

    def replaced_in(self, text: str) -> str:
        unnamed = _("institution not named")

        def instead(found: re.Match[str]) -> str:
            name = found.group()
            return with_emphasis(self.instead.get(plain(name), unnamed), of=name)

        return replaced(self.pattern, text, instead)


def without_names(value: Data) -> Data:
    """Return the data without the names that the present readers may not know."""
    readers = present_readers()
    if isinstance(readers, NamesForAudience | NamesForPerson):
        return without(value, hidden_names(readers))
    return without(value, _every_guarded_name() if isinstance(readers, UnknownReaders) else None)


def without(value: Data, hidden: HiddenNames | None) -> Data:
    """Return the data without these names in its texts, however deep in lists and objects."""
    # It has the same structure with other texts, so the type stays the same.
    return value if hidden is None else cast(Data, _without(value, hidden))


def hidden_names(readers: NamesForAudience | NamesForPerson) -> HiddenNames | None:
    """Return the names that these readers may not know: acronyms in their capitals, since these
    tell them from words, and names in any. Kept with the readers, in each language."""
    kept: dict[str, HiddenNames | None] = readers.__dict__.setdefault("_hidden_names", {})
    language = active_language()
    if language not in kept:
        kept[language] = _compiled(readers, readers.hidden) if readers.hidden else None
    return kept[language]


def _every_guarded_name() -> HiddenNames | None:
    guarded = Institution.objects.filter(is_guarded=True)
    return _compiled(UnknownReaders(), set(guarded.values_list("pk", flat=True)))


def _compiled(readers: NamesRead, hidden: set[int]) -> HiddenNames | None:
    rows = Institution.objects.filter(pk__in=hidden)
    with read_by(readers):
        shown = {institution.pk: institution.short_name for institution in rows}
    names: dict[str, str] = {}
    acronyms: dict[str, str] = {}
    for institution, acronym, *spelt in names_ever(hidden):
        names |= dict.fromkeys(spelt, shown[institution])
        acronyms[acronym] = shown[institution]
    of_names = any_of(name for name in names if len(name) >= SHORTEST_NAME)
    of_acronyms = any_of(name for name in acronyms if len(name) >= SHORTEST_ACRONYM)
    words = [of_names and f"(?i:{of_names})", of_acronyms]
    if not any(words):
        return None
    instead = {plain(name): shown for name, shown in [*acronyms.items(), *names.items()]}
    return HiddenNames(re.compile(whole_words("|".join(filter(None, words)))), instead)


def names_ever(institutions: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the key of each institution with an acronym and the names in all languages: those that
    it has or had, and spellings that were corrected."""
    columns = ["institution", "acronym", *(f"name_{language}" for language in LANGUAGES)]
    keys = list(institutions)
    present = InstitutionName.objects.filter(institution__in=keys).order_by()
    earlier = InstitutionName.history.filter(institution__in=keys).order_by()
    return sorted(present.values_list(*columns).union(earlier.values_list(*columns)))


def _without(value: object, hidden: HiddenNames) -> object:
    if isinstance(value, str):
        return hidden.replaced_in(value)
    if isinstance(value, list | tuple):
        return [_without(each, hidden) for each in value]
    if isinstance(value, dict):
        return {
            key: each if key in NOT_READ else _without(each, hidden) for key, each in value.items()
        }
    return value
