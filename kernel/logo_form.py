"""Forms with a logo that can be uploaded, replaced and removed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.files import MEGABYTE, PICTURES, CheckedFile, UploadField
from kernel.logos import small_logo


class LogoForm(EditingForm):
    """`new_logo` is cleaned to the picture as it is stored, and its hash."""

    new_logo = UploadField(
        label=_("Logo"),
        allowed=PICTURES,
        max_bytes=2 * MEGABYTE,
        required=False,
    )
    no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def clean_new_logo(self) -> tuple[bytes, str] | None:
        checked: CheckedFile | None = self.cleaned_data["new_logo"]
        return self.fitted(checked) if checked else None

    def fitted(self, checked: CheckedFile) -> tuple[bytes, str]:
        """Return the picture in the size in which it is needed."""
        return small_logo(checked)
