"""Forms for a project's books: expenditure, corrections, locks and the file to import."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.days import ORDERS, WrittenDay, written_day
from kernel.editing import EditingForm
from kernel.files import MEGABYTE, UploadField
from kernel.form_fields import field_of
from kernel.formats import day
from kernel.tables import plain
from partners.forms import DAY, not_to_come
from projects.models import (
    AccountingLock,
    BudgetCategory,
    Expenditure,
    ImportMapping,
    Period,
    Project,
    Result,
)
from projects.money.accounting_file import FIELDS, AccountingColumn
from projects.money.forms.budget import (
    AmountField,
    CurrencyField,
    RateField,
    fill_in_rate,
    table_select,
)


class ExpenditureFilterForm(forms.Form):
    q = forms.CharField(
        label=_("Voucher or description"), required=False, max_length=100, widget=forms.SearchInput
    )
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=BudgetCategory.objects.none(),
        required=False,
        empty_label=_("All"),
    )
    period = forms.ModelChoiceField(
        label=_("Period"), queryset=Period.objects.none(), required=False, empty_label=_("All")
    )
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    source = forms.ChoiceField(
        label=_("Source"),
        required=False,
        choices=[
            ("", _("All")),
            ("entered", _("Entered by hand")),
            ("imported", _("Imported")),
            ("corrections", _("Corrections")),
        ],
    )

    def __init__(
        self, *args: Any, project: Project, periods: QuerySet, currencies: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field_of(
            self, "category", forms.ModelChoiceField
        ).queryset = project.budget_categories.all()
        field_of(self, "period", forms.ModelChoiceField).queryset = periods
        field_of(self, "currency", forms.ChoiceField).choices = [
            ("", _("All")),
            *((one, one) for one in currencies),
        ]

    def narrow(self, rows: QuerySet[Expenditure]) -> QuerySet[Expenditure]:
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
        return rows.filter(sources.get(cleaned.get("source") or "", Q()))


class ExpenditureForm(EditingForm):
    given = ("project",)
    amount = AmountField(label=_("Amount"), help_text=_("Negative for a refund or a credit note."))
    currency = CurrencyField()
    rate = RateField(required=False, help_text=_("Empty: that of the project's table for the day."))

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
        widgets = {"spent_on": DAY}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project = self.instance.project
        field_of(
            self, "category", forms.ModelChoiceField
        ).queryset = project.budget_categories.all()
        field_of(self, "result", forms.ModelChoiceField).queryset = project.results.all()
        field_of(self, "activity", forms.ModelChoiceField).queryset = project.activities.all()
        if not self.instance.pk:
            self.initial.update({"currency": project.currency, "rate": None})

    def clean_spent_on(self) -> date:
        day: date = self.cleaned_data["spent_on"]
        return not_to_come(day)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        fill_in_rate(self, self.instance.project, cleaned.get("currency"), cleaned.get("spent_on"))
        return cleaned


class AdjustmentForm(forms.Form):
    """The right values of an expenditure; the portal enters the difference."""

    category = forms.ModelChoiceField(label=_("Category"), queryset=BudgetCategory.objects.none())
    result = forms.ModelChoiceField(
        label=_("Result"), queryset=Result.objects.none(), required=False
    )
    amount = AmountField(
        label=_("Right amount"), help_text=_("Zero where it should not have been entered at all.")
    )
    spent_on = forms.DateField(
        label=_("Date of the correction"),
        widget=DAY,
        help_text=_("A day in an open period."),
        validators=[not_to_come],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("No names of people, and nothing about victims."),
    )

    def __init__(self, *args: Any, original: Expenditure, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(
            self, "category", forms.ModelChoiceField
        ).queryset = original.project.budget_categories.all()
        field_of(self, "result", forms.ModelChoiceField).queryset = original.project.results.all()
        self.fields["amount"].label = _("Right amount (%(currency)s)") % {
            "currency": original.currency
        }


# Locks


class AccountingLockForm(forms.Form):
    starts_on = forms.DateField(label=_("From"), widget=DAY)
    ends_on = forms.DateField(label=_("To"), widget=DAY, validators=[not_to_come])

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("starts_on"), cleaned.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The last day comes after the first."))
        return cleaned


def suggested_lock_days(project: Project, locks: Iterable[AccountingLock]) -> dict[str, date]:
    """Suggests the next days to lock: from the day after the last lock to the end of last month."""
    ends = [lock.ends_on for lock in locks]
    start = max(ends) + timedelta(days=1) if ends else project.starts_on
    end = min(timezone.localdate().replace(day=1) - timedelta(days=1), project.current_end)
    return {"starts_on": start, "ends_on": max(start, end)}


class LiftLockForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("It stays with the lock, for the audit.")
    )


# The accounting system's file


class AccountingFileForm(forms.Form):
    file = UploadField(
        label=_("File of the accounting system"), allowed=("xlsx", "csv"), max_bytes=5 * MEGABYTE
    )


FIELD_LABELS = {
    "": _("not used"),
    "date": _("Date"),
    "amount": _("Amount"),
    "debit": _("Debit"),
    "credit": _("Credit"),
    "currency": _("Currency"),
    "rate": _("Rate"),
    "category": _("Category"),
    "result": _("Result"),
    "voucher": _("Voucher number"),
    "description": _("Description"),
}


class AccountingColumnsForm(forms.Form):
    """Assigns a field to each column of the file, and a currency to rows without one."""

    def __init__(
        self, *args: Any, columns: list[AccountingColumn], mapping: ImportMapping, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        choices = [(name, FIELD_LABELS[name]) for name in ("", *FIELDS)]
        for column in columns:
            self.fields[f"column_{column.place}"] = forms.ChoiceField(
                label=column.header,
                choices=choices,
                required=False,
                initial=column.field,
                widget=table_select(),
            )
        self.fields["currency"] = CurrencyField(
            label=_("Currency"),
            initial=mapping.currency or mapping.project.currency,
            help_text=_("Of rows that do not say theirs."),
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        used = [cleaned.get(f"column_{column.place}") for column in self.columns]
        for column in self.columns:
            name = cleaned.get(f"column_{column.place}")
            if name and used.count(name) > 1:
                self.add_error(
                    f"column_{column.place}", _("Two columns cannot hold the same: choose one.")
                )
        if "date" not in used or "category" not in used:
            raise ValidationError(_("Say which columns hold the date and the category."))
        if not {"amount", "debit"} & set(used):
            raise ValidationError(_("Say which column holds the amount, or the debit."))
        if "amount" in used and {"debit", "credit"} & set(used):
            raise ValidationError(_("Choose either the amount, or debit and credit."))
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Returns the answers for `ImportMapping.learn`."""
        fields = {
            plain(column.header): self.cleaned_data[f"column_{column.place}"]
            for column in self.columns
        }
        return {"columns": fields, "currency": self.cleaned_data["currency"]}


MAX_WORDS = 60


class ImportQuestionsForm(forms.Form):
    """Asks about a day and an amount that can be read in two ways, and about unknown words."""

    def __init__(
        self,
        *args: Any,
        project: Project,
        open_day: str,
        open_amount: str,
        categories: list[str],
        results: list[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words = {"category": categories[:MAX_WORDS], "result": results[:MAX_WORDS]}
        if open_day:
            written = written_day(open_day) or WrittenDay()
            self.fields["date_order"] = forms.ChoiceField(
                label=_("Which day is “%(text)s”?") % {"text": open_day},
                choices=[(order, day(written.on(order))) for order in ORDERS],
                widget=forms.RadioSelect,
            )
        if open_amount:
            self.fields["decimal_mark"] = forms.ChoiceField(
                label=_("Which sign comes before the cents? The file says “%(text)s”.")
                % {"text": open_amount},
                choices=[(".", _("a point: 1,234.50")), (",", _("a comma: 1.234,50"))],
                widget=forms.RadioSelect,
            )
        self._add_word_fields(project)

    def _add_word_fields(self, project: Project) -> None:
        categories = [(one.pk, str(one)) for one in project.budget_categories.all()]
        for n, word in enumerate(self.words["category"]):
            self.fields[f"category_{n}"] = forms.TypedChoiceField(
                label=_("Which category is “%(text)s”?") % {"text": word},
                choices=[("", "–"), *categories],
                coerce=int,
            )
        asks_results = bool(self.words["result"])
        results = [(one.pk, str(one)) for one in project.results.all()] if asks_results else []
        for n, word in enumerate(self.words["result"]):
            self.fields[f"result_{n}"] = forms.TypedChoiceField(
                label=_("Which result is “%(text)s”?") % {"text": word},
                choices=[("", _("none of them")), *results],
                required=False,
                coerce=int,
                empty_value=None,
            )

    def answers(self, mapping: ImportMapping) -> dict[str, Any]:
        """Returns the earlier and the new answers for `ImportMapping.learn`."""
        cleaned = self.cleaned_data
        answered: dict[str, Any] = {
            name: cleaned[name] for name in ("date_order", "decimal_mark") if name in cleaned
        }
        for name, kept in (("category", mapping.categories), ("result", mapping.results)):
            chosen = {
                plain(word): cleaned[f"{name}_{n}"] for n, word in enumerate(self.words[name])
            }
            answered["categories" if name == "category" else "results"] = kept | chosen
        return answered


class ImportConfirmForm(forms.Form):
    """Confirms an import. `seen`: the fingerprint of what was shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    enter_locked = forms.BooleanField(
        label=_("Enter rows of locked periods as corrections"),
        required=False,
        help_text=_("Else they are left out. The day that they concern stays with them."),
    )
    locked_on = forms.DateField(
        label=_("Date of these corrections"),
        widget=DAY,
        required=False,
        validators=[not_to_come],
    )

    def __init__(self, *args: Any, locked: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not locked:
            del self.fields["enter_locked"], self.fields["locked_on"]
        else:
            self.fields["locked_on"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("enter_locked") and not cleaned.get("locked_on"):
            self.add_error("locked_on", _("Say on which day of an open period they are entered."))
        return cleaned

    @property
    def day_of_corrections(self) -> date | None:
        """The day on which rows of locked periods are entered; None where they are left out."""
        cleaned = self.cleaned_data
        return cleaned.get("locked_on") if cleaned.get("enter_locked") else None
