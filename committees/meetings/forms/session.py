"""Forms of a meeting besides its own: interests declared, documents, and feedback."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.forms import OnceForm, text_area
from committees.models import Document, Feedback, InterestDeclaration, Meeting
from committees.models.document import ACCEPTED, MAX_BYTES
from kernel.files import UploadField
from kernel.form_fields import field_of
from kernel.stamps import StampedForm


class DeclarationForm(StampedForm, OnceForm):
    class Meta:
        model = InterestDeclaration
        fields = ["seat", "items", "text", "recused"]
        widgets = {
            "items": forms.CheckboxSelectMultiple,
            "text": text_area(2),
        }

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        kwargs["instance"] = InterestDeclaration(meeting=meeting)
        super().__init__(*args, **kwargs)
        field_of(self, "seat", forms.ModelChoiceField).queryset = meeting.committee.seats.on(
            meeting.day
        ).with_people()
        field_of(self, "items", forms.ModelMultipleChoiceField).queryset = meeting.items.on_agenda()


class CommitteeDocumentForm(StampedForm):
    """Edits the description of a stored file."""

    lock_first = "committee"

    class Meta:
        model = Document
        fields = ["title", "category", "language", "audience"]


class MeetingDocumentForm(OnceForm, CommitteeDocumentForm):
    """A new file. Who gives it declares that it holds nothing about victims."""

    upload = UploadField(label=_("File"), allowed=ACCEPTED, max_bytes=MAX_BYTES)
    no_victim_data = forms.BooleanField(
        label=_("This file holds no data on victims, on cases or on allegations."),
        error_messages={
            "required": _("Confirm that the file holds no data on victims, or leave it out.")
        },
    )
    field_order = ["upload", "title", "category", "language", "audience", "no_victim_data"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.agenda_item_id:
            self.initial["audience"] = self.instance.agenda_item.audience


class FeedbackForm(StampedForm):
    keeps_author = False  # answers have no name, and only the coordination reads what is typed

    class Meta:
        model = Feedback
        fields = [*Feedback.QUESTIONS, "text"]
        widgets = {
            **dict.fromkeys(Feedback.QUESTIONS, forms.RadioSelect),
            "text": text_area(4),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in Feedback.QUESTIONS:  # without the empty choice of a model field
            field_of(self, name, forms.ChoiceField).choices = Feedback.Mark.choices
