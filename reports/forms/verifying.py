"""Forms to check a document by its code or by the file itself."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.formats import file_size
from kernel.hashing_upload import PassedFile


class VerifyCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_(
            "On the cover of a report, on the last page of other documents, such as 7F3A-91C2-D04E."
        ),
    )

    def clean_code(self) -> str:
        """Return the code as it is printed, however people type it: in small letters, with
        blanks."""
        letters = "".join(sign for sign in self.cleaned_data["code"] if sign.isalnum()).upper()
        if len(letters) != 12:
            raise forms.ValidationError(
                _("A code has twelve letters and digits in three groups. Check what you typed.")
            )
        return "-".join(letters[start : start + 4] for start in (0, 4, 8))


class VerifyFileForm(forms.Form):
    """A file to be checked. It may be of any kind, since somebody may have altered it."""

    MAX_BYTES = 50_000_000

    file = forms.FileField(
        label=_("The file"),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
        error_messages={
            "required": _("Choose the file that you want to check."),
            "empty": _("This file is empty; choose another one."),
        },
    )

    def clean_file(self) -> PassedFile:
        file: PassedFile = self.cleaned_data["file"]
        size = file.size or 0  # the upload handler has counted the bytes
        if size > self.MAX_BYTES:
            raise forms.ValidationError(self.too_large(size))
        return file

    @classmethod
    def too_large(cls, size: int) -> str:
        sentence = _(
            "This file has %(size)s, more than any document of this portal; the limit is "
            "%(limit)s. Check its code instead."
        )
        return sentence % {"size": file_size(size), "limit": file_size(cls.MAX_BYTES)}
