"""The form that draws a sample of vouchers."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from kernel.form_fields import field_of
from kernel.stamps import StampedForm
from partners.forms import DAY, not_to_come
from projects.models import Project, VoucherSample


class SampleForm(StampedForm):
    class Meta:
        model = VoucherSample
        fields = ["rule", "starts_on", "ends_on", "size", "seed"]
        widgets = {"starts_on": DAY, "ends_on": DAY, "rule": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "rule", forms.TypedChoiceField).choices = VoucherSample.Rule.choices
        self.fields["ends_on"].validators.append(not_to_come)
        self.fields["size"].widget.attrs |= {"min": 1, "max": VoucherSample.MOST}

    def clean_seed(self) -> str:
        seed: str = self.cleaned_data["seed"].strip()
        return seed


def suggested_sample(project: Project) -> dict[str, Any]:
    """Suggest the days of the project until today, and a seed that nobody chose."""
    last = min(timezone.localdate(), project.current_end)
    first: date = min(project.starts_on, last)
    return {
        "rule": VoucherSample.Rule.MONETARY_UNIT,
        "starts_on": first,
        "ends_on": last,
        "size": 25,
        "seed": secrets.token_hex(4),
    }
