"""Forms for a person's own account, and those of the access log: its filter and its check."""

import zoneinfo
from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessEvent, AccessEventQuerySet, Pseudonym, User
from accounts.permissions import may_help
from kernel.form_fields import field_of
from kernel.personal import TextForm
from kernel.stamps import StampedForm
from kernel.zones import zones_by_region


class SignInCodeForm(ConfirmLoginCodeForm):
    """Has a telephone offer capital letters, as the message shows them, and correct nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = {"inputmode": "text", "autocapitalize": "characters", "autocorrect": "off"}
        self.fields["code"].widget.attrs |= typed | {"spellcheck": "false"}
        self.fields["code"].help_text = _("Eight letters, as in the message.")


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)


class ProfileForm(StampedForm):
    class Meta:
        model = User
        fields = ["full_name", "language", "time_zone", "titles_in_mail"]

    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_of(self, "time_zone", forms.ChoiceField)
        field.choices = time_zones(self.instance.time_zone)
        field.help_text = _("Meeting times are shown in this time zone.")


class LostFactorForm(TextForm):
    """Whose second factor was lost, by the address: it says of nobody else whether they are here."""

    person = forms.EmailField(
        label=_("E-mail address of the person"),
        help_text=_("The address they sign in with."),
    )
    reason = forms.CharField(
        label=_("How do you know that it is this person?"),
        max_length=300,
        help_text=_(
            "For example: “I called the number I already had and recognised the voice”. "
            "A message alone proves nothing: somebody else may have written it. The "
            "person who confirms the request reads this."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_person(self) -> User:
        address = User.objects.normalize_email(self.cleaned_data["person"])
        person = User.objects.filter(email=address, is_active=True).first()
        if person and person.pk == self.by.pk:
            raise forms.ValidationError(
                _("For your own, ask somebody else on the team, or use a recovery code.")
            )
        if not person or not may_help(self.by, person):
            raise forms.ValidationError(
                _("Nobody in your projects signs in with this address. Check it, letter by letter.")
            )
        return person


def time_zones(current: str) -> list[Any]:
    """Return all time zones by region, and the current one even if its name is unusual."""
    groups = zones_by_region(zoneinfo.available_timezones())
    choices = [("UTC", "UTC"), *groups]
    known = {"UTC"} | {name for _region, zones in groups for name, _label in zones}
    return choices if current in known else [(current, current), *choices]


class AccessLogFilterForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("All kinds")), *AccessEvent.Kind.choices],
        required=False,
    )
    person = forms.CharField(
        label=_("Person"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    since = forms.DateField(
        label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def narrow(self, events: AccessEventQuerySet) -> AccessEventQuerySet:
        """Return the events that match the valid filters; an invalid filter shows an error and is
        ignored."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("kind"):
            events = events.filter(kind=asked["kind"])
        if asked.get("person"):
            named = Pseudonym.objects.filter(user__full_name__icontains=asked["person"])
            events = events.filter(key__in=named.values("key"))
        if asked.get("since"):
            events = events.filter(at__date__gte=asked["since"])
        if asked.get("until"):
            events = events.filter(at__date__lte=asked["until"])
        return events


class CheckpointForm(forms.Form):
    """Checkpoints as a file or as text; without either the portal takes its own."""

    MOST_BYTES = 5_000_000

    file = forms.FileField(
        label=_("File of checkpoints"),
        required=False,
        help_text=_("One kept outside the portal, of at most 5 MB. It is not stored here."),
        error_messages={"empty": _("This file is empty: choose the one that the portal made.")},
    )
    text = forms.CharField(
        label=_("Or the text of a message with a checkpoint"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("Paste it whole: the line from the first brace “{” to the last “}”."),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > self.MOST_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 5 MB: choose one with its newest lines only.")
            )
        return str(file.read().decode("utf-8", errors="replace"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["checkpoints"] = "\n".join(
            text for name in ("file", "text") if (text := cleaned.get(name))
        )
        # Its first key: other files, such as a PDF, have thousands of braces.
        if cleaned["checkpoints"] and '"sequence"' not in cleaned["checkpoints"]:
            raise forms.ValidationError(
                _(
                    "It contains no checkpoint. A checkpoint is a line that begins with "
                    "a brace “{”: use the file or the message made by the portal."
                )
            )
        return cleaned
