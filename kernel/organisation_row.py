"""The table of the organisation. Its one row is read by `kernel.organisation`."""

import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from kernel.languages import LANGUAGES, languages_field
from kernel.organisation import forget
from kernel.text import Multilingual, translated


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone."), params={"name": name})


def every_language() -> list[str]:
    return [*LANGUAGES]


class Organisation(Multilingual):
    """Who runs the portal. All that pages, messages and files say about it is here."""

    ONLY_KEY = 1

    class Kind(models.TextChoices):
        """The kinds of organisations that IATI knows, as far as one of them may run a portal."""

        GOVERNMENT = "10", _("Government")
        INTERNATIONAL_NGO = "21", _("International NGO")
        NATIONAL_NGO = "22", _("National NGO")
        REGIONAL_NGO = "23", _("Regional NGO")
        PARTNER_COUNTRY_NGO = "24", _("NGO of the partner country")
        MULTILATERAL = "40", _("Multilateral organisation")
        FOUNDATION = "60", _("Foundation")
        ACADEMIC = "80", _("Academic institution")

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_KEY, editable=False)
    name = translated(models.CharField(_("name"), max_length=200))
    about = translated(
        models.TextField(
            _("who you are"),
            max_length=1500,
            blank=True,
            help_text=_("For visitors, on the first page of the portal."),
        )
    )
    controller = models.CharField(
        _("responsible for personal data"),
        max_length=300,
        blank=True,
        help_text=_(
            "As named on the privacy page, such as the legal name with the address. "
            "Empty: the name above."
        ),
    )
    privacy_contact = models.EmailField(
        _("address for questions about data"),
        help_text=_("Of an office, never of a person. Shown on the privacy page."),
    )
    safeguarding_contact = models.EmailField(
        _("address for safeguarding concerns"),
        help_text=_("Shown at the foot of every page. Somebody must read it every day."),
    )
    country = CountryField(_("country"))
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="UTC", validators=[validate_time_zone]
    )
    languages = languages_field(_("working languages"), default=every_language)
    iati_type = models.CharField(
        _("type of organisation"), max_length=2, choices=Kind, default=Kind.INTERNATIONAL_NGO
    )
    iati_identifier = models.CharField(
        _("IATI identifier"),
        max_length=80,
        blank=True,
        help_text=_(
            "As registered with IATI, such as CA-CRA_ACR-…; never invented. Without it "
            "nothing is published to IATI."
        ),
    )
    public_email = models.EmailField(
        _("public e-mail address"),
        blank=True,
        help_text=_("Of an office, never of a person. Named in IATI files."),
    )
    website = models.URLField(_("website"), blank=True)
    signatory = models.CharField(
        _("who signs certificates of attendance"),
        max_length=120,
        blank=True,
        help_text=_("The name; a committee may have its own. Empty: the coordination signs."),
    )
    signatory_role = translated(
        models.CharField(_("function of the signatory"), max_length=120, blank=True)
    )
    # A small PNG: it is on every page, so it is kept with the row.
    logo = models.BinaryField(_("logo"), blank=True, default=bytes, max_length=60_000)
    logo_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    # The demonstration's, as long as nobody entered another one.
    is_demonstration = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(name="organisation_is_one", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        forget()
        # Another thread may have read the row as it was before.
        transaction.on_commit(forget)

    @property
    def is_entered(self) -> bool:
        return bool(self.name)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Its time zone, or UTC if the name no longer exists."""
        try:
            return zoneinfo.ZoneInfo(self.time_zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return zoneinfo.ZoneInfo("UTC")

    @property
    def controller_name(self) -> str:
        return self.controller or self.name
