"""Replaces names that readers may not know in texts that were typed or frozen.

Where a name is printed from its institution, `Institution.name_on` gives a neutral designation
(`partners.naming`). Minutes that were frozen long ago, and what somebody wrote, hold the name itself.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar, cast

from django.utils.translation import gettext as _

from kernel.text import LANGUAGES
from partners.models import Institution
from partners.naming import present_readers, read_by
from projects.permissions.naming import NamesForAudience, NamesForPerson

Data = TypeVar("Data")

# A shorter name would occur within half of all words.
SHORTEST_NAME, SHORTEST_ACRONYM = 4, 2
# Values that are no texts: anchors in the document, and keys that may equal an acronym.
NOT_READ = frozenset(
    {"anchor", "to", "kind", "type", "style", "chart", "audience", "language", "lang", "sha256"}
)


class HiddenNames(NamedTuple):
    pattern: re.Pattern[str]
    instead: dict[str, str]  # by the name in small letters

    def replaced_in(self, text: str) -> str:
        unnamed = _("institution not named")
        return self.pattern.sub(
            lambda found: self.instead.get(found.group().casefold(), unnamed), text
        )


def without_names(value: Data) -> Data:
    """Return the data without the names that the present readers may not know."""
    readers = present_readers()
    if not isinstance(readers, NamesForAudience | NamesForPerson):
        return value
    return without(value, hidden_names(readers))


def without(value: Data, hidden: HiddenNames | None) -> Data:
    """Return the data without these names in its texts, however deep in lists and objects."""
    # It has the same structure with other texts, so the type stays the same.
    return value if hidden is None else cast(Data, _without(value, hidden))


def hidden_names(readers: NamesForAudience | NamesForPerson) -> HiddenNames | None:
    """Return the names that these readers may not know: acronyms as they are written, and names in
    any capitals, the longest first."""
    names: dict[str, str] = {}
    acronyms: dict[str, str] = {}
    for institution in _of(readers.hidden):
        with read_by(readers):
            shown = institution.short_name
        for row in institution.names.all():
            names |= {getattr(row, f"name_{language}"): shown for language in LANGUAGES}
            acronyms[row.acronym] = shown
    words = "|".join(
        filter(
            None,
            [
                (of_names := _any_of(names, SHORTEST_NAME)) and f"(?i:{of_names})",
                _any_of(acronyms, SHORTEST_ACRONYM),
            ],
        )
    )
    if not words:
        return None
    instead = {name.casefold(): shown for name, shown in [*acronyms.items(), *names.items()]}
    return HiddenNames(re.compile(rf"(?<!\w)(?:{words})(?!\w)"), instead)


def _of(keys: set[int]) -> Iterable[Institution]:
    return Institution.objects.filter(pk__in=keys).with_names().order_by("pk") if keys else []


def _any_of(names: Iterable[str], shortest: int) -> str:
    kept = {name for name in names if len(name) >= shortest}
    return "|".join(map(re.escape, sorted(kept, key=lambda name: (-len(name), name))))


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
