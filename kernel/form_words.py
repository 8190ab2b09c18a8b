"""What a form says about a field that was left empty, is too long, or whose value is taken: what to do.
Django says only what is wrong. A field that knows better says so itself (`error_messages`)."""

from typing import TYPE_CHECKING

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise  # kernel.text has it, but is loaded later

FILL_IN = _("Fill in this field.")
CHOOSE_SOME = _("Choose at least one.")

EMPTY: "dict[type[forms.Field], StrOrPromise]" = {
    forms.Field: FILL_IN,
    forms.BooleanField: _("Tick this box."),
    forms.ChoiceField: _("Choose one of these."),
    forms.MultipleChoiceField: CHOOSE_SOME,
    forms.ModelMultipleChoiceField: CHOOSE_SOME,
    forms.FileField: _("Choose a file."),
}
STORED: "dict[str, StrOrPromise]" = {
    "blank": FILL_IN,
    "null": FILL_IN,
    "unique": _("This is already taken: write another one."),
}
# Django's Spanish says “less than”, where as many are allowed.
TOO_LONG = ngettext_lazy(
    "Write at most %(limit_value)d character: this has %(show_value)d.",
    "Write at most %(limit_value)d characters: this has %(show_value)d.",
    "limit_value",
)


def say_what_to_do() -> None:
    """Once, before the first form is loaded: each field takes the words of its class."""
    for kind, words in EMPTY.items():
        own = vars(kind).get("default_error_messages", {})
        kind.default_error_messages = own | {"required": words}
    models.Field.default_error_messages = models.Field.default_error_messages | STORED
    MaxLengthValidator.message = TOO_LONG
