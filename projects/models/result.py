"""What a project promised and what it measured: results, indicators, values."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from projects import presets
from projects.models.project import Period, Project


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Result(Multilingual):
    """A statement of the logic model, at one of the levels of its donor's preset."""

    class Level(models.TextChoices):
        """Keys: the names that people read, and what belongs to what, are the donor's preset."""

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
    # Among those of one parent; where nobody moved any, they stand in the order of their codes.
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
                violation_error_message=_("The project already has a result of this code."),
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
    def donor_level(self) -> presets.Level:
        """Of the preset of its project."""
        return self.project.donor_preset.level(self.level)

    @property
    def level_name(self) -> str:
        return self.project.donor_preset.level_name(self.level)

    def clean(self) -> None:
        """Levels go one step down, so a tree of results can hold no circle."""
        if self.parent and self.parent.project_id != self.project_id:
            raise ValidationError({"parent": _("That result is of another project.")})
        self._refuse_a_circle()
        if not any(level.key == self.level for level in self.project.donor_preset.results):
            message = _("%(preset)s has no such level. Choose another one.")
            raise ValidationError({"level": message % {"preset": self.project.donor_preset.name}})
        self._fit_the_levels()

    def _refuse_a_circle(self) -> None:
        above = self.parent
        while above and self.pk:
            if above.pk == self.pk:
                message = _("“%(code)s” stands below this result: choose one that does not.")
                raise ValidationError({"parent": message % {"code": self.parent.code}})
            above = above.parent

    def _fit_the_levels(self) -> None:
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
        UNIT = "unit", _("Number")
        PERCENTAGE = "percentage", _("Percentage")
        QUALITATIVE = "qualitative", _("Qualitative")

    class Cumulative(models.TextChoices):
        SUM = "sum", _("Periods add up")
        LATEST = "latest", _("The latest period counts")
        HIGHEST = "highest", _("The highest period counts")

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
    responsible = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("responsible"),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["code"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["result", "code"],
                name="indicator_code_is_used_once",
                violation_error_message=_("The result already has an indicator of this code."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("projects:indicator", args=[self.result.project.code, self.pk])


class DataPointQuerySet(models.QuerySet["DataPoint"]):
    def approved(self) -> Self:
        return self.filter(status=DataPoint.Status.APPROVED)


class DataPoint(Lifecycle):
    """A baseline, a target or an actual. A proportion keeps its numerator and denominator."""

    class Kind(models.TextChoices):
        BASELINE = "baseline", _("Baseline")
        TARGET = "target", _("Target")
        ACTUAL = "actual", _("Actual")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")

    STEPS = {
        "submit": Step.of(Status.DRAFT, Status.SUBMITTED, _("Submit")),
        "return": Step.of(Status.SUBMITTED, Status.DRAFT, _("Return")),
        "approve": Step.of(Status.SUBMITTED, Status.APPROVED, _("Approve")),
        "reopen": Step.of(Status.APPROVED, Status.DRAFT, _("Correct")),
    }

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="data_points")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    period = models.ForeignKey(
        Period,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_points",
        verbose_name=_("period"),
    )
    numerator = models.DecimalField(
        _("value"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    denominator = models.DecimalField(
        _("out of"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    comment = models.TextField(_("comment or qualitative value"), blank=True, max_length=2000)
    status = status_field(Status, Status.DRAFT)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = DataPointQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "period__start", "kind"]
        verbose_name = _("value")
        verbose_name_plural = _("values")
        constraints = [
            models.CheckConstraint(
                name="datapoint_denominator_is_positive",
                condition=Q(denominator=None) | Q(denominator__gt=0),
                violation_error_message=_("“Out of” must be more than zero."),
            ),
            models.CheckConstraint(
                name="datapoint_period_unless_baseline",
                condition=Q(kind="baseline", period=None)
                | (~Q(kind="baseline") & Q(period__isnull=False)),
                violation_error_message=_(
                    "A target or an actual needs its period; a baseline has none."
                ),
            ),
            models.UniqueConstraint(
                fields=["indicator", "kind", "period"],
                name="datapoint_is_told_once",
                violation_error_message=_(
                    "There already is a value for this period: correct that one."
                ),
            ),
            models.UniqueConstraint(
                fields=["indicator"],
                condition=Q(kind="baseline"),
                name="datapoint_one_baseline",
                violation_error_message=_("There already is a baseline: correct that one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} · {self.get_kind_display()}"

    def clean(self) -> None:
        self._belongs_to_one_project()
        if self.indicator.measure == Indicator.Measure.UNIT and self.denominator is not None:
            raise ValidationError({"denominator": _("A number is not a part of another number.")})
        if self.indicator.measure == Indicator.Measure.PERCENTAGE:
            self._is_a_part_of_a_whole()

    def _belongs_to_one_project(self) -> None:
        """One kind of period per indicator: years and their quarters would be counted twice."""
        if not self.period:
            return
        if self.period.project_id != self.indicator.result.project_id:
            raise ValidationError({"period": _("That period is of another project.")})
        others = self.indicator.data_points.exclude(pk=self.pk).exclude(period=None)
        other = others.exclude(period__kind=self.period.kind).select_related("period").first()
        if other:
            message = _("The values of this indicator are told per: %(kind)s.")
            kind = other.period.get_kind_display()
            raise ValidationError({"period": message % {"kind": kind}})

    def _is_a_part_of_a_whole(self) -> None:
        if (
            self.kind == self.Kind.ACTUAL
            and self.numerator is not None
            and self.denominator is None
        ):
            raise ValidationError(
                {"denominator": _("A measured percentage needs its “out of”: 12 out of 40.")}
            )
        if self.numerator is not None and not 0 <= self.numerator <= (self.denominator or 100):
            raise ValidationError(
                {"numerator": _("A part lies between zero and its whole (or 100 %).")}
            )

    @property
    def value(self) -> Decimal | None:
        """The number, or for a proportion its per cent; None where it is missing (never zero)."""
        if self.numerator is None:
            return None
        if self.denominator is not None:
            return self.numerator * 100 / self.denominator
        return self.numerator
