"""Forms over rows that several people edit, in several languages.

`EditingForm` asks for a name in one language, whichever it is. The first box is in the reader's
language, if the place works in it, and the boxes of the others are folded below it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from kernel.languages import (
    LANGUAGES,
    present_place,
    say_empty,
    working_languages,
    writing_order,
)
from kernel.stamps import StampedForm
from kernel.text import Multilingual, StrOrPromise, is_required, translated_names

# What only a demonstration asks for: what of it is invented, and where the rest comes from.
OF_DEMONSTRATION = ("illustrative", "groups_illustrative", "source_note_")


@dataclass(frozen=True)
class Boxes:
    """The boxes of one name: the first with its question, and the folded ones."""

    shown: list[forms.BoundField]
    folded: list[forms.BoundField]
    is_open: bool

    @property
    def all(self) -> list[forms.BoundField]:
        return self.shown + self.folded


class InLanguages:
    """The boxes of a name in the layout of a form."""

    def __init__(self, name: str, fields: list[str]) -> None:
        self.name, self.fields = name, fields

    def render(
        self, form: "EditingForm", context: Context, *args: Any, **kwargs: Any
    ) -> SafeString:
        values = {"boxes": form.in_languages[self.name]}
        return render_to_string("components/in_languages.html", values)


class Folded(Div):
    """What can wait, folded in the layout of a form; open where something in it is wrong."""

    template = "components/folded.html"

    def __init__(self, *fields: Any, is_open: bool) -> None:
        super().__init__(*fields)
        self.is_open = is_open


class EditingForm(StampedForm):
    """A form over one row; render it by `{% crispy form %}`, or a name in a template of one's own by
    `{% include "components/in_languages.html" with boxes=form.in_languages.title only %}`.

    `given` lists fields that the page sets and the form does not show; constraints are checked with
    them nevertheless. `hints` are help texts of names in several languages.
    """

    given: ClassVar[tuple[str, ...]] = ()
    hints: ClassVar[dict[str, StrOrPromise]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not getattr(present_place(), "demonstration", False):
            for name in [each for each in self.fields if each.startswith(OF_DEMONSTRATION)]:
                del self.fields[name]
        self.translated = self._translated_names()
        self.boxes = {name: self._arrange(name) for name in self.translated}
        self._bring_boxes_together()
        self.stale = self._stale()
        for name in self.translated:
            self._describe(name)

    def first_box(self, name: str) -> forms.Field:
        """Return the field that is asked first; if it is required, a text in any language is."""
        return self.fields[self.boxes[name][0]]

    def leave_out(self, name: str) -> None:
        """Do not ask for the name, in any language."""
        for box in self.boxes.pop(name):
            del self.fields[box]
        self.translated.remove(name)

    @property
    def helper(self) -> FormHelper:
        """Made when the form is shown, since subclasses may remove fields before."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*self._layout())
        return helper

    @property
    def in_languages(self) -> dict[str, Boxes]:
        return {name: self._boxes(name) for name in self.translated}

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name, boxes in self.boxes.items():
            is_empty = not any((self.cleaned_data.get(box) or "").strip() for box in boxes)
            if is_empty and self.first_box(name).required and not self._has_error_in(boxes):
                self.add_error(boxes[0], say_empty())
        return self.cleaned_data

    def note_translations(self) -> None:
        """Note in the row what was written in which language, and which translations still fit."""
        if not isinstance(self.instance, Multilingual):
            return
        self.instance.note_translations(self.changed_data)
        for name, language in self.stale:
            if self.cleaned_data.get(f"fits_{name}_{language}"):
                self.instance.mark_translated(language, name)

    def save_or_explain(self) -> bool:
        """Save, and return False with an error if an identical form was saved at the same moment.

        Validation saw no conflict then, but the database did.
        """
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self.add_error(
                None, _("Somebody saved the same thing at this moment. Reload the page.")
            )
            return False
        return True

    def save(self, commit: bool = True) -> Any:
        self.note_translations()
        return super().save(commit)

    # Validation. The stubs leave out what Django keeps private, here and below.

    def _clean_fields(self) -> None:
        """A box that is required asks for a text in any language (`clean`)."""
        required = [field for name in self.boxes if (field := self.first_box(name)).required]
        for field in required:
            field.required = False
        try:
            super()._clean_fields()
        finally:
            for field in required:
                field.required = True

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        for boxes in self.boxes.values():
            if self._has_error_in(boxes):  # the row does not know what was typed there
                excluded.update(boxes)
        return excluded - set(self.given)

    def _update_errors(self, errors: ValidationError) -> None:
        """Show errors of fields that this form does not have above the form."""
        if hasattr(errors, "error_dict"):
            unseen = [name for name in errors.error_dict if name not in self.fields]
            for name in unseen:
                messages = errors.error_dict.pop(name)
                errors.error_dict.setdefault(NON_FIELD_ERRORS, []).extend(messages)
        super()._update_errors(errors)  # type: ignore[misc]

    def _has_error_in(self, boxes: list[str]) -> bool:
        return any(box in self.errors for box in boxes)

    # Boxes

    def _translated_names(self) -> list[str]:
        names = translated_names(type(self.instance))
        return [
            name for name in names if any(f"{name}_{each}" in self.fields for each in LANGUAGES)
        ]

    def _arrange(self, name: str) -> list[str]:
        """Return the boxes in order, and remove those of other languages that hold nothing."""
        there = {
            each: f"{name}_{each}" for each in writing_order() if f"{name}_{each}" in self.fields
        }
        first, working = next(iter(there)), working_languages()
        for language, box in list(there.items()):
            if language not in (first, *working) and not self.initial.get(box):
                del self.fields[box], there[language]
        boxes = list(there.values())
        for box in boxes:
            self.fields[box].required = box == boxes[0] and is_required(type(self.instance), name)
        if len(boxes) == 1:
            label = getattr(type(self.instance), name)._field.verbose_name or name
            self.fields[boxes[0]].label = capfirst(str(label))
        return boxes

    def _bring_boxes_together(self) -> None:
        name_of = {box: name for name, boxes in self.boxes.items() for box in boxes}
        order: list[str] = []
        for field in self.fields:
            order += self.boxes.get(name_of.get(field, ""), [field])
        self.order_fields(list(dict.fromkeys(order)))

    def _stale(self) -> list[tuple[str, str]]:
        if not isinstance(self.instance, Multilingual) or self.instance.pk is None:
            return []
        return [
            (name, language)
            for name, language in self.instance.stale_translations
            if f"{name}_{language}" in self.fields
        ]

    def _describe(self, name: str) -> None:
        for box in self.boxes[name]:
            field = self.fields[box]
            field.widget.attrs["lang"] = box[-2:]
            if field.widget.attrs.get("rows") == "10":  # Django's default takes too much of a page
                field.widget.attrs["rows"] = 4
            if box != self.boxes[name][0]:
                field.help_text = ""
            elif name in self.hints:
                field.help_text = self.hints[name]
        for language in [language for stale, language in self.stale if stale == name]:
            column = f"{name}_{language}"
            self.fields[column].help_text = gettext(
                "The text in %(language)s has changed since: check this."
            ) % {"language": LANGUAGES[self.instance.origin_of(name)]}
            self.fields[f"fits_{column}"] = forms.BooleanField(
                label=_("This translation is still correct."), required=False
            )

    def _boxes(self, name: str) -> Boxes:
        names = [each for box in self.boxes[name] for each in (box, f"fits_{box}")]
        fields = [self[each] for each in names if each in self.fields]
        number = 2 if fields[1:] and fields[1].name.startswith("fits_") else 1
        shown, folded = fields[:number], fields[number:]
        needs_attention = any(
            field.name.startswith("fits_") or (self.is_bound and self.has_error(field.name))
            for field in folded
        )
        # A text that the page shows is not hidden from whoever wants to correct it.
        is_elsewhere = not shown[0].value() and any(field.value() for field in folded)
        return Boxes(shown, folded, needs_attention or is_elsewhere)

    def _layout(self) -> Iterable[Any]:
        """Yield the fields in order, and the boxes of a name together."""
        name_of = {box: name for name, boxes in self.boxes.items() for box in boxes}
        names: dict[str, None] = {}
        for field in self.fields:
            if field.startswith("fits_"):
                continue
            name = name_of.get(field)
            if name is None:
                yield field
            elif name not in names:
                names[name] = None
                yield InLanguages(name, self.boxes[name])
