"""What a page says first after a refusal: every error, with the way to its field.

Each page begins with it (`templates/base.html`), and so does each form that is fetched as a part of
a page (`templates/bootstrap5/errors.html`). Nobody has to look for the field that was refused.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm, BaseFormSet
from django.utils.translation import gettext as _

from kernel.personal import GUARDED_NAME, PERSONAL_DATA

QUESTIONS = {PERSONAL_DATA, GUARDED_NAME}


class ErrorLine(NamedTuple):
    """One error: the label and the id of its field, both empty where it is about the whole form."""

    label: str
    target: str
    text: str


def forms_in(things: Iterable[Any]) -> Iterator[BaseForm]:
    """Return the forms among these things, in lists of them, and in what names its own as
    `all_forms`."""
    for thing in things:
        # Asked of the class: something lazy in the context is not to be fetched for this.
        if isinstance(getattr(type(thing), "all_forms", None), property):
            yield from thing.all_forms
        for each in thing if isinstance(thing, (list, tuple, BaseFormSet)) else [thing]:
            if isinstance(each, BaseForm):
                yield each


def error_lines(forms: Iterable[BaseForm]) -> list[ErrorLine]:
    """Return the errors of forms that were checked, each once on a page."""
    lines: list[ErrorLine] = []
    for form in forms:
        # Asking for `errors` would check a form that nobody sent.
        if form.__dict__.get("_errors") and not form.__dict__.get("is_summed_up"):
            form.__dict__["is_summed_up"] = True
            lines += _lines_of(form)
    return lines


def _lines_of(form: BaseForm) -> Iterator[ErrorLine]:
    name_of_form = str(getattr(form, "summary_label", ""))
    found = form.errors.as_data()
    # In the order of the fields on the page; what concerns the whole form comes last.
    for name in sorted(found, key=[*form.fields, NON_FIELD_ERRORS].index):
        errors = found[name]
        label = target = ""
        if name in form.fields and not form[name].is_hidden:
            label = str(form[name].label).rstrip(" .:")
            target = target_of(form, name)
        label = " · ".join(part for part in (name_of_form, label) if part)
        text = " ".join(
            message
            for error in errors
            for message in ([_asked(error.code)] if error.code in QUESTIONS else error.messages)
        )
        yield ErrorLine(label, target, text)


def _asked(code: str) -> str:
    """Return a sentence without the ticks, which are at the field."""
    if code == PERSONAL_DATA:
        return _("It may hold data about a person: tick that you have checked it.")
    return _("It holds a name that not everybody may know: choose what to do with it.")


def target_of(form: BaseForm, name: str) -> str:
    """Return the id of what a field can be filled in by: of several choices, of the first."""
    field = form[name]
    return field.id_for_label or f"{field.auto_id}_0"
