"""The form of a donor's Word template with its file."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from kernel.editing import EditingForm
from kernel.files import CheckedFile, UploadField
from kernel.form_fields import field_of
from reports.models import WordTemplate
from reports.services.filling import FillFailed, check_template


class WordTemplateForm(EditingForm):
    """A template that exists already may keep its file."""

    given = ("preset",)

    upload = UploadField(
        label=_("Word file"),
        allowed=WordTemplate.ACCEPTED,
        max_bytes=WordTemplate.MAX_BYTES,
    )

    class Meta:
        model = WordTemplate
        fields = ["name", "language"]
        help_texts = {
            "name": _("Name by which people who download the report recognise it."),
            "language": _("Empty: it is filled in every language."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        field_of(self, "language", forms.TypedChoiceField).choices = [
            ("", _("Every language")),
            *settings.LANGUAGES,
        ]
        if self.instance.pk:
            self.fields["upload"].required = False
            self.fields["upload"].label = _("Another Word file in its place")

    def clean_upload(self) -> CheckedFile | None:
        checked: CheckedFile | None = self.cleaned_data["upload"]
        if checked is None:
            return None
        try:
            check_template(checked.content)
        except FillFailed as refusal:
            raise ValidationError(refusal.sentences) from None
        return checked

    def save(self, commit: bool = True) -> Any:
        """Store the file with the row; if the row is refused, the file before stays."""
        if upload := self.cleaned_data["upload"]:
            self.instance.take_file(upload, by=self.by)
        return super().save(commit)
