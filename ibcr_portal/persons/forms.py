from typing import Any, ClassVar

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Hold, User
from ibcr_portal.models import Consent, PersonRequest, PrivacyIncident
from ibcr_portal.persons.choosing import account_candidates, held_candidates
from kernel.choosing import OneOfMany
from kernel.form_fields import field_of
from kernel.stamps import StampedForm
from partners.forms import long_text, not_to_come
from partners.models import Contact
from projects.models import Project


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RegisterForm(StampedForm):
    """A form over a row of a register, with days as the browser asks for them."""

    happened: ClassVar[tuple[str, ...]] = ()
    """Days of what happened already: none of them is still to come."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = DayInput()
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs["rows"] = 4

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        for name in self.happened:
            try:
                not_to_come(cleaned.get(name))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


class OwnRequestForm(StampedForm):
    """What a person asks for about their own data."""

    meant_for_persons = ("text",)

    class Meta:
        model = PersonRequest
        fields = ["kind", "text"]
        labels = {"kind": _("What you ask for"), "text": _("In your words")}
        help_texts = {"text": _("For example, which name is misspelled and how it should read.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}


class AboutPersonForm(RegisterForm):
    """A row of a register about somebody with an account, or about somebody else (`who`)."""

    user = OneOfMany(
        label=_("Person"), help_text=_("Empty if the person has no account."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "user", OneOfMany).offer(account_candidates())

    def clean_user(self) -> User | None:
        key = self.cleaned_data["user"]
        return User.objects.get(pk=key) if key else None


class PersonRequestForm(AboutPersonForm):
    meant_for_persons = ("who", "text", "answer")
    happened = ("received_on", "answered_on")

    class Meta:
        model = PersonRequest
        fields = [
            "kind",
            "user",
            "who",
            "text",
            "received_on",
            "due_on",
            "answered_on",
            "outcome",
            "answer",
        ]
        help_texts = {
            "answered_on": _("Empty: today, once there is an outcome."),
            "outcome": _("This answers the request, and a person with an account is notified."),
        }

    def clean(self) -> dict[str, Any]:
        """An answer without an outcome would look as if it had been given, and stay open."""
        cleaned = super().clean()
        if cleaned.get("outcome") and not cleaned.get("answered_on"):
            cleaned["answered_on"] = timezone.localdate()
        elif cleaned.get("answer") and not cleaned.get("outcome"):
            self.add_error("outcome", _("Choose the outcome, or leave out the answer for now."))
        return cleaned


class IncidentForm(RegisterForm):
    happened = ("happened_on", "noticed_on", "assessed_on", "reported_on", "notified_on")

    class Meta:
        model = PrivacyIncident
        fields = [
            "what",
            "data",
            "people",
            "happened_on",
            "noticed_on",
            "risk",
            "assessed_on",
            "reported_on",
            "notified_on",
            "measures",
        ]


class ConsentForm(AboutPersonForm):
    meant_for_persons = ("who", "details")
    happened = ("given_on", "withdrawn_on")

    class Meta:
        model = Consent
        fields = [
            "user",
            "who",
            "purpose",
            "details",
            "channel",
            "evidence",
            "given_on",
            "until",
            "withdrawn_on",
        ]


class HoldForm(RegisterForm):
    covers = OneOfMany(
        label=_("What it covers"),
        help_text=_(
            "“Everything”, the code or title of a project, or the name or address of a person."
        ),
    )

    class Meta:
        model = Hold
        fields = ["reason", "until"]

    field_order = ["covers", "reason", "until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "covers", OneOfMany).offer(held_candidates())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, _dash, key = cleaned.get("covers", "").partition("-")
        if key:
            model = {"project": Project, "user": User, "entry": Contact}[kind]
            self.instance.content_type = ContentType.objects.get_for_model(model)
            self.instance.object_id = int(key)
        return cleaned

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise ValidationError(
                _("This day has passed, so the hold would cover nothing: choose a later day.")
            )
        return until


class FindPersonForm(forms.Form):
    q = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class SpellingsForm(forms.Form):
    also = long_text(
        _("Other names, addresses or numbers in texts"),
        1000,
        required=False,
        help_text=_("One per line: a former name, initials with the surname, a private number."),
    )

    def spellings(self) -> list[str]:
        """Return what was typed, line by line, as far as it is valid."""
        lines = self.cleaned_data["also"].splitlines() if self.is_valid() else []
        return [line.strip() for line in lines if line.strip()]


class ForgetForm(forms.Form):
    also = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)
    understood = forms.BooleanField(
        label=_("I have read what is changed and what is locked away. This cannot be undone.")
    )
