"""Results of the logic model, and the indicators by which they are measured."""

from typing import Self

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from accounts.models import User
from kernel.entering import entered_on_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from projects import presets
from projects.models.dimension import Category, Dimension
from projects.models.period import Period
from projects.models.project import Project


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Result(Multilingual):
    """A statement of the logic model, at one of the levels of the donor's preset."""

    class Level(models.TextChoices):
        """Keys of levels. Their names and their order below each other come from the donor's
        preset."""

        ULTIMATE = "ultimate", _("Ultimate outcome")
        INTERMEDIATE = "intermediate", _("Intermediate outcome")
        IMMEDIATE = "immediate", _("Immediate outcome")
        OUTPUT = "output", _("Output")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="results")
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    level = models.CharField(_("level"), max_length=20, choices=Level)
    code = models.CharField(_("code"), max_length=20)
    statement = translated(models.TextField(_("statement"), max_length=1000))
    # Order among the results of one parent. While nobody has moved any, all are 0 and codes decide.
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ResultQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "code"],
                name="result_code_is_used_once",
                violation_error_message=_("The project already has a result with this code."),
            ),
            models.CheckConstraint(
                name="result_ultimate_has_no_parent",
                condition=Q(level="ultimate", parent=None) | ~Q(level="ultimate"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.statement}"

    def get_absolute_url(self) -> str:
        return reverse("projects:result", args=[self.project.code, self.pk])

    @property
    def donor_level(self) -> presets.PresetLevel:
        """The level in the donor's preset of its project."""
        return self.project.donor_preset.level(self.level)

    @property
    def level_name(self) -> str:
        return self.project.donor_preset.level_name(self.level)

    def clean(self) -> None:
        """Parents are of the level above, so the tree of results cannot hold a circle."""
        if not self.project_id:
            return  # the field has its own complaint
        if self.parent and self.parent.project_id != self.project_id:
            raise ValidationError({"parent": _("That result belongs to another project.")})
        self._refuse_circle()
        if not any(level.key == self.level for level in self.project.donor_preset.results):
            message = _("%(preset)s has no such level. Choose another one.")
            raise ValidationError({"level": message % {"preset": self.project.donor_preset.name}})
        self._check_level()

    def _refuse_circle(self) -> None:
        if not (self.parent and self.pk):
            return
        above: Result | None = self.parent
        while above:
            if above.pk == self.pk:
                message = _("“%(code)s” is below this result: choose one that is not.")
                raise ValidationError({"parent": message % {"code": self.parent.code}})
            above = above.parent

    def _check_level(self) -> None:
        preset, own = self.project.donor_preset, self.donor_level
        if not self.parent and not preset.may_stand_alone(own):
            raise ValidationError({"parent": _("Say which result this one belongs to.")})
        if self.parent and self.parent.level != own.parent:
            raise ValidationError(
                {
                    "parent": _("%(level)s belongs to: %(expected)s.")
                    % {
                        "level": own.name,
                        "expected": preset.level(own.parent).name if own.parent else "–",
                    }
                }
            )
        below = [level.key for level in preset.below(self.level)]
        if self.pk and self.children.exclude(level__in=below).exists():
            raise ValidationError(
                {"level": _("Other results belong to this one; move them first.")}
            )


class Indicator(Multilingual):
    class Measure(models.TextChoices):
        UNIT = "unit", pgettext_lazy("how many", "Number")
        PERCENTAGE = "percentage", _("Percentage")
        QUALITATIVE = "qualitative", _("Qualitative")

    class Cumulative(models.TextChoices):
        SUM = "sum", _("Periods add up")
        LATEST = "latest", _("The latest period counts")
        HIGHEST = "highest", _("The highest period counts")

    class Standard(models.TextChoices):
        """Lists of indicators that several projects share."""

        SDG = "sdg", _("Sustainable Development Goals")
        GAC = "gac", _("Global Affairs Canada, key performance indicators")
        EU = "eu", _("European Union, results framework")
        OWN = "own", _("Our own list")

    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        related_name="indicators",
        verbose_name=_("result"),
    )
    code = models.CharField(_("code"), max_length=20)
    name = translated(models.CharField(_("indicator"), max_length=300))
    measure = models.CharField(_("measure"), max_length=20, choices=Measure, default=Measure.UNIT)
    ascending = models.BooleanField(_("more is better"), default=True)
    cumulative = models.CharField(
        _("cumulative rule"), max_length=20, choices=Cumulative, default=Cumulative.SUM
    )
    source = models.CharField(_("data source"), max_length=200, blank=True)
    method = models.CharField(_("data collection method"), max_length=200, blank=True)
    frequency = models.CharField(_("frequency"), max_length=100, blank=True)
    # The count, its breakdown and its due days (`projects.framework.values_due`).
    counts_persons = models.BooleanField(
        _("counts persons"),
        default=True,
        help_text=_(
            "Counts of fewer than five persons are not disclosed outside the "
            "coordination. Leave empty for things: laws, workshops, institutions."
        ),
    )
    may_exceed_whole = models.BooleanField(
        _("may exceed 100 %"),
        default=False,
        help_text=_("For a percentage, such as people trained out of people planned."),
    )
    dimension = models.ForeignKey(
        Dimension,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("broken down by"),
    )
    second_dimension = models.ForeignKey(
        Dimension,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("and by"),
    )
    due_per = models.CharField(
        _("actual values are due per"), max_length=20, choices=Period.Kind, blank=True
    )
    due_days = models.PositiveSmallIntegerField(
        _("days after the end of the period"),
        null=True,
        blank=True,
        help_text=_("Empty: as many as the project allows."),
    )
    responsible = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("responsible"),
    )
    # The same indicator of other projects, so that a portfolio can compare and add them.
    standard = models.CharField(
        _("standard list"),
        max_length=10,
        choices=Standard,
        blank=True,
        help_text=_("If other projects measure the same: the list that the indicator is from."),
    )
    standard_code = models.CharField(_("code in that list"), max_length=30, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)
    entered_on = entered_on_field()

    history = HistoricalRecords()

    # What the translation queue knows of its texts.
    pairs = GenericRelation("projects.Translation")

    class Meta:
        ordering = ["code"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["result", "code"],
                name="indicator_code_is_used_once",
                violation_error_message=_("The result already has an indicator with this code."),
            ),
            models.CheckConstraint(
                name="indicator_is_broken_down_by_two_things",
                condition=Q(second_dimension=None)
                | (Q(dimension__isnull=False) & ~Q(dimension=F("second_dimension"))),
                violation_error_message=_("Choose two different things to break it down by."),
            ),
            models.CheckConstraint(
                name="indicator_standard_has_its_code",
                condition=Q(standard="", standard_code="")
                | (~Q(standard="") & ~Q(standard_code="")),
                violation_error_message=_("Give both the standard list and the code in it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("projects:indicator", args=[self.result.project.code, self.pk])

    def clean(self) -> None:
        self.standard_code = self.standard_code.strip().upper()
        if self.measure == self.Measure.QUALITATIVE and self.dimension_id:
            raise ValidationError({"dimension": _("Values in words cannot be broken down.")})
        if not self.pk:
            return
        before = type(self).objects.filter(pk=self.pk).values("dimension", "second_dimension")
        now = {"dimension": self.dimension_id, "second_dimension": self.second_dimension_id}
        if before.get() != now and self.data_points.filter(category__isnull=False).exists():
            raise ValidationError(
                {"dimension": _("There are already values by these groups. Delete them first.")}
            )

    @property
    def dimensions(self) -> list[Dimension]:
        return [each for each in (self.dimension, self.second_dimension) if each]

    @property
    def dimension_names(self) -> str:
        """Return the names of its dimensions: sex × age group."""
        return " × ".join(str(each) for each in self.dimensions)

    def cells(self) -> list[tuple[Category, Category | None]]:
        """Return all cells of its breakdown in the order of their categories; none without a
        breakdown."""
        if not self.dimension:
            return []
        second = list(self.second_dimension.categories.all()) if self.second_dimension else [None]
        return [(one, other) for one in self.dimension.categories.all() for other in second]
