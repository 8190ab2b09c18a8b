"""Fields of a form that its `__init__` fills in, known to the type checker by their kind."""

from typing import Any, TypeVar

from django import forms
from django.db.models import QuerySet

Kind = TypeVar("Kind", bound=forms.Field)


def choose_from(form: forms.BaseForm, **rows: QuerySet[Any]) -> None:
    """Say from which rows the fields of these names choose."""
    for name, found in rows.items():
        field_of(form, name, forms.ModelChoiceField).queryset = found


def field_of(form: forms.BaseForm, name: str, kind: type[Kind]) -> Kind:
    """Return a field of the form as what it is, to set what only fields of that kind have:

    field_of(self, "seat", forms.ModelChoiceField).queryset = committee.seats.all()

    Raises TypeError for a field of another kind.
    """
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} of {type(form).__name__} is no {kind.__name__}")
    return field


def show_instead(form: forms.BaseForm, name: str, value: str) -> None:
    """Let a form that is shown again hold another value than the one that was sent."""
    if isinstance(form.data, dict):  # as a QueryDict is: its copy can be written to
        data = form.data.copy()
        data[form.add_prefix(name)] = value
        form.data = data
