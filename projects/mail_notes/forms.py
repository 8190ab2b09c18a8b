"""Who reads a message that came by mail, and what the coordination answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.files import PICTURES, UploadField
from kernel.personal import TextForm
from partners.forms import long_text
from projects.models import MailNote, MailPhoto


class AudienceForm(forms.Form):
    """The author chooses who reads their message.

    Nothing in a text shows reliably that a name is somebody's. So whoever lets the committee read it
    says each time that they have looked at it.
    """

    audience = forms.ChoiceField(
        label=_("Who reads it"), choices=MailNote.Audience, widget=forms.RadioSelect
    )
    is_checked = forms.BooleanField(
        label=_(
            "I have checked the text above: it names nobody who may be at risk, and it holds no number, "
            "address or account of a person."
        ),
        required=False,
    )
    photo = UploadField(
        label=_("Add a photograph for the coordination"),
        required=False,
        allowed=PICTURES,
        max_bytes=MailPhoto.MAX_BYTES,
    )

    def __init__(self, *args: Any, note: MailNote, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"audience": note.audience})
        super().__init__(*args, **kwargs)
        self.note = note
        if note.audience == MailNote.Audience.COMMITTEE:
            del self.fields["is_checked"]
        if note.photos.count() >= MailPhoto.MOST:
            del self.fields["photo"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        is_released = data.get("audience") == MailNote.Audience.COMMITTEE
        if is_released and "is_checked" in self.fields and not data.get("is_checked"):
            self.add_error(
                "is_checked",
                _(
                    "Read your message again and tick this, or leave it to the coordination: the "
                    "whole committee would read it, State institutions included."
                ),
            )
        return data


class AnswerForm(TextForm):
    readers = _("The author of the message reads it.")

    answer = long_text(
        _("Answer"),
        5_000,
        rows=6,
        required=False,
        help_text=_(
            "It goes to the author by e-mail. Leave it empty if you answered in another way, or if "
            "there is nothing to answer."
        ),
    )


class MailNoteFilterForm(forms.Form):
    """What the coordination looks for in its list."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All messages")),
            ("unanswered", _("Not answered yet")),
            ("answered", _("Answered")),
            ("released", _("Released to the committee")),
            ("unconfirmed", _("Unconfirmed")),
        ],
    )
