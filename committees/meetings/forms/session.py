"""What may be typed while a meeting sits: declarations of interest."""

from typing import Any

from django import forms

from committees.forms import OnceForm
from committees.models import InterestDeclaration, Meeting


class DeclarationForm(forms.ModelForm, OnceForm):
    class Meta:
        model = InterestDeclaration
        fields = ["seat", "items", "text", "recused"]
        widgets = {
            "items": forms.CheckboxSelectMultiple,
            "text": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, instance=InterestDeclaration(meeting=meeting), **kwargs)
        self.fields["seat"].queryset = meeting.committee.seats.on(meeting.day).with_people()
        self.fields["items"].queryset = meeting.items.on_agenda()
