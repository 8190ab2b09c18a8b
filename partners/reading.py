"""Institutions with their names for pages that only show them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.db.models.expressions import Combinable

from partners.models import (
    Institution,
    InstitutionName,
    InstitutionNameQuerySet,
    InstitutionQuerySet,
)
from partners.naming import EVERY_NAME, present_readers


def names_of(institutions: "list[int] | QuerySet[Any, Any]") -> InstitutionNameQuerySet:
    """Return the names of institutions, with these."""
    names = InstitutionName.objects.filter(institution__in=institutions)
    whole = (f"institution__{field.name}" for field in Institution._meta.concrete_fields)
    return names.select_related("institution").shown(*whole)


def named_institutions(keys: Iterable[int | None]) -> dict[int, Institution]:
    """Return institutions by their keys. Their names are for showing: a name that is written later
    in the same request is not among them."""
    wanted = {key for key in keys if key is not None}
    return by_names(names_of(sorted(wanted)), wanted)


def by_names(names: Iterable[InstitutionName], wanted: set[int]) -> dict[int, Institution]:
    """Return these institutions by their keys, from names that were read."""
    found: dict[int, Institution] = {}
    for name in names:
        institution = found.setdefault(name.institution_id, name.institution)
        institution.names_read = [*institution.names_read, name]
    if nameless := wanted - found.keys():
        found |= Institution.objects.in_bulk(nameless)
    return found


def institutions_in_words(keys: set[int]) -> dict[int, str]:
    """Return the names that the present readers may read."""
    return {key: institution.name for key, institution in named_institutions(keys).items()}


def hidden_last(institutions: InstitutionQuerySet, path: str) -> Combinable:
    """Return what to sort rows by in which the present readers may not know some of these
    institutions (`naming.shown_place`). `path` leads from a row to the institution."""
    knows_all = present_readers() is EVERY_NAME
    guarded = () if knows_all else institutions.filter(is_guarded=True)
    hidden = [When(**{path: one.pk}, then=Value(one.name)) for one in guarded if not one.is_named]
    return Case(*hidden, default=Value("")) if hidden else Value("")
