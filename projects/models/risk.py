"""Risks of a project: likelihood and impact on successive dates, and the response."""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.keys import by_whom
from kernel.languages import first_language
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from projects.models.assignment import Assignment
from projects.models.project import Project
from projects.models.result import Result
from projects.risk_levels import Band, Impact, Likelihood, Trend, band_of, level_of, trend_of


class RiskQuerySet(models.QuerySet["Risk"]):
    def with_ratings(self) -> Self:
        """Fetch everything that a register shows beside each risk."""
        related = self.select_related("project", "owner")
        return related.prefetch_related("ratings", "results", "owner__names")

    def not_closed(self) -> Self:
        """Keep risks that are not closed."""
        return self.exclude(status=Risk.Status.CLOSED)


class Risk(Lifecycle, Multilingual):
    """One line of the register. Its level is that of its newest rating."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a risk", "Open")
        MATERIALISED = "materialised", pgettext_lazy("of a risk", "Materialised")
        CLOSED = "closed", pgettext_lazy("of a risk", "Closed")

    class Category(models.TextChoices):
        OPERATIONAL = "operational", pgettext_lazy("category of risks", "Operational")
        FINANCIAL = "financial", pgettext_lazy("category of risks", "Financial")
        DEVELOPMENT = "development", pgettext_lazy("category of risks", "Development")
        REPUTATION = "reputation", pgettext_lazy("category of risks", "Reputation")

    class Kind(models.TextChoices):
        HUMAN_RESOURCES = "human_resources", _("Human resources")
        PERFORMANCE = "performance", _("Performance management")
        INFORMATION = "information", _("Information that the work depends on")
        FUNDING = "funding", pgettext_lazy("kind of risk", "Funding")
        FIDUCIARY = "fiduciary", _("Fiduciary")
        STRATEGIC = "strategic", _("Strategic")
        SOCIO_POLITICAL = "socio_political", _("Socio-political, gender equality")
        CAPACITY = "capacity", _("Institutional capacity")
        MODALITY = "modality", _("Modality")
        DISASTERS = "disasters", _("Disasters and environment")
        REPUTATION = "reputation", pgettext_lazy("kind of risk", "Reputation")

    # Each kind belongs to one category, so the category is not stored.
    KINDS_OF = {
        Category.OPERATIONAL: (Kind.HUMAN_RESOURCES, Kind.PERFORMANCE, Kind.INFORMATION),
        Category.FINANCIAL: (Kind.FUNDING, Kind.FIDUCIARY),
        Category.DEVELOPMENT: (
            Kind.STRATEGIC,
            Kind.SOCIO_POLITICAL,
            Kind.CAPACITY,
            Kind.MODALITY,
            Kind.DISASTERS,
        ),
        Category.REPUTATION: (Kind.REPUTATION,),
    }

    class Strategy(models.TextChoices):
        ACCEPT = "accept", pgettext_lazy("a risk", "Accept")
        REDUCE = "reduce", pgettext_lazy("a risk", "Reduce")
        TRANSFER = "transfer", pgettext_lazy("a risk", "Transfer")
        AVOID = "avoid", pgettext_lazy("a risk", "Avoid")

    STEPS = {
        "materialise": Step.of(Status.OPEN, Status.MATERIALISED, _("It has happened")),
        "close": Step.of(
            [Status.OPEN, Status.MATERIALISED], Status.CLOSED, pgettext_lazy("a risk", "Close")
        ),
        "reopen": Step.of(
            [Status.MATERIALISED, Status.CLOSED],
            Status.OPEN,
            pgettext_lazy("a risk", "Reopen"),
        ),
    }

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="risks")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("category"), max_length=20, choices=Kind)
    definition = translated(models.TextField(_("risk"), max_length=500))
    cause = translated(
        models.TextField(
            _("cause or trigger"),
            max_length=500,
            blank=True,
            help_text=_("How one would notice that it is happening."),
        )
    )
    results = models.ManyToManyField(
        Result, blank=True, related_name="risks", verbose_name=_("results affected")
    )
    strategy = models.CharField(
        _("strategy"), max_length=20, choices=Strategy, default=Strategy.REDUCE
    )
    response = translated(models.TextField(_("response"), max_length=1000, blank=True))
    owner = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="risks_owned",
        verbose_name=_("owner: an institution"),
    )
    owner_role = models.CharField(
        _("or a role in the project"), max_length=20, choices=Assignment.Role, blank=True
    )
    identified_on = models.DateField(_("identified on"), default=timezone.localdate)
    is_shared = models.BooleanField(
        _("shared with the committee"),
        default=False,
        help_text=_(
            "Members of the committee see it; a risk that is not shared is seen only by the "
            "team and the donor."
        ),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    status = status_field(Status, Status.OPEN)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = RiskQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "number"]
        verbose_name = pgettext_lazy("in a register", "risk")
        verbose_name_plural = pgettext_lazy("in a register", "risks")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="risk_number_is_used_once",
                violation_error_message=_("The project already has a risk with this number."),
            ),
            models.CheckConstraint(
                name="risk_has_one_owner",
                condition=Q(owner=None) | Q(owner_role=""),
                violation_error_message=_("Choose an institution or a role as owner, not both."),
            ),
        ]

    def __str__(self) -> str:
        return _("Risk %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("projects:risk", args=[self.project.code, self.pk])

    def clean(self) -> None:
        if self.identified_on and self.identified_on > timezone.localdate():
            raise ValidationError(
                {"identified_on": _("This day is in the future: enter the day it was identified.")}
            )

    @property
    def category(self) -> Category:
        return next(category for category, kinds in self.KINDS_OF.items() if self.kind in kinds)

    @property
    def owner_name(self) -> str:
        """Return the owner for display: an institution or a role, never a person."""
        return self.owner.short_name if self.owner else self.get_owner_role_display()

    @property
    def rated(self) -> list["RiskRating"]:
        """Return one rating a day, the newest of each day, in order of time."""
        by_day = {rating.rated_on: rating for rating in self.ratings.all()}
        return list(by_day.values())

    @property
    def rating(self) -> "RiskRating | None":
        """Return the present rating."""
        rated = self.rated
        return rated[-1] if rated else None

    @property
    def level(self) -> int:
        """Return the level from 1 to 16; 0 if nobody rated the risk yet."""
        return self.rating.level if self.rating else 0

    @property
    def trend(self) -> Trend:
        return trend_of([rating.level for rating in self.rated])

    def rating_on(self, day: date) -> "RiskRating | None":
        """Return the rating that was valid on a day."""
        held = [rating for rating in self.rated if rating.rated_on <= day]
        return held[-1] if held else None


class RiskRating(models.Model):
    """The likelihood and impact of a risk on a day. Rows are only added: a correction is another
    rating, and the newest one of a day counts."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="ratings")
    rated_on = models.DateField(_("rated on"), default=timezone.localdate)
    likelihood = models.PositiveSmallIntegerField(_("likelihood"), choices=Likelihood)
    impact = models.PositiveSmallIntegerField(pgettext_lazy("of a risk", "impact"), choices=Impact)
    note = models.TextField(_("note"), max_length=500, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=first_language
    )
    by = by_whom(editable=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["rated_on", "pk"]
        verbose_name = pgettext_lazy("of a risk", "rating")
        verbose_name_plural = pgettext_lazy("of a risk", "ratings")
        constraints = [
            models.CheckConstraint(
                name="riskrating_is_on_the_scale",
                condition=Q(likelihood__range=(1, 4), impact__range=(1, 4)),
                violation_error_message=_("Likelihood and impact range from 1 to 4."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.likelihood} × {self.impact} = {self.level}"

    @property
    def level(self) -> int:
        return level_of(self.likelihood, self.impact)

    @property
    def band(self) -> Band:
        return band_of(self.level)
