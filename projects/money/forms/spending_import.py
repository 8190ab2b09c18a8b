"""Fields for amounts, currencies and rates, which the forms of budget and books share, and the forms to
import the file of the accounting system."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from kernel.days import ORDERS, WrittenDay, written_day
from kernel.files import MEGABYTE, UploadField
from kernel.form_fields import CurrencyField
from kernel.formats import LocalisedDecimalField, day
from kernel.tables import plain
from partners.forms import PastDay
from projects.models import ImportMapping, Project
from projects.money.accounting_file import FIELDS, AccountingColumn
from projects.money.services.spending import rate_on

# --- Fields ---


class AmountField(LocalisedDecimalField):
    """An amount of money with two decimals at most."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        kwargs["error_messages"] = {
            "max_decimal_places": _("An amount has at most two decimals: round it to cents."),
            "max_digits": _("This amount is too large: check its digits."),
            "max_whole_digits": _("This amount is too large: check its digits."),
            "min_value": _("An amount cannot be negative."),
        } | kwargs.get("error_messages", {})
        super().__init__(**kwargs)


class RateField(LocalisedDecimalField):
    """The worth of one unit of a currency in the project's."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Rate"))
        kwargs["error_messages"] = {
            "max_decimal_places": _("A rate has at most eight decimals."),
            "max_digits": _("This rate is too large: check its digits."),
            "max_whole_digits": _("This rate is too large: check its digits."),
        }
        super().__init__(max_digits=18, decimal_places=8, **kwargs)


def fill_in_rate(
    form: forms.BaseForm, project: Project, currency: str | None, on: date | None
) -> None:
    """Fills an empty rate with that of the project's table for the day, or asks for it."""
    if not currency or not on or "rate" in form.errors:
        return
    if currency == project.currency:
        form.cleaned_data["rate"] = Decimal(1)
    elif form.cleaned_data.get("rate") is None:
        rate = rate_on(project, currency, on)
        if rate is None:
            form.add_error(
                "rate",
                gettext(
                    "There is no rate of %(currency)s for this day: enter it here, or under Rates."
                )
                % {"currency": currency},
            )
        form.cleaned_data["rate"] = rate


# Fields in tables are rendered without crispy forms, which would add these classes.


def amount_input() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control"})


def table_select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


# --- The import ---


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
            help_text=_("For rows that do not state their own."),
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        used = [cleaned.get(f"column_{column.place}") for column in self.columns]
        for column in self.columns:
            name = cleaned.get(f"column_{column.place}")
            if name and used.count(name) > 1:
                self.add_error(
                    f"column_{column.place}",
                    _("Two columns cannot contain the same thing: choose one."),
                )
        if "date" not in used or "category" not in used:
            raise ValidationError(_("Say which columns contain the date and the category."))
        if not {"amount", "debit"} & set(used):
            raise ValidationError(_("Say which column contains the amount, or the debit."))
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
        help_text=_("Otherwise they are left out. The day that they concern is kept with them."),
    )
    locked_on = PastDay(
        label=_("Date of these corrections"),
        required=False,
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
