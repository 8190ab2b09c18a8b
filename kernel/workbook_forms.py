"""Forms to upload a workbook and to confirm its changes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from kernel.files import MEGABYTE, UploadField

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


class WorkbookField(UploadField):
    """Refuses with a sentence what Excel protected by a password: it is another kind of file, the
    same as that of Excel 2003."""

    def to_python(self, data: Any) -> Any:
        if data:
            data.seek(0)
            head = data.read(len(OLE))
            data.seek(0)
            if head == OLE:
                raise ValidationError(
                    _(
                        "This workbook is password-protected or in the old format: save "
                        "it without a password as .xlsx."
                    )
                )
        return super().to_python(data)


class WorkbookForm(forms.Form):
    file = WorkbookField(label=gettext_lazy("Workbook"), allowed=("xlsx",), max_bytes=5 * MEGABYTE)


class WorkbookConfirmForm(forms.Form):
    """`seen` is the fingerprint of the changes that were shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    take_conflicts = forms.BooleanField(
        label=gettext_lazy("If both changed a cell, use the one from the workbook"),
        required=False,
        help_text=gettext_lazy("Otherwise the one from the portal stays."),
    )
