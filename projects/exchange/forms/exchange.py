"""What is given and confirmed to exchange projects as IATI files."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.files import UploadField
from projects.iati.safe_xml import MAX_BYTES


class IatiFileForm(forms.Form):
    file = UploadField(label=_("IATI activity file"), allowed=("xml",), max_bytes=MAX_BYTES)


class SeenVersionForm(forms.Form):
    """`seen`: the fingerprint of what was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
