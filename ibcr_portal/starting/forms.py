"""What the first visit asks for, and the page of the organisation."""

from typing import Any

from babel.core import get_global
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.forms import time_zones
from accounts.models import User
from kernel.form_fields import field_of
from kernel.logos import LogoForm
from kernel.models import Organisation
from kernel.personal import TextForm
from kernel.text import active_language
from projects.forms import LanguagesField, in_languages

TAKEN = _("Somebody already has this address: enter another one.")


class KeyForm(TextForm):
    meant_for_persons = ("key",)

    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        help_text=_("Twenty letters and digits; capitals and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class OrganisationForm(LogoForm):
    readers = _("Everybody can read it, even without signing in.")
    meant_for_persons = (
        *in_languages("name"),
        "controller",
        "iati_identifier",
        "signatory",
    )

    languages = LanguagesField(
        label=_("Working languages"),
        help_text=_("For new projects, in order; each project may have its own."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = [
            *in_languages("name", "about"),
            "controller",
            "country",
            "time_zone",
            "languages",
            "safeguarding_contact",
            "privacy_contact",
            "iati_type",
            "iati_identifier",
            "public_email",
            "website",
            "signatory",
            *in_languages("signatory_role"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "time_zone", forms.ChoiceField).choices = time_zones(self.instance.time_zone)
        if not self.instance.logo:
            del self.fields["no_logo"]

    def save(self, commit: bool = True) -> Organisation:
        row: Organisation = self.instance
        row.is_demonstration = False
        if self.cleaned_data.get("no_logo"):
            row.logo, row.logo_sha256 = b"", ""
        if drawn := self.cleaned_data.get("new_logo"):
            row.logo, row.logo_sha256 = drawn
        saved: Organisation = super().save(commit)
        return saved


class FirstOrganisationForm(OrganisationForm):
    """On the first visit the reader's language comes first, and what can wait is left for later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("iati_type", "public_email", "website", "signatory"):
            del self.fields[name]
        self.leave_out("about")
        self.leave_out("signatory_role")
        if self.instance.is_entered:
            return
        self.initial["languages"], self.initial["time_zone"] = [active_language()], ""
        field = field_of(self, "time_zone", forms.ChoiceField)
        field.choices = [("", "---------"), *time_zones("UTC")]
        field.required = False
        field.help_text = _("If left out: that of the country.")

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if "time_zone" in given and not given["time_zone"] and given.get("country"):
            zones = get_global("territory_zones").get(given["country"], [])
            if len(zones) == 1:
                given["time_zone"] = self.instance.time_zone = zones[0]
            else:
                self.add_error("time_zone", _("This country has several: choose one."))
        return given


class AdministratorForm(TextForm):
    meant_for_persons = ("full_name", "password", "again")

    full_name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    language = forms.ChoiceField(label=_("Your language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters; four words that do not belong together work well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        address = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email__iexact=address).exists():
            raise ValidationError(TAKEN)
        return address

    @sensitive_variables("given")
    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if not {"password", "again"} <= given.keys():
            return given
        if given["password"] != given["again"]:
            self.add_error("again", _("The two passwords are not the same: type them again."))
            return given
        person = User(full_name=given.get("full_name", ""), email=given.get("email"))
        try:
            password_validation.validate_password(given["password"], person)
        except ValidationError as error:
            self.add_error("password", error)
        return given

    @sensitive_variables("given")
    def create(self) -> User:
        """Raises ValidationError."""
        given = self.cleaned_data
        try:
            with transaction.atomic():
                return User.objects.create_superuser(
                    given["email"],
                    given["password"],
                    full_name=" ".join(given["full_name"].split()),
                    language=given["language"],
                )
        except IntegrityError:  # somebody took it since it was checked
            raise ValidationError({"email": TAKEN}) from None
