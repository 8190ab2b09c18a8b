"""What may be typed into the translation queue, and which file may come back to it."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ibcr_portal.translating.po import MAX_BYTES
from ibcr_portal.translating.queue import Item, stamp_of
from kernel.files import UploadField
from kernel.personal import AsksAboutPersonalData
from kernel.text import MAX_LENGTH


class QueuedTranslationForm(AsksAboutPersonalData, forms.Form):
    """A translation, with the stamp of what its translator saw."""

    readers = _("Whoever may read the original reads the translation.")

    text = forms.CharField(
        label=_("Translation"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        error_messages={"required": _("Write the translation before you save it.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)

    def __init__(self, *args: Any, item: Item, text: str = "", **kwargs: Any) -> None:
        """`text`: a draft, where nobody has written anything yet."""
        kwargs["initial"] = {"text": item.now or text, "seen": stamp_of(item)}
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["lang"] = item.language
        lines = len((item.now or item.text.source).splitlines())
        self.fields["text"].widget.attrs["rows"] = min(max(lines + 2, 4), 16)

    def note_seen(self, item: Item) -> None:
        """Note that the translator sees what is there now, so that saving again is a decision."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = stamp_of(item)
        self.data = data


class TranslationsFileForm(forms.Form):
    file = UploadField(label=_("Translated file"), allowed=("xlf", "po"), max_bytes=MAX_BYTES)


class TranslationsImportForm(forms.Form):
    """What a preview showed, signed."""

    seal = forms.CharField(widget=forms.HiddenInput)
    is_confirmed = forms.BooleanField(
        label=_("I have read these translations and confirm them."),
        help_text=_("Otherwise each stays a draft until somebody confirms it."),
        required=False,
    )
