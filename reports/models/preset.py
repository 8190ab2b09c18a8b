"""Presets of reports: which sections a donor requires, in which order and with which names."""

from functools import cached_property
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.text import Multilingual, translated
from projects.models import Period
from reports.models.kinds import SectionKind


class ReportPresetQuerySet(models.QuerySet["ReportPreset"]):
    def offered(self) -> Self:
        return self.filter(is_offered=True)

    def with_related(self) -> Self:
        return self.prefetch_related("sections")


class ReportPreset(Multilingual):
    class Type(models.TextChoices):
        """The three types of reports that Global Affairs Canada requires, and two that combine
        them, for a year and for half a year.

        The source is its guide on results reporting. The combined type is the usual one.
        """

        COMBINED = "combined", _("Combined annual report")
        SEMIANNUAL = "semiannual", _("Semi-annual report")
        RESULTS = "results", _("Results report")
        OPERATIONS = "operations", _("Operations report")
        FINAL = "final", _("Final report")

    # Only presets that come with the portal have a key.
    key = models.SlugField(max_length=40, blank=True, editable=False)
    type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.COMBINED)
    name = translated(models.CharField(_("name"), max_length=120))
    # The title on the cover.
    title = translated(models.CharField(_("title of the report"), max_length=120))
    is_offered = models.BooleanField(_("offered for new reports"), default=True)

    history = HistoricalRecords()

    objects = ReportPresetQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("report preset")
        verbose_name_plural = _("report presets")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=~models.Q(key=""), name="preset_key_is_used_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reports:preset", args=[self.pk])

    @property
    def is_final(self) -> bool:
        """Whether its reports cover the whole project, from its start."""
        return self.type == self.Type.FINAL

    @property
    def period_kind(self) -> Period.Kind:
        """The kind of periods that its reports are on; final ones are on the last year."""
        is_half = self.type == self.Type.SEMIANNUAL
        return Period.Kind.SEMESTER if is_half else Period.Kind.PROJECT_YEAR

    @cached_property
    def rows(self) -> list["PresetSection"]:
        """The sections in order, read once."""
        return list(self.sections.all())

    @property
    def kinds(self) -> list[SectionKind]:
        return [SectionKind(section.kind) for section in self.rows]

    def labels(self) -> dict[str, str]:
        """Return the names of its sections, in the active language."""
        return {section.kind: section.name for section in self.rows}

    @property
    def required(self) -> frozenset[str]:
        return frozenset(section.kind for section in self.rows if section.is_required)


class PresetSection(Multilingual):
    """One section of a preset. Without a name of its own it has that of its kind."""

    preset = models.ForeignKey(ReportPreset, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(_("section"), max_length=20, choices=SectionKind)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    label = translated(models.CharField(_("name"), max_length=120, blank=True))
    is_required = models.BooleanField(_("must be written"), default=False)

    class Meta:
        ordering = ["preset", "position", "pk"]
        verbose_name = _("section of a preset")
        verbose_name_plural = _("sections of a preset")
        constraints = [
            models.UniqueConstraint(
                fields=["preset", "kind"],
                name="preset_has_a_section_once",
                violation_error_message=_("This section is already in the preset."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.label or str(SectionKind(self.kind).label)
