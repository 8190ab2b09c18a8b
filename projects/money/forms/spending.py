"""Forms for a project's books: expenditure, corrections, locks, and advances with what settles them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.editing import EditingForm
from kernel.files import UploadsField
from kernel.form_fields import CurrencyField, choose_from, field_of
from kernel.personal import TextForm
from partners.forms import DAY, PastDay, long_text, search_box
from partners.models import Institution
from projects.forms import InstitutionChoice, by_name
from projects.models import (
    AccountingLock,
    Advance,
    AdvanceVoucher,
    AdvanceVoucherFile,
    BudgetCategory,
    Expenditure,
    Period,
    Project,
    Result,
)
from projects.models.expenditure import ExpenditureQuerySet
from projects.money.forms.spending_import import AmountField, RateField, fill_in_rate


class ExpenditureFilterForm(forms.Form):
    q = search_box(_("Voucher or description"))
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=BudgetCategory.objects.none(),
        required=False,
        empty_label=_("Any"),
    )
    period = forms.ModelChoiceField(
        label=_("Period"), queryset=Period.objects.none(), required=False, empty_label=_("Any")
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        choices=[
            ("", _("Any")),
            ("entered", _("Entered by hand")),
            ("imported", _("Imported")),
            ("corrections", _("Corrections")),
        ],
    )
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any")),
            *Expenditure.Status.choices,
            ("without_scan", _("Without scan")),
        ],
    )

    def __init__(
        self, *args: Any, project: Project, periods: QuerySet, currencies: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, category=project.budget_categories.all(), period=periods)
        field_of(self, "currency", forms.ChoiceField).choices = [
            ("", _("Any")),
            *((one, one) for one in currencies),
        ]

    def narrow(self, rows: ExpenditureQuerySet) -> ExpenditureQuerySet:
        """Returns the rows that match the filter; an invalid field filters nothing."""
        self.is_valid()
        cleaned = self.cleaned_data
        if text := cleaned.get("q"):
            rows = rows.filter(Q(voucher__icontains=text) | Q(description__icontains=text))
        if category := cleaned.get("category"):
            rows = rows.filter(category=category)
        if period := cleaned.get("period"):
            rows = rows.filter(spent_on__range=(period.start, period.end))
        if currency := cleaned.get("currency"):
            rows = rows.filter(currency=currency)
        sources = {
            "entered": Q(batch=None, adjusts=None),
            "imported": Q(batch__isnull=False),
            "corrections": Q(adjusts__isnull=False) | Q(concerns_on__isnull=False),
        }
        rows = rows.filter(sources.get(cleaned.get("source") or "", Q()))
        state = cleaned.get("state")
        if state == "without_scan":
            return rows.without_scan()
        return rows.filter(status=state) if state else rows


class ExpenditureForm(EditingForm):
    given = ("project",)
    amount = AmountField(label=_("Amount"), help_text=_("Negative for a refund or a credit note."))
    currency = CurrencyField()
    rate = RateField(
        required=False, help_text=_("Empty: the rate for that day in the project's table.")
    )

    class Meta:
        model = Expenditure
        fields = [
            "spent_on",
            "category",
            "result",
            "activity",
            "amount",
            "currency",
            "rate",
            "voucher",
            "description",
            "illustrative",
        ]
        field_classes = {"spent_on": PastDay}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        choose_from(
            self,
            category=project.budget_categories.all(),
            result=project.results.all(),
            activity=project.activities.all(),
        )
        if not self.instance.pk:
            self.initial.update({"currency": project.currency, "rate": None})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        fill_in_rate(self, self.instance.project, cleaned.get("currency"), cleaned.get("spent_on"))
        return cleaned


class AdjustmentForm(TextForm):
    """The right values of an expenditure; the portal enters the difference."""

    category = forms.ModelChoiceField(label=_("Category"), queryset=BudgetCategory.objects.none())
    result = forms.ModelChoiceField(
        label=_("Result"), queryset=Result.objects.none(), required=False
    )
    amount = AmountField(
        label=_("Correct amount"), help_text=_("Zero if it should not have been entered at all.")
    )
    spent_on = PastDay(
        label=_("Date of the correction"),
        help_text=_("A day in an open period."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("No names of people, and nothing about victims."),
    )

    def __init__(self, *args: Any, original: Expenditure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(
            self,
            category=original.project.budget_categories.all(),
            result=original.project.results.all(),
        )
        self.fields["amount"].label = _("Correct amount (%(currency)s)") % {
            "currency": original.currency
        }


# --- Locks ---


class AccountingLockForm(forms.Form):
    starts_on = forms.DateField(label=_("From"), widget=DAY)
    ends_on = PastDay(label=_("To"))

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The last day has to come after the first."))
        return cleaned


def suggested_lock_days(project: Project, locks: Iterable[AccountingLock]) -> dict[str, date]:
    """Suggests the next days to lock: from the day after the last lock to the end of last month."""
    ends = [lock.ends_on for lock in locks]
    start = max(ends) + timedelta(days=1) if ends else project.starts_on
    end = min(timezone.localdate().replace(day=1) - timedelta(days=1), project.current_end)
    return {"starts_on": start, "ends_on": max(start, end)}


class LiftLockForm(TextForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("It is kept with the lock, for the audit.")
    )


# --- Advances ---

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
        widgets = {"settle_by": DAY}
        field_classes = {"paid_on": PastDay}
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
        choose_from(self, institution=by_name(taking_part))
        if not self.instance.pk:
            self.initial["currency"] = project.currency


class AdvanceReturnForm(TextForm):
    on = PastDay(label=_("Returned on"))
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
        field_classes = {"spent_on": PastDay}

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
            self.fields["received_on"] = PastDay(label=_("Received on"))


class AcceptVoucherForm(forms.Form):
    """The amount that the reader saw."""

    seen = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.HiddenInput)


class SendBackVoucherForm(TextForm):
    reason = long_text(
        _("Reason"), 1000, help_text=_("What is missing or wrong. The institution reads it.")
    )
