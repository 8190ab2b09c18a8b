"""Institutions with their names for pages that only show them, in one statement."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from kernel.prepared import Question, padded, prepared
from partners.models import Institution, InstitutionName, InstitutionNameQuerySet


def names_of(institutions: "list[int] | QuerySet[Any, Any]") -> InstitutionNameQuerySet:
    """Return the names of institutions, with these."""
    names = InstitutionName.objects.filter(institution__in=institutions)
    whole = (f"institution__{field.name}" for field in Institution._meta.concrete_fields)
    return names.select_related("institution").shown(*whole)


@prepared
def _names_of(institutions: list[int]) -> InstitutionNameQuerySet:
    return names_of(institutions)


def named_institutions(keys: Iterable[int | None]) -> dict[int, Institution]:
    """Return institutions by their keys. Their names are for showing: a name that is written later
    in the same request is not among them."""
    wanted = {key for key in keys if key is not None}
    return by_names(names_to_ask(wanted).rows, wanted)


def names_to_ask(keys: set[int]) -> Question[InstitutionName]:
    """Return the question for the names of these institutions, from which `by_names` makes them."""
    return _names_of.question(padded(sorted(keys)))


def by_names(names: Iterable[InstitutionName], wanted: set[int]) -> dict[int, Institution]:
    """Return these institutions by their keys, from names that were read."""
    found: dict[int, Institution] = {}
    for name in names:
        institution = found.setdefault(name.institution_id, name.institution)
        institution.names_read = [*institution.names_read, name]
    if nameless := wanted - found.keys():
        found |= Institution.objects.in_bulk(nameless)
    return found
