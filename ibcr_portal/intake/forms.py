"""Forms to give a workbook or pasted rows, and to confirm what they would bring."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _, gettext_lazy

from ibcr_portal.intake.draft import Draft
from ibcr_portal.intake.file import MAX_PASTED, with_stars
from ibcr_portal.intake.sheets import SHEETS, columns_to_fill
from kernel.files import MEGABYTE
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.workbook_forms import WorkbookField
from projects.models import Project


class PastedField(forms.CharField):
    def __init__(self, key: str) -> None:
        super().__init__(
            label=next(sheet.name for sheet in SHEETS if sheet.key == key),
            required=False,
            strip=False,  # an empty first cell is a tab
            max_length=MAX_PASTED,
            widget=forms.Textarea(attrs={"rows": 4, "wrap": "off", "spellcheck": "false"}),
        )


class IntakeForm(TextForm):
    """A workbook, or rows of a spreadsheet for each sheet."""

    meant_for_persons = ("contacts", "seats")

    file = WorkbookField(
        label=gettext_lazy("Workbook"), allowed=("xlsx",), max_bytes=5 * MEGABYTE, required=False
    )
    institutions = PastedField("institutions")
    contacts = PastedField("contacts")
    seats = PastedField("seats")
    meetings = PastedField("meetings")
    decisions = PastedField("decisions")
    results = PastedField("results")
    indicators = PastedField("indicators")
    budget = PastedField("budget")

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, columns in columns_to_fill(project).items():
            names = " | ".join(column.label for column in with_stars(key, columns))
            field_of(self, key, forms.CharField).help_text = _("Columns: %(names)s") % {
                "names": names
            }

    @property
    def pasted_fields(self) -> list[forms.BoundField]:
        return [self[sheet.key] for sheet in SHEETS]

    @property
    def pasted(self) -> dict[str, str]:
        texts = {sheet.key: self.cleaned_data.get(sheet.key, "") for sheet in SHEETS}
        return {key: text for key, text in texts.items() if text.strip()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned.get("file") and self.pasted:
            raise ValidationError(
                _("Upload the workbook or paste rows, one after the other: not both at once.")
            )
        if not (cleaned.get("file") or self.pasted):
            raise ValidationError(_("Choose a workbook, or paste rows below."))
        return cleaned


class IntakeConfirmForm(forms.Form):
    """`seen` is the fingerprint of what was shown. Each question of the draft has a field, whose
    first answer is chosen before."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: QueryDict | None, *, draft: Draft) -> None:
        super().__init__(data, initial={"seen": draft.fingerprint})
        for question in draft.questions:
            self.fields[question.key] = forms.ChoiceField(
                label=question.sentence,
                choices=question.options,
                initial=question.options[0][0],
                widget=forms.RadioSelect,
                required=False,
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "seen"]

    @property
    def answers(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}
