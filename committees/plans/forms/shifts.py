"""The form that shifts an action in execution."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import day_input
from committees.models import ActionTerms, Shift
from committees.plans.services.shifts import shift_terms
from kernel.formats import LocalisedDecimalField


class ActionShiftForm(forms.ModelForm):
    """The terms that may move. What was seen goes with the form, so that two people who shift at
    once do not undo each other."""

    budget = LocalisedDecimalField(
        label=_("Budget"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is told at the next meeting of the committee."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ActionTerms
        fields = ["starts_on", "ends_on", "budget"]
        widgets = {"starts_on": day_input(), "ends_on": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget"].help_text = self.instance.plan.project.currency
        self.initial["seen"] = fingerprint(self.instance)

    def _post_clean(self) -> None:
        """Leave the rules to the service: validated terms refuse any other change than a shift."""

    def record(self, *, by: User) -> list[Shift]:
        fields = self.cleaned_data
        now = ActionTerms.objects.get(pk=self.instance.pk)
        as_seen = fields["seen"] == fingerprint(now)
        return shift_terms(
            self.instance,
            starts_on=fields["starts_on"],
            ends_on=fields["ends_on"],
            budget=fields["budget"],
            reason=fields["reason"],
            by=by,
            seen={name: getattr(now, name) if as_seen else None for name in Shift.Field.values},
        )


def fingerprint(terms: ActionTerms) -> str:
    def written(value: date | Any) -> str:
        return "" if value is None else str(value)

    return "|".join(written(getattr(terms, name)) for name in Shift.Field.values)
