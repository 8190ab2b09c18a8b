"""The kinds of sections of a report, the presets that choose among them, and donors' Word templates."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from kernel.files import MEGABYTE, CheckedFile, StoredFile
from kernel.text import Multilingual, translated
from projects.models import Period


class SectionKind(models.TextChoices):
    """In the order of a combined annual report; a preset chooses among them.

    In a section the computed part follows the narrative. Annexes come last.
    """

    SUMMARY = "summary", _("Executive summary")
    CONTEXT = "context", _("Context")
    PROGRESS = "progress", _("Progress by outcome")
    UNEXPECTED = "unexpected", _("Unexpected results")
    ACTIVITIES = "activities", _("Outputs and activities")
    CROSS_CUTTING = "cross_cutting", _("Cross-cutting themes")
    GENDER = "gender", _("Gender equality")
    ENVIRONMENT = "environment", _("Environment and climate")
    RIGHTS = "rights", _("Governance and human rights")
    PARTICIPATION = "participation", _("Participation of children")
    REACHED = "reached", _("People reached")
    CHANGES = "changes", _("Changes made or to be made")
    RISKS = "risks", _("Risks")
    GOVERNANCE = "governance", _("Management and governance")
    STAFF = "staff", _("Staff and procurement")
    ASSETS = "assets", _("Assets")
    EVALUATIONS = "evaluations", _("Evaluations and audits")
    SAFEGUARDING = "safeguarding", pgettext_lazy("section of a report", "Safeguarding")
    VISIBILITY = "visibility", _("Visibility of the donor")
    PLAN = "plan", _("Action plan")
    FINANCES = "finances", _("Financial report")
    LESSONS = "lessons", _("Lessons learned")
    SUSTAINABILITY = "sustainability", _("Sustainability and exit")
    NEXT_YEAR = "next_year", _("Next year")
    ANNEX_SUMMARY = "annex_summary", _("Public summary of results")
    ANNEX_LOGIC = "annex_logic", _("Logic model")
    ANNEX_FRAMEWORK = "annex_framework", _("Performance measurement framework with values")
    ANNEX_SCHEDULE = "annex_schedule", _("Schedule of activities")
    ANNEX_RISKS = "annex_risks", _("Risk register")
    ANNEX_DECISIONS = "annex_decisions", _("Decisions of the committee")
    ANNEX_STORIES = "annex_stories", _("Success stories")
    ANNEX_PRODUCTS = "annex_products", _("Products of the project")

    @property
    def is_annex(self) -> bool:
        return self.value.startswith("annex_")

    @property
    def home(self) -> "SectionKind":
        """The kind in whose chapter a section of this kind is printed if it directly follows it in the
        preset (`in_chapters`); of most kinds the kind itself."""
        return HOMES.get(self, self)


HOMES = {
    SectionKind.UNEXPECTED: SectionKind.PROGRESS,
    SectionKind.GENDER: SectionKind.CROSS_CUTTING,
    SectionKind.ENVIRONMENT: SectionKind.CROSS_CUTTING,
    SectionKind.RIGHTS: SectionKind.CROSS_CUTTING,
    SectionKind.PARTICIPATION: SectionKind.CROSS_CUTTING,
    SectionKind.REACHED: SectionKind.CROSS_CUTTING,
    SectionKind.STAFF: SectionKind.GOVERNANCE,
    SectionKind.ASSETS: SectionKind.GOVERNANCE,
    SectionKind.EVALUATIONS: SectionKind.GOVERNANCE,
    SectionKind.SAFEGUARDING: SectionKind.GOVERNANCE,
    SectionKind.VISIBILITY: SectionKind.GOVERNANCE,
    SectionKind.SUSTAINABILITY: SectionKind.LESSONS,
}


# Presets


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


# Word templates


class WordTemplateQuerySet(models.QuerySet["WordTemplate"]):
    def with_related(self) -> Self:
        return self.select_related("preset", "added_by")


class WordTemplate(StoredFile):
    """A template belongs to a preset, and may be for one language only.

    The file is as the donor made it; each use treats it as hostile input (`reports.fill`).
    """

    ACCEPTED = ("docx",)
    MAX_BYTES = 5 * MEGABYTE

    preset = models.ForeignKey(
        ReportPreset,
        on_delete=models.PROTECT,
        related_name="word_templates",
        verbose_name=_("report preset"),
    )
    name = models.CharField(_("name"), max_length=80)
    # Empty: it has no words of its own, or serves every language.
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )

    objects = WordTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "language", "pk"]
        verbose_name = _("Word template")
        verbose_name_plural = _("Word templates")
        constraints = [
            models.UniqueConstraint(
                fields=["preset", "name", "language"],
                name="preset_has_a_word_template_once",
                violation_error_message=_("There is already a template with this name."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_language_display()})" if self.language else self.name

    def take_file(self, checked: CheckedFile, *, by: User) -> None:
        """Store a file in place of the one before. The caller saves the row."""
        if self.file:
            self.delete_content_on_commit()
        self.keep(checked)
        self.added_by, self.uploaded_at = by, timezone.now()

    def remove(self) -> None:
        self.delete_content_on_commit()
        self.delete()

    def get_absolute_url(self) -> str:
        return reverse("reports:preset-template", args=[self.preset_id, self.pk])
