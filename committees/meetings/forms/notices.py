"""Forms of the messages about a meeting: a few words of the sender's own, and why they are sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from kernel.languages import LANGUAGES, writing_order
from kernel.personal import TextForm

LINE = "line_"


class OwnLinesForm(TextForm):
    """A few words of the sender's own, with a box for each language in which somebody reads."""

    def __init__(self, *args: Any, languages: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in (each for each in writing_order() if each in languages):
            label = gettext("A line of your own, if you like")
            if len(languages) > 1:
                label = gettext("A line of your own, if you like (%(language)s)") % {
                    "language": LANGUAGES[language]
                }
            self.fields[f"{LINE}{language}"] = forms.CharField(
                label=label,
                required=False,
                max_length=600,
                widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
                help_text=_(
                    "It comes first in the message. Everybody who receives the message reads it."
                ),
            )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """All but the lines in other languages, of which the first is asked at once."""
        further = {field.name for field in self.further_lines}
        return [field for field in self if field.name not in further]

    @property
    def further_lines(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(LINE)][1:]


class InvitationUpdateForm(OwnLinesForm):
    why = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the notice. Required when papers are late."),
    )


def lines_in(typed: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines that were typed, by language."""
    found = {language: str(typed.get(f"{LINE}{language}") or "") for language in writing_order()}
    return {language: text.strip() for language, text in found.items() if text.strip()}


def with_lines(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form found, with its lines as one value, if it asks for any."""
    others = {name: value for name, value in cleaned.items() if not name.startswith(LINE)}
    return others if len(others) == len(cleaned) else others | {"lines": lines_in(cleaned)}
