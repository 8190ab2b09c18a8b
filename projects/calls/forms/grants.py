"""Forms for a grant: terms, signature, instalments, reports and support."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.editing import EditingForm
from kernel.files import UploadField
from kernel.form_fields import CurrencyField, choose_from
from kernel.formats import LocalisedDecimalField
from kernel.personal import TextForm
from kernel.stamps import Stamped
from partners.forms import DAY, PastDay, long_text
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name
from projects.models import (
    Grant,
    GrantReport,
    GrantReportFile,
    Instalment,
    Project,
    SupportNote,
)
from projects.models.grant import REPORT_BYTES
from projects.permissions.institutions import coordinated_institutions


def amount_field(label: Any, **options: Any) -> LocalisedDecimalField:
    return LocalisedDecimalField(label=label, max_digits=14, decimal_places=2, **options)


class GrantForm(EditingForm):
    given = ("project",)

    institution = InstitutionChoice(label=_("Institution"), queryset=Institution.objects.none())
    amount = amount_field(_("Amount"))
    currency = CurrencyField()
    project_amount = amount_field(_("Amount in the project's currency"), required=False)

    class Meta:
        model = Grant
        fields = [
            "institution",
            "title",
            "language",
            "amount",
            "currency",
            "project_amount",
            "starts_on",
            "ends_on",
            "illustrative",
        ]
        widgets = {"starts_on": DAY, "ends_on": DAY}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, institution=by_name(coordinated_institutions(user)))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        amount = cleaned.get("amount")
        if self.instance.pk and amount is not None and amount < self.instance.planned:
            self.add_error("amount", _("The instalments planned so far add up to more."))
        return cleaned


class PrepareGrantForm(forms.Form):
    """The terms of a grant for an awarded proposal. Without an institution of the register the
    organisation is entered as a new one."""

    institution = InstitutionChoice(
        label=_("Institution"),
        queryset=Institution.objects.none(),
        required=False,
        help_text=_("Empty: the organisation is entered as a new institution."),
    )
    project_amount = amount_field(_("Amount in the project's currency"), required=False)
    starts_on = forms.DateField(label=_("Start"), widget=DAY)
    ends_on = forms.DateField(label=_("End"), widget=DAY)

    def __init__(self, *args: Any, user: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, institution=by_name(coordinated_institutions(user)))
        self.fields["project_amount"].help_text = project.currency

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", _("A grant ends after it starts."))
        return cleaned


class GrantSignatureForm(TextForm):
    reference = forms.CharField(label=_("Reference of the agreement"), max_length=100)
    on = PastDay(label=_("Signed on"))


class GrantStepForm(TextForm):
    on = PastDay(label=_("Date"))
    why = long_text(_("Reason"), 1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()


class InstalmentForm(EditingForm):
    given = ("grant",)
    amount = amount_field(_("Amount"))

    class Meta:
        model = Instalment
        fields = ["number", "due_on", "amount", "condition"]
        widgets = {"due_on": DAY}


class InstalmentPaymentForm(TextForm):
    on = PastDay(label=_("Paid on"))
    reference = forms.CharField(label=_("Reference of the payment"), max_length=100)
    settle_by = forms.DateField(
        label=_("To be settled by"),
        widget=DAY,
        required=False,
        help_text=_(
            "The day by which the grantee has sent its vouchers. Empty: no vouchers are asked for."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        on, settle_by = cleaned.get("on"), cleaned.get("settle_by")
        if on and settle_by and settle_by < on:
            self.add_error("settle_by", _("It cannot be settled before it is paid."))
        return cleaned


class GrantReportRequestForm(EditingForm):
    given = ("grant",)

    class Meta:
        model = GrantReport
        fields = ["due_on", "period_start", "period_end", "is_final"]
        widgets = {"due_on": DAY, "period_start": DAY, "period_end": DAY}


class GrantReportForm(Stamped, forms.Form):
    """The report of a grantee. If the coordination enters it, it says how and when it came."""

    narrative = long_text(_("What was done"), 10_000, rows=8)
    financial = long_text(_("What was spent"), 5_000, rows=5)
    upload = UploadField(
        label=_("File"),
        allowed=GrantReportFile.ACCEPTED,
        max_bytes=REPORT_BYTES,
        required=False,
    )
    no_victim_data = forms.BooleanField(
        label=_("Neither the texts nor the files contain data on victims, cases or allegations."),
        error_messages={"required": _("Confirm this before you submit.")},
    )

    def __init__(self, *args: Any, entered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if entered:
            self.fields["channel"] = forms.ChoiceField(
                label=_("Received by"), choices=Channel.entered()
            )
            self.fields["received_on"] = PastDay(label=_("Received on"))


class GrantReportReviewForm(TextForm):
    remark = long_text(_("Remark"), 2000, required=False)


class SupportNoteForm(EditingForm):
    given = ("grant",)

    class Meta:
        model = SupportNote
        fields = ["on", "kind", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        field_classes = {"on": PastDay}
