"""Fields of a form that its `__init__` fills in, known to the type checker by their kind."""

from typing import TypeVar

from django import forms

Kind = TypeVar("Kind", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[Kind]) -> Kind:
    """Return a field of the form as what it is, to set what only fields of that kind have:

    field_of(self, "seat", forms.ModelChoiceField).queryset = committee.seats.all()

    Raises TypeError for a field of another kind.
    """
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} of {type(form).__name__} is no {kind.__name__}")
    return field
