"""Fields of a form that its `__init__` fills in, known to the type checker by their kind."""

from typing import Any, TypeVar

from babel.numbers import is_currency
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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


class CurrencyField(forms.CharField):
    """The code of a currency in ISO 4217. It has no maximal length, with which a browser would cut
    a longer word to three letters that mean something else."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Currency"))
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"size": 4, "autocapitalize": "characters"})
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not is_currency(value):
            raise ValidationError(_("Use the three letters of the currency, such as CAD or HNL."))
