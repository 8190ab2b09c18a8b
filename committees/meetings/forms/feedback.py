"""The form by which a member rates a meeting."""

from typing import Any

from django import forms

from committees.models import Feedback
from kernel.form_fields import field_of
from kernel.stamps import StampedForm


class FeedbackForm(StampedForm):
    keeps_author = False  # answers have no name, and only the coordination reads what is typed

    class Meta:
        model = Feedback
        fields = [*Feedback.QUESTIONS, "text"]
        widgets = {
            **dict.fromkeys(Feedback.QUESTIONS, forms.RadioSelect),
            "text": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in Feedback.QUESTIONS:  # without the empty choice of a model field
            field_of(self, name, forms.ChoiceField).choices = Feedback.Mark.choices
