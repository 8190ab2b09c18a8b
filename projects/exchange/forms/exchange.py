"""Forms to upload an IATI file, and to confirm what was shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.files import UploadField
from projects.iati.safe_xml import MAX_BYTES


class IatiFileForm(forms.Form):
    file = UploadField(label=_("IATI activity file"), allowed=("xml",), max_bytes=MAX_BYTES)


class SeenVersionForm(forms.Form):
    """Confirms what was shown. `seen`: its fingerprint."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
