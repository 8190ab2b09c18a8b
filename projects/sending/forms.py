"""What the sender of a message adds to it, and how somebody gets it whom none reaches."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy as _

from kernel.channel import Channel
from kernel.languages import LANGUAGES, active_language, writing_order
from kernel.personal import TextForm
from projects.sending.recipients import Recipient, languages_of

LINE = "line_"


class OwnLinesForm(TextForm):
    """A few words of the sender's own, with a box for each language in which somebody reads."""

    def __init__(self, *args: Any, languages: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The sender's own as well: a mail says so of a line that its reader may not understand.
        asked = {*languages, active_language()} if languages else ()
        for language in (each for each in writing_order() if each in asked):
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

    @property
    def lines(self) -> dict[str, str]:
        return lines_in(self.cleaned_data)


def lines_in(typed: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines that were typed, by language."""
    found = {language: str(typed.get(f"{LINE}{language}") or "") for language in writing_order()}
    return {language: text.strip() for language, text in found.items() if text.strip()}


def with_lines(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form found, with its lines as one value, if it asks for any."""
    others = {name: value for name, value in cleaned.items() if not name.startswith(LINE)}
    return others if len(others) == len(cleaned) else others | {"lines": lines_in(cleaned)}


WAYS = (Channel.LETTER, Channel.MESSENGER, Channel.EMAIL, Channel.MEETING)


class DeliveryForm(TextForm):
    """If no message reaches anybody, asks by which other way they get it. `found`: None while it is not
    known who gets one."""

    delivered = forms.ChoiceField(
        label=_("Delivered in another way"),
        choices=[("", "–"), *((way.value, way.label) for way in WAYS)],
        help_text=_("The portal reaches nobody. Hand it over yourself, then say how."),
    )

    def __init__(self, *args: Any, found: Sequence[Recipient] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if found is None or any(one.address for one in found):
            del self.fields["delivered"]

    def with_delivery(self, why: str = "") -> str:
        """Return the reason of the step, with the way by which they got it."""
        if way := self.cleaned_data.get("delivered"):
            said = gettext("Delivered in another way: %(way)s.") % {"way": Channel(way).label}
            return f"{said} {why}".strip()
        return why


class DeliveredForm(DeliveryForm, OwnLinesForm):
    """Asks for a line of the sender's own as well."""

    def __init__(self, *args: Any, found: Sequence[Recipient] | None, **kwargs: Any) -> None:
        super().__init__(*args, found=found, languages=languages_of(found or ()), **kwargs)


class ChoosingForm(DeliveryForm):
    """Chooses itself who gets the message: nothing is sent to people who were not shown before."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: Sequence[Recipient] | None, **kwargs: Any) -> None:
        super().__init__(*args, found=found, **kwargs)
        self.found = ",".join(str(one.key) for one in found or ())
        self.initial["shown"] = self.found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("shown") == self.found:
            return cleaned
        data = cast("QueryDict", self.data).copy()
        data["shown"] = self.found  # the page that says so shows them
        self.data = data
        if not self.errors:
            sentence = gettext("Your choice changed who receives the message: look, then send it.")
            self.add_error(None, sentence)
        return cleaned


def asks_how(form: forms.BaseForm) -> bool:
    """Whether this form asks how somebody gets it whom no message reaches."""
    return "delivered" in form.fields
