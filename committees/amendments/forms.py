"""The form that confirms an extension: each thing that moves, or the reason why it does not."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committees.amendments.services import (
    ExtensionChoice,
    ExtensionPreview,
    targets_without_periods,
)
from kernel.form_fields import show_instead
from kernel.personal import TextForm
from projects.amendments.services.extension import ExtensionItem


class ExtensionRow:
    """One item of the preview with its fields."""

    def __init__(self, form: "TakeEffectForm", item: ExtensionItem) -> None:
        self.item, self.sentence = item, item.describe(item.default)
        for name in ("move", "way", "why"):
            known = f"{name}-{item.key}"
            setattr(self, name, form[known] if known in form.fields else None)


class TakeEffectForm(TextForm):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, preview: ExtensionPreview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preview = preview
        self.initial["seen"] = preview.fingerprint
        for item in preview.items:
            self._add_fields(item)

    def _add_fields(self, item: ExtensionItem) -> None:
        if item.is_optional:
            self.fields[f"move-{item.key}"] = forms.BooleanField(
                label=item.title, required=False, initial=True
            )
        if len(item.ways) > 1:
            self.fields[f"way-{item.key}"] = forms.ChoiceField(
                label=_("How") if item.is_optional else item.title,
                choices=[(way, item.label_of(way)) for way in item.ways],
                initial=item.default,
                required=False,
                widget=forms.RadioSelect,
            )
        if item.is_optional:
            self.fields[f"why-{item.key}"] = forms.CharField(
                label=_("Why it is left as it is"), max_length=500, required=False
            )

    def groups(self) -> list[tuple[str, list[ExtensionRow]]]:
        return [
            (label, [ExtensionRow(self, item) for item in items])
            for label, items in self.preview.groups()
        ]

    def clean_seen(self) -> str:
        """Make sure that nobody confirms what they were not shown."""
        seen: str = self.cleaned_data["seen"]
        if seen != self.preview.fingerprint:
            # The preview that is shown again was seen: pressing a second time decides on it.
            show_instead(self, "seen", self.preview.fingerprint)
            raise forms.ValidationError(
                _("This is what moves as things are now. Check it, then confirm.")
            )
        return seen

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "seen" in self.errors:
            return cleaned
        for item in self.preview.items:
            unticked = item.is_optional and not cleaned.get(f"move-{item.key}")
            if unticked and not cleaned.get(f"why-{item.key}", "").strip():
                self.add_error(f"why-{item.key}", _("Say why it is left as it is, or let it move."))
        for key in targets_without_periods(self.preview, self.chosen().ways):
            self.add_error(
                f"way-{key}",
                _("No period is being added to which they could move: choose another way."),
            )
        return cleaned

    def chosen(self) -> ExtensionChoice:
        ways: dict[str, str] = {}
        reasons: dict[str, str] = {}
        for item in self.preview.items:
            if item.is_optional and not self.cleaned_data.get(f"move-{item.key}"):
                reasons[item.key] = self.cleaned_data.get(f"why-{item.key}", "").strip()
            elif item.ways:
                ways[item.key] = self.cleaned_data.get(f"way-{item.key}") or item.default
        return ExtensionChoice(ways, reasons)
