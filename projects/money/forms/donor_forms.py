"""Forms for a donor's own Excel form, and for the period that it is filled for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy as _

from accounts.models import User
from kernel.editing import EditingForm
from kernel.files import CheckedFile, UploadField
from kernel.form_fields import choose_from
from projects.models import DonorForm, Period
from projects.money.services.donor_forms import FormRefused, check_form


class DonorFormForm(EditingForm):
    """A form that exists already may keep its file."""

    given = ("project",)

    upload = UploadField(
        label=_("Excel file"), allowed=DonorForm.ACCEPTED, max_bytes=DonorForm.MAX_BYTES
    )

    class Meta:
        model = DonorForm
        fields = ["name", "purpose", "language"]
        help_texts = {
            "language": _("The language of the form: names of categories and days are in it."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        if not self.instance.pk:
            self.initial.setdefault("language", get_language())
        if self.instance.pk:
            self.fields["upload"].required = False
            self.fields["upload"].label = _("Another Excel file in its place")

    def clean_upload(self) -> CheckedFile | None:
        checked: CheckedFile | None = self.cleaned_data["upload"]
        if checked is None:
            return None
        content = checked.content.read()
        checked.content.seek(0)
        try:
            check_form(self.instance.project, content)
        except FormRefused as refusal:
            raise ValidationError(refusal.sentences) from None
        return checked

    def save(self, commit: bool = True) -> Any:
        """Store the file with the row; if the row is refused, the file before stays."""
        if upload := self.cleaned_data["upload"]:
            self.instance.take_file(upload, by=self.by)
        return super().save(commit)


class FormPeriodForm(forms.Form):
    period = forms.ModelChoiceField(
        label=_("Period"),
        queryset=Period.objects.none(),
        required=False,
        empty_label=_("Since the beginning"),
    )

    def __init__(self, *args: Any, periods: QuerySet[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, period=periods)
