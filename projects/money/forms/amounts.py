"""Fields for amounts, currencies and rates, which the forms of budget and books share."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from kernel.formats import LocalisedDecimalField
from projects.models import Project
from projects.models.spending import CURRENCY
from projects.money.services.spending import rate_on


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


class CurrencyField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Currency"))
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"size": 4, "autocapitalize": "characters"})
        )
        super().__init__(max_length=3, validators=[CURRENCY], **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").strip().upper()


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
