"""The form that shifts an action in execution."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from committees.forms import day_input
from committees.models import ActionTerms, Shift
from committees.plans.services.shifts import shift_terms
from kernel.formats import LocalisedDecimalField
from kernel.stamps import StampedForm


class ActionShiftForm(StampedForm):
    """The terms that may move."""

    lock_first = "plan"

    budget = LocalisedDecimalField(
        label=_("Budget"), required=False, max_digits=14, decimal_places=2, min_value=0
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("This is reported at the next meeting of the committee."),
    )

    class Meta:
        model = ActionTerms
        fields = ["starts_on", "ends_on", "budget"]
        widgets = {"starts_on": day_input(), "ends_on": day_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget"].help_text = self.instance.plan.project.currency

    def _post_clean(self) -> None:
        """Leave the rules to the service: validated terms refuse any other change than a shift."""

    def record(self, *, by: User) -> list[Shift]:
        fields = self.cleaned_data
        return shift_terms(
            self.instance,
            starts_on=fields["starts_on"],
            ends_on=fields["ends_on"],
            budget=fields["budget"],
            reason=fields["reason"],
            by=by,
        )
