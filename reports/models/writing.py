"""Who is writing in a section at this moment, what sections cite, and what a report shows at a
glance."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Action, ActionPlan, Meeting, Resolution
from committees.models.subject import exactly_one
from kernel.text import Multilingual, columns_of, translated
from projects.models import Activity, Amendment, Evidence, Indicator, Result, Risk
from reports.models.report import Report, Section


class SectionWritingQuerySet(models.QuerySet["SectionWriting"]):
    def now(self) -> Self:
        return self.filter(seen_at__gte=SectionWriting.horizon())

    def over(self) -> Self:
        return self.filter(seen_at__lt=SectionWriting.horizon())


class SectionWriting(models.Model):
    """A person who has a section open: the page reports it while it is, and it expires soon after.

    It is only a notice and locks nothing: saving refuses to overwrite another text in any case.
    """

    LASTS = timedelta(minutes=2)

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="writing")
    # Of a section, or of the text on a result (`SectionPlace`).
    slug = models.SlugField(max_length=40)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = SectionWritingQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("writing of a section")
        verbose_name_plural = _("writings of sections")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "slug", "language", "person"], name="sectionwriting_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.slug}/{self.language}: {self.person_id}"

    @classmethod
    def horizon(cls) -> datetime:
        return timezone.now() - cls.LASTS


# Citations


THINGS = (
    "result",
    "indicator",
    "activity",
    "action",
    "plan",
    "amendment",
    "risk",
    "resolution",
    "meeting",
)


def _cited(model: type[models.Model]) -> models.ForeignKey:
    """Return the column for a cited thing.

    It has no reverse name, since permissions of the report decide who learns that it cites the
    thing. A thing may be deleted although it is cited: otherwise a draft could prevent that. A
    report that was signed off is frozen; in a draft the code stays in the text, and the list of
    gaps reports that it leads to nothing.
    """
    return models.ForeignKey(
        model, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )


class CitationQuerySet(models.QuerySet["Citation"]):
    def with_things(self) -> Self:
        return self.select_related(
            "result__project",
            "indicator__result__project",
            "activity__project",
            "action__project",
            "plan__project",
            "plan__period",
            "amendment__project",
            "risk__project",
            "resolution__committee__project",
            "meeting__committee__project",
        )


class Citation(models.Model):
    """A code in the text of a section, and the thing that it led to when the section was saved.

    So a thing whose code changes is still cited. The text keeps the old code until somebody edits
    it.
    """

    THINGS = THINGS

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="citations")
    token = models.CharField(_("code"), max_length=70)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    result = _cited(Result)
    indicator = _cited(Indicator)
    activity = _cited(Activity)
    action = _cited(Action)
    plan = _cited(ActionPlan)
    amendment = _cited(Amendment)
    risk = _cited(Risk)
    resolution = _cited(Resolution)
    meeting = _cited(Meeting)

    objects = CitationQuerySet.as_manager()

    class Meta:
        ordering = ["section", "position"]
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [
            models.CheckConstraint(name="citation_is_one_thing", condition=exactly_one(THINGS)),
            models.UniqueConstraint(
                fields=["section", "token"], name="citation_code_once_a_section"
            ),
        ]

    def __str__(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        """The kind of the thing, which is one of THINGS."""
        return next(name for name in self.THINGS if getattr(self, f"{name}_id"))

    @property
    def thing(self) -> models.Model:
        thing: models.Model = getattr(self, self.name)
        return thing

    @property
    def thing_pk(self) -> int:
        key: int = getattr(self, f"{self.name}_id")
        return key


# At a glance


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
