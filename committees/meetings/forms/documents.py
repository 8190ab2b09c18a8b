"""Forms of documents: their title, language and audience, and the confirmation that goes with a
file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.forms import OnceForm
from committees.models import Document
from committees.models.document import ACCEPTED, MAX_BYTES
from kernel.files import UploadField
from kernel.stamps import StampedForm


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
