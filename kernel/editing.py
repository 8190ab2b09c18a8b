"""Forms over rows that several people edit, in three languages.

`EditingForm` shows a name in three languages as one field in French, with the translations folded
below it.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.template import Context
from django.utils.translation import gettext_lazy as _

from kernel.stamps import StampedForm
from kernel.text import LANGUAGES, SOURCE, Multilingual


class Translations(Div):
    """The fields of the other languages, folded unless one of them needs attention."""

    template = "components/translations.html"

    def render(self, form: forms.Form, context: Context, *args: Any, **kwargs: Any) -> str:
        names = [pointer.name for pointer in self.get_field_names()]
        self.is_open = any(
            name.startswith("fits_") or (form.is_bound and form.has_error(name)) for name in names
        )
        html: str = super().render(form, context, *args, **kwargs)
        return html


class EditingForm(StampedForm):
    """A form over one row; render it by `{% crispy form %}`.

    `given` lists fields that the page sets and the form does not show; constraints are checked with
    them nevertheless.
    """

    given: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.translated = self._translated_names()
        self.stale = self._stale()
        for name in self.translated:
            self._describe(name)

    @property
    def helper(self) -> FormHelper:
        """Made when the form is shown, since subclasses may remove fields before."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*self._layout())
        return helper

    def save_or_explain(self) -> bool:
        """Save, and return False with an error if an identical form was saved at the same moment.

        Validation saw no conflict then, but the database did.
        """
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error(None, _("Somebody saved the same at this moment. Reload the page."))
            return False
        return True

    def save(self, commit: bool = True) -> Any:
        if isinstance(self.instance, Multilingual):
            self.instance.note_translations(self.changed_data)
            for name, language in self.stale:
                if self.cleaned_data.get(f"fits_{name}_{language}"):
                    self.instance.mark_translated(language, name)
        return super().save(commit)

    def _get_validation_exclusions(self) -> set[str]:
        # The stubs leave out what Django keeps private, here and below.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - set(self.given)

    def _update_errors(self, errors: ValidationError) -> None:
        """Show errors of fields that this form does not have above the form."""
        if hasattr(errors, "error_dict"):
            unseen = [name for name in errors.error_dict if name not in self.fields]
            for name in unseen:
                messages = errors.error_dict.pop(name)
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(messages)
        super()._update_errors(errors)  # type: ignore[misc]

    def _translated_names(self) -> list[str]:
        if not isinstance(self.instance, Multilingual):
            return []
        names = type(self.instance).translated_names()
        return [name for name in names if f"{name}_{SOURCE}" in self.fields]

    def _stale(self) -> list[tuple[str, str]]:
        if not (self.translated and self.instance.pk):
            return []
        return [
            (name, language)
            for name, language in self.instance.stale_translations
            if f"{name}_{language}" in self.fields
        ]

    def _describe(self, name: str) -> None:
        for language in LANGUAGES:
            if field := self.fields.get(f"{name}_{language}"):
                field.widget.attrs["lang"] = language
                if (
                    field.widget.attrs.get("rows") == "10"
                ):  # Django's default takes too much of a page
                    field.widget.attrs["rows"] = 4
        for stale_name, language in self.stale:
            if stale_name == name:
                column = f"{name}_{language}"
                self.fields[column].help_text = _("The French text has changed since: check this.")
                self.fields[f"fits_{column}"] = forms.BooleanField(
                    label=_("This translation still fits."), required=False
                )

    def _layout(self) -> Iterable[Any]:
        """Yield the fields in order, with the translations of a name below its French field."""
        translated = {f"{name}_{language}" for name in self.translated for language in LANGUAGES}
        for field in list(self.fields):
            name = field.removesuffix(f"_{SOURCE}")
            if field.startswith("fits_"):
                continue
            if field not in translated:
                yield field
            elif field.endswith(f"_{SOURCE}") and name in self.translated:
                yield field
                yield self._translations_of(name)

    def _translations_of(self, name: str) -> Translations:
        columns = [f"{name}_{language}" for language in LANGUAGES if language != SOURCE]
        shown = [each for column in columns for each in (column, f"fits_{column}")]
        return Translations(*(each for each in shown if each in self.fields))
