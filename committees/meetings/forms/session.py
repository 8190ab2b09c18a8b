"""The form by which an interest is declared during a meeting."""

from typing import Any

from django import forms

from committees.forms import OnceForm
from committees.models import InterestDeclaration, Meeting
from kernel.form_fields import field_of
from kernel.stamps import StampedForm


class DeclarationForm(StampedForm, OnceForm):
    class Meta:
        model = InterestDeclaration
        fields = ["seat", "items", "text", "recused"]
        widgets = {
            "items": forms.CheckboxSelectMultiple,
            "text": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        kwargs["instance"] = InterestDeclaration(meeting=meeting)
        super().__init__(*args, **kwargs)
        field_of(self, "seat", forms.ModelChoiceField).queryset = meeting.committee.seats.on(
            meeting.day
        ).with_people()
        field_of(self, "items", forms.ModelMultipleChoiceField).queryset = meeting.items.on_agenda()
