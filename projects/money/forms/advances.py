"""Forms for advances, what is returned of them, and the vouchers that settle them."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.editing import EditingForm
from kernel.files import UploadsField
from kernel.form_fields import field_of
from kernel.personal import TextForm
from partners.forms import DAY, not_to_come
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name
from projects.models import Advance, AdvanceVoucher, AdvanceVoucherFile
from projects.money.forms.amounts import AmountField, CurrencyField

POSITIVE = {"min_value": _("An amount has to be more than zero.")}


class AdvanceForm(EditingForm):
    """What an instalment paid is not typed again: only its day of settlement."""

    given = ("project",)

    institution = InstitutionChoice(label=_("Institution"), queryset=Institution.objects.none())
    amount = AmountField(label=_("Amount paid"), min_value=0, error_messages=POSITIVE)
    currency = CurrencyField()

    class Meta:
        model = Advance
        fields = [
            "institution",
            "amount",
            "currency",
            "paid_on",
            "settle_by",
            "reference",
            "illustrative",
        ]
        widgets = {"paid_on": DAY, "settle_by": DAY}
        help_texts = {
            "settle_by": _("The day by which the institution has sent its vouchers."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        if self.instance.instalment_id:
            for name in ("institution", "amount", "currency", "paid_on", "reference"):
                del self.fields[name]
            return
        taking_part = Institution.objects.filter(participations__project=project).distinct()
        field_of(self, "institution", forms.ModelChoiceField).queryset = by_name(taking_part)
        if not self.instance.pk:
            self.initial["currency"] = project.currency

    def clean_paid_on(self) -> date:
        day: date = self.cleaned_data["paid_on"]
        return not_to_come(day)


class AdvanceReturnForm(TextForm):
    on = forms.DateField(label=_("Returned on"), widget=DAY, validators=[not_to_come])
    amount = AmountField(label=_("Amount"), min_value=0, error_messages=POSITIVE)
    reference = forms.CharField(label=_("Reference of the payment"), max_length=100)

    def __init__(self, *args: Any, advance: Advance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Amount (%(currency)s)") % {"currency": advance.currency}


class AdvanceVoucherForm(EditingForm):
    """A voucher in the currency of its advance. If finance enters it, it says how and when it came."""

    given = ("advance",)
    lock_first = "advance"

    amount = AmountField(label=_("Amount"), min_value=0, error_messages=POSITIVE)
    uploads = UploadsField(
        label=_("Scans or photographs"),
        allowed=AdvanceVoucherFile.ACCEPTED,
        max_bytes=AdvanceVoucherFile.MAX_BYTES,
        most=AdvanceVoucherFile.MOST,
    )

    class Meta:
        model = AdvanceVoucher
        fields = ["spent_on", "amount", "number", "description"]
        widgets = {"spent_on": DAY}

    def __init__(self, *args: Any, entered: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.instance.advance.currency
        self.fields["amount"].label = _("Amount (%(currency)s)") % {"currency": currency}
        self.fields["amount"].help_text = _(
            "In %(currency)s, as the advance. Convert what was paid in another currency, and attach "
            "the proof of the rate."
        ) % {"currency": currency}
        if self.instance.pk:
            self.fields["uploads"].required = False
            self.fields["uploads"].label = _("Further scans or photographs")
        if entered:
            self.fields["channel"] = forms.ChoiceField(
                label=_("Received by"), choices=Channel.entered()
            )
            self.fields["received_on"] = forms.DateField(
                label=_("Received on"), widget=DAY, validators=[not_to_come]
            )

    def clean_spent_on(self) -> date:
        day: date = self.cleaned_data["spent_on"]
        return not_to_come(day)


class AcceptVoucherForm(forms.Form):
    """The amount that the reader saw."""

    seen = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.HiddenInput)


class SendBackVoucherForm(TextForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is missing or wrong. The institution reads it."),
    )
