"""Removes the names of institutions at risk from documents that go beyond donor and committee.

Their people could be harmed if it were known that they take part. Each part of a document names
institutions in its own way: as responsible, by their seat, in minutes that were frozen long ago, in
free text. So names are removed from the whole document, as data.
"""

import re
from collections.abc import Iterable
from typing import TypeVar, cast

from django.utils.translation import gettext as _

from kernel.text import LANGUAGES
from partners.models import InstitutionName
from reports.compose.reading import DocumentReading
from reports.document_types import FramedDocument, ReportDocument

Composed = TypeVar("Composed", ReportDocument, FramedDocument)
Data = TypeVar("Data")

# A shorter name would occur within half of all words.
SHORTEST_NAME, SHORTEST_ACRONYM = 4, 2
# Values that are no texts: anchors in the document, and keys that may equal an acronym.
NOT_READ = frozenset(
    {"anchor", "to", "kind", "type", "style", "chart", "audience", "language", "lang", "sha256"}
)


def without_names_at_risk(document: Composed, reading: DocumentReading) -> Composed:
    """Replace the names and acronyms of institutions at risk, also of other projects, by other
    words.

    A document whose readers may know that an institution takes part is returned as it is.
    """
    if reading.names_at_risk:
        return document
    return without(document, reading.once("names at risk", names_at_risk))


def without(value: Data, names: re.Pattern[str] | None) -> Data:
    """Return the data without these names (`names_at_risk`) in its texts, however deep in lists and
    objects."""
    if names is None:
        return value
    # It has the same structure with other texts, so the type stays the same.
    return cast(Data, _without(value, names, _("institution not named")))


def names_at_risk() -> re.Pattern[str] | None:
    """Return a pattern of acronyms as they are written, and of names in any capitals, the longest
    first."""
    rows = InstitutionName.objects.filter(institution__is_at_risk=True)
    columns = ["acronym", *(f"name_{language}" for language in LANGUAGES)]
    found = list(rows.values_list(*columns))
    names = _any_of((name for row in found for name in row[1:]), SHORTEST_NAME)
    acronyms = _any_of((row[0] for row in found), SHORTEST_ACRONYM)
    words = "|".join(filter(None, [names and f"(?i:{names})", acronyms]))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None


def _any_of(names: Iterable[str], shortest: int) -> str:
    kept = {name for name in names if len(name) >= shortest}
    return "|".join(map(re.escape, sorted(kept, key=lambda name: (-len(name), name))))


def _without(value: object, pattern: re.Pattern[str], instead: str) -> object:
    if isinstance(value, str):
        return pattern.sub(instead, value)
    if isinstance(value, list | tuple):
        return [_without(each, pattern, instead) for each in value]
    if isinstance(value, dict):
        return {
            key: each if key in NOT_READ else _without(each, pattern, instead)
            for key, each in value.items()
        }
    return value
