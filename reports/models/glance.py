"""What the author of a report chose for its page at a glance."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.text import Multilingual, columns_of, translated
from projects.models import Evidence, Indicator
from reports.models.report import Report

MOST_FIGURES = 6


class GlanceChoice(Multilingual):
    """The figures, the photograph and the quotation of the page. Whatever is not chosen is chosen by
    the portal, except the quotation: nobody is quoted unasked."""

    class Consent(models.TextChoices):
        WRITTEN = "written", _("Yes, in writing")
        SPOKEN = "spoken", _("Yes, by word of mouth")

    report = models.OneToOneField(
        Report, on_delete=models.CASCADE, editable=False, related_name="glance"
    )
    indicators = models.ManyToManyField(
        Indicator, blank=True, related_name="+", verbose_name=_("figures")
    )
    photo = models.ForeignKey(
        Evidence,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("photograph"),
    )
    without_photo = models.BooleanField(_("no photograph"), default=False)
    quotation = translated(models.TextField(_("quotation"), max_length=400, blank=True))
    source = translated(models.CharField(_("who says so"), max_length=120, blank=True))
    consent = models.CharField(
        _("did they agree to be quoted in this report?"),
        max_length=10,
        choices=Consent,
        blank=True,
    )
    consent_on = models.DateField(_("on which day?"), null=True, blank=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("choice for the page at a glance")
        verbose_name_plural = _("choices for the page at a glance")
        constraints = [
            models.CheckConstraint(
                name="glance_quotes_with_consent",
                condition=Q(**dict.fromkeys(columns_of("quotation"), ""))
                | (~Q(consent="") & Q(consent_on__isnull=False)),
                violation_error_message=_(
                    "Nobody is quoted without their consent: say how and when it was given, or "
                    "leave the quotation out."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.report)

    def get_absolute_url(self) -> str:
        return self.report.get_absolute_url()

    def clean(self) -> None:
        if self.consent_on and self.consent_on > timezone.localdate():
            raise ValidationError({"consent_on": _("This day is in the future.")})
