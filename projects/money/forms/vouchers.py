"""Forms for the approval of a voucher and for its scans."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.files import UploadsField
from kernel.personal import TextForm
from partners.forms import long_text
from projects.models import VoucherScan


class SeenForm(forms.Form):
    """What the approver saw (`Expenditure.approval_mark`)."""

    mark = forms.CharField(max_length=200, widget=forms.HiddenInput)


class ReturnVoucherForm(TextForm):
    reason = long_text(
        _("Reason"),
        1000,
        help_text=_("What is missing or wrong. No names of people, and nothing about victims."),
    )
    mark = forms.CharField(max_length=200, widget=forms.HiddenInput)


class VoucherScansForm(forms.Form):
    uploads = UploadsField(
        label=_("Scans or photographs"),
        allowed=VoucherScan.ACCEPTED,
        max_bytes=VoucherScan.MAX_BYTES,
        most=10,
    )
