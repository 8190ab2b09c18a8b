"""Forms for a project's budget, its categories, exchange rates and contributions."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.editing import EditingForm
from kernel.form_fields import CurrencyField, choose_from, show_instead
from kernel.personal import TextForm
from kernel.text import active_language
from partners.forms import DAY, PastDay
from projects.forms import in_languages
from projects.models import (
    Amendment,
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetLine,
    Contribution,
    ExchangeRate,
    Participation,
    Period,
    Project,
    Result,
)
from projects.money.forms.spending_import import (
    AmountField,
    RateField,
    amount_input,
    fill_in_rate,
    table_select,
)
from projects.money.services.budget import BudgetLineKey, RevisionGrounds

EXTRA_ROWS = 3


# --- The budget ---


class BudgetPeriodFilterForm(forms.Form):
    """Chooses the period of the figures; without one they are of all periods until today."""

    period = forms.ModelChoiceField(
        label=_("Period"),
        queryset=Period.objects.none(),
        required=False,
        empty_label=_("All, until today"),
    )

    def __init__(self, *args: Any, periods: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, period=periods)


class BudgetSettingsForm(EditingForm):
    approval_above = AmountField(
        label=_("Approval by a second person above"),
        required=False,
        min_value=0,
    )

    class Meta:
        model = Budget
        fields = ["threshold", "tolerance", "approval_above"]

    def __init__(self, *args: Any, sets_approval: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["approval_above"]
        field.label = f"{field.label} ({self.instance.project.currency})"
        field.help_text = Budget._meta.get_field("approval_above").help_text
        if not sets_approval:
            field.disabled = True
            field.help_text = _("Only the coordination and administrators change this amount.")


class BudgetApprovalForm(forms.Form):
    on = PastDay(label=_("Approved on"))


class BudgetCategoryForm(EditingForm):
    given = ("project",)

    class Meta:
        model = BudgetCategory
        fields = ["code", *in_languages("name"), "position", "is_passed_on"]


class BudgetCommentForm(EditingForm):
    given = ("category", "period")

    class Meta:
        model = BudgetComment
        fields = ["text"]

    def save(self, commit: bool = True) -> BudgetComment:
        self.instance.language = active_language()
        saved: BudgetComment = super().save(commit)
        return saved


class BudgetYearForm(TextForm):
    """The amounts of one period.

    It has a row for each line, one without a result for each category that has no line, and some
    empty rows for further results.
    """

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        budget: Budget,
        lines: Iterable[BudgetLine],
        categories: list[BudgetCategory],
        amendments: QuerySet[Amendment],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.budget, self.lines = budget, list(lines)
        self.keys: dict[str, BudgetLineKey] = {}
        for line in self.lines:
            self._add(BudgetLineKey(line.category, line.result), line.amount)
        without = {line.category_id for line in self.lines}
        for category in categories:
            if category.pk not in without:
                self._add(BudgetLineKey(category, None), None)
        self._add_extra(budget.project, categories)
        if budget.is_approved:
            self._add_reason(amendments)
        amounts = [f"{line.pk}:{line.amount}" for line in self.lines]
        self.fingerprint = hashlib.sha256("\n".join(amounts).encode()).hexdigest()[:16]
        self.initial["seen"] = self.fingerprint

    def _add(self, key: BudgetLineKey, amount: Decimal | None) -> None:
        name = f"amount_{key.category.pk}_{key.result.pk if key.result else 0}"
        label = f"{key.category} · {key.result.code}" if key.result else str(key.category)
        self.keys[name] = key
        self.fields[name] = AmountField(
            label=label, required=False, min_value=0, initial=amount, widget=amount_input()
        )

    def _add_extra(self, project: Project, categories: list[BudgetCategory]) -> None:
        results = [(result.pk, result) for result in project.results.all()]
        self.categories = {str(category.pk): category for category in categories}
        self.results = {str(pk): result for pk, result in results}
        for n in range(EXTRA_ROWS if results and categories else 0):
            self.fields[f"category_{n}"] = forms.ChoiceField(
                label=_("Category"),
                required=False,
                choices=[("", "–"), *((pk, str(one)) for pk, one in self.categories.items())],
                widget=table_select(),
            )
            self.fields[f"result_{n}"] = forms.ChoiceField(
                label=_("Result"),
                required=False,
                choices=[("", "–"), *((pk, _short(one)) for pk, one in self.results.items())],
                widget=table_select(),
            )
            self.fields[f"amount_{n}"] = AmountField(
                label=_("Amount"), required=False, min_value=0, widget=amount_input()
            )

    def _add_reason(self, amendments: QuerySet[Amendment]) -> None:
        self.fields["reason"] = forms.CharField(
            label=_("Why the budget changes"), max_length=500, required=False
        )
        self.fields["amendment"] = forms.ModelChoiceField(
            label=_("Amendment"),
            queryset=amendments,
            required=False,
            empty_label=_("none: within the tolerance"),
            help_text=_("Needed beyond %(tolerance)s %% of what was agreed for a line.")
            % {"tolerance": self.budget.tolerance},
        )

    def rows(self) -> list[tuple[BudgetLineKey, Any]]:
        return [(key, self[name]) for name, key in self.keys.items()]

    def extra_rows(self) -> list[tuple[forms.BoundField, ...]]:
        count = sum(1 for name in self.fields if name.startswith("category_"))
        names = ("category", "result", "amount")
        return [tuple(self[f"{name}_{n}"] for name in names) for n in range(count)]

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("seen") != self.fingerprint:
            show_instead(self, "seen", self.fingerprint)  # a second press is a decision
            raise ValidationError(
                _(
                    "Somebody has changed this since you opened the page. Your entries are still "
                    "below: compare them with the page in another window, then save again."
                )
            )
        self._clean_extra(cleaned)
        return cleaned

    def _clean_extra(self, cleaned: dict[str, Any]) -> None:
        taken = set(self.keys.values())
        for n in range(len(self.extra_rows())):
            amount, category = cleaned.get(f"amount_{n}"), cleaned.get(f"category_{n}")
            if amount is None and not category:
                continue
            if not category:
                self.add_error(f"category_{n}", _("Choose the category of this amount."))
                continue
            if amount is None and f"amount_{n}" not in self.errors:
                self.add_error(f"amount_{n}", _("Enter the amount of this row."))
            result = self.results.get(cleaned.get(f"result_{n}") or "")
            key = BudgetLineKey(self.categories[category], result)
            if key in taken:
                self.add_error(
                    f"category_{n}", _("This already has a row: change its amount there.")
                )
            taken.add(key)

    def amounts(self) -> dict[BudgetLineKey, Decimal | None]:
        """Returns the amounts that were changed or added."""
        cleaned = self.cleaned_data
        amounts = {
            key: cleaned[name]
            for name, key in self.keys.items()
            if cleaned[name] != self.fields[name].initial
        }
        for n in range(len(self.extra_rows())):
            if cleaned[f"category_{n}"]:
                result = self.results.get(cleaned[f"result_{n}"])
                amounts[BudgetLineKey(self.categories[cleaned[f"category_{n}"]], result)] = cleaned[
                    f"amount_{n}"
                ]
        return amounts

    def grounds(self) -> RevisionGrounds:
        return RevisionGrounds(
            self.cleaned_data.get("reason", ""), self.cleaned_data.get("amendment")
        )


def _short(result: Result) -> str:
    label = str(result)
    return label if len(label) <= 70 else f"{label[:69]}…"


# --- Rates ---


class ExchangeRateForm(EditingForm):
    given = ("project",)
    currency = CurrencyField()
    rate = RateField(
        help_text=_("What one unit of it is worth in the project's currency, such as 0.0546.")
    )

    class Meta:
        model = ExchangeRate
        fields = ["currency", "starts_on", "ends_on", "rate", "source", "illustrative"]
        widgets = {"starts_on": DAY, "ends_on": DAY}


# --- Contributions ---


class ContributorChoice(forms.ModelChoiceField):
    def label_from_instance(self, participation: Participation) -> str:
        return participation.institution.name


class ContributionForm(EditingForm):
    participation = ContributorChoice(label=_("From"), queryset=Participation.objects.none())
    currency = CurrencyField()
    promised = AmountField(label=_("Amount promised"), required=False)
    received = AmountField(label=_("Amount received"), required=False)
    rate = RateField(
        required=False,
        help_text=_("Empty: the rate for that day in the project's table."),
    )

    class Meta:
        model = Contribution
        fields = [
            "participation",
            "currency",
            "promised",
            "expected_on",
            "received",
            "received_on",
            "rate",
            "reference",
            "illustrative",
        ]
        widgets = {"expected_on": DAY}
        field_classes = {"received_on": PastDay}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        donors = project.participations.filter(role=Participation.Role.FUNDING).with_institutions()
        choose_from(self, participation=donors)
        if not self.instance.pk:
            self.initial.update({"currency": project.currency, "rate": None})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        on = cleaned.get("received_on") or cleaned.get("expected_on") or timezone.localdate()
        fill_in_rate(self, self.project, cleaned.get("currency"), on)
        return cleaned
