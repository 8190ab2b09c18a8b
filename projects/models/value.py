"""Values of indicators: baselines, targets and actual values, in total and by cell."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.channel import ONLINE, Channel
from kernel.files import StoredFile
from kernel.keys import by_whom
from kernel.lifecycle import Lifecycle, Step, status_field
from partners.models import Institution
from projects.models.dimension import Category
from projects.models.period import Period
from projects.models.result import Indicator

Cell = tuple[int | None, int | None]
TOTAL: Cell = (None, None)


class DataPointQuerySet(models.QuerySet["DataPoint"]):
    def approved(self) -> Self:
        return self.filter(status=DataPoint.Status.APPROVED)

    def totals(self) -> Self:
        return self.filter(category=None)

    def cells(self) -> Self:
        return self.filter(category__isnull=False)

    def of_same(self, point: "DataPoint") -> Self:
        """Keep the total and all cells of the same indicator, kind and period."""
        return self.filter(indicator=point.indicator_id, kind=point.kind, period=point.period_id)

    def with_cells(self) -> Self:
        return self.select_related("period", "category", "second_category")


class DataPoint(Lifecycle):
    """A baseline, target or actual value: a total (without category) or one cell of the breakdown.

    A proportion keeps its numerator and denominator. The total has the comment, the source and the
    files, and its steps include its cells (`framework.services.values`). If nobody typed its
    number, it is the computed sum of the cells (`is_computed`).
    """

    class Kind(models.TextChoices):
        BASELINE = "baseline", _("Baseline")
        TARGET = "target", _("Target")
        ACTUAL = "actual", _("Actual value")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")

    STEPS = {
        "submit": Step.of(Status.DRAFT, Status.SUBMITTED, _("Submit")),
        "withdraw": Step.of(Status.SUBMITTED, Status.DRAFT, _("Take back")),
        "return": Step.of(Status.SUBMITTED, Status.DRAFT, _("Return")),
        "approve": Step.of(Status.SUBMITTED, Status.APPROVED, _("Approve")),
        "reopen": Step.of(Status.APPROVED, Status.DRAFT, _("Correct")),
    }

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="data_points", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    period = models.ForeignKey(
        Period,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="data_points",
        verbose_name=_("period"),
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("category"),
    )
    second_category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("second category"),
    )
    numerator = models.DecimalField(
        _("value"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    denominator = models.DecimalField(
        _("out of"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    is_computed = models.BooleanField(_("sum of its cells"), default=False, editable=False)
    nothing_to_report = models.BooleanField(_("nothing to report"), default=False)
    comment = models.TextField(_("comment or qualitative value"), blank=True, max_length=2000)
    source = models.CharField(_("source of this value"), max_length=300, blank=True)
    status = status_field(Status, Status.DRAFT)
    entered_by = by_whom()
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now, editable=False)
    # The institution whose value it is; None: the coordination itself.
    given_by = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("given by"),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.PORTAL)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    evidence = models.CharField(_("how you know"), max_length=300, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    # What the translation queue knows of its texts.
    pairs = GenericRelation("projects.Translation")

    objects = DataPointQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["indicator", "period__start", "kind", "pk"]
        verbose_name = _("value")
        verbose_name_plural = _("values")
        # Of release 1.0, whose news ask each indicator for what came since a moment.
        indexes = [models.Index(fields=["indicator", "entered_at"], name="datapoint_by_moment")]
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
                    "A target or an actual value needs its period; a baseline has none."
                ),
            ),
            models.CheckConstraint(
                name="datapoint_second_category_follows_the_first",
                condition=Q(second_category=None) | Q(category__isnull=False),
            ),
            models.CheckConstraint(
                name="datapoint_nothing_to_report_has_its_reason",
                condition=Q(nothing_to_report=False)
                | (Q(kind="actual", numerator=None, denominator=None) & ~Q(comment="")),
                violation_error_message=_("Say why there is nothing to report."),
            ),
            models.CheckConstraint(
                name="datapoint_entered_with_evidence",
                condition=Q(channel__in=sorted(ONLINE)) | ~Q(evidence=""),
                violation_error_message=_(
                    "Say how you know: who called and when, or which letter it was."
                ),
            ),
            # Coalesce, because SQLite has no unique index in which two empty values are equal.
            models.UniqueConstraint(
                "indicator",
                "kind",
                "period",
                Coalesce("category", 0),
                Coalesce("second_category", 0),
                name="datapoint_cell_is_told_once",
                violation_error_message=_(
                    "There is already a value for this period: correct that one."
                ),
            ),
            models.UniqueConstraint(
                "indicator",
                Coalesce("category", 0),
                Coalesce("second_category", 0),
                condition=Q(kind="baseline"),
                name="datapoint_one_baseline_a_cell",
                violation_error_message=_("There is already a baseline: correct that one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} · {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return reverse("projects:value", args=[self.indicator.result.project.code, self.pk])

    def clean(self) -> None:
        if not self.indicator_id:
            return  # the field has its own complaint
        self._check_period()
        self.check_numbers()

    def check_numbers(self) -> None:
        """Check the rules for numerator and denominator. Raises ValidationError by field."""
        if self.denominator is not None and self.denominator <= 0:
            raise ValidationError({"denominator": _("“Out of” must be more than zero.")})
        if self.indicator.measure == Indicator.Measure.UNIT and self.denominator is not None:
            raise ValidationError(
                {"denominator": _("A number cannot be a part of another number.")}
            )
        if self.indicator.counts_persons:
            self._check_persons()
        if self.indicator.measure == Indicator.Measure.PERCENTAGE:
            self._check_percentage()

    def _check_period(self) -> None:
        """An indicator has periods of one kind: years and their quarters would be counted twice."""
        if not self.period:
            return
        if self.period.project_id != self.indicator.result.project_id:
            raise ValidationError({"period": _("That period belongs to another project.")})
        others = self.indicator.data_points.exclude(pk=self.pk).exclude(period=None)
        other = others.exclude(period__kind=self.period.kind).select_related("period").first()
        if other and other.period:
            message = _("The values of this indicator are reported per: %(kind)s.")
            kind = other.period.get_kind_display()
            raise ValidationError({"period": message % {"kind": kind}})

    def _check_persons(self) -> None:
        """Counts of persons are whole and not negative; a bare percentage may be a fraction."""
        is_bare = self.indicator.measure == Indicator.Measure.PERCENTAGE and not self.denominator
        for name in ("numerator", "denominator"):
            number = getattr(self, name)
            if number is None or is_bare or self.kind == self.Kind.TARGET:
                continue
            if number < 0:
                raise ValidationError(
                    {name: _("Persons are counted from zero: no number is negative.")}
                )
            if number != number.to_integral_value():
                raise ValidationError({name: _("Persons are counted in whole numbers.")})

    def _check_percentage(self) -> None:
        if (
            self.kind == self.Kind.ACTUAL
            and self.numerator is not None
            and self.denominator is None
        ):
            raise ValidationError(
                {"denominator": _("A measured percentage needs its “out of”: 12 out of 40.")}
            )
        if self.numerator is None:
            return
        is_below = self.numerator < 0
        if is_below or (
            self.numerator > (self.denominator or 100) and not self.indicator.may_exceed_whole
        ):
            raise ValidationError(
                {"numerator": _("A part is between zero and its whole (or 100 %).")}
            )

    @property
    def cell(self) -> Cell:
        return (self.category_id, self.second_category_id)

    @property
    def period_end(self) -> date:
        """The last day of the period of a target or an actual."""
        assert self.period is not None  # constraint datapoint_period_unless_baseline
        return self.period.end

    @property
    def is_total(self) -> bool:
        return self.category_id is None

    @property
    def cell_name(self) -> str:
        """Return the categories of the cell: “Women · 12 to 17 years”; needs rows fetched
        `with_cells`."""
        return " · ".join(str(each) for each in (self.category, self.second_category) if each)

    @property
    def value(self) -> Decimal | None:
        """Return the number, or the percentage of a proportion; None if it is missing (never
        zero)."""
        if self.numerator is None:
            return None
        if self.denominator is not None:
            return self.numerator * 100 / self.denominator
        return self.numerator

    @property
    def was_entered_for_it(self) -> bool:
        return self.channel not in ONLINE


class ValueFile(StoredFile):
    """Evidence of a value, such as a list, a survey or a letter, for the team and the institution
    that gave it."""

    point = models.ForeignKey(DataPoint, on_delete=models.CASCADE, related_name="files")
    given_by = models.ForeignKey(Institution, on_delete=models.PROTECT, null=True, related_name="+")
    by = by_whom(editable=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("evidence of a value")
        verbose_name_plural = _("evidence of values")

    def __str__(self) -> str:
        return self.original_name


class ValueRequestQuerySet(models.QuerySet["ValueRequest"]):
    def with_related(self) -> Self:
        return self.select_related("project", "period", "institution").prefetch_related(
            "institution__names"
        )


class ValueRequest(models.Model):
    """A request to an institution for its values of a period, until a day.

    Until the end of that day the institution may change its values unless they are approved.
    """

    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="value_requests"
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="value_requests",
        verbose_name=_("institution"),
    )
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, related_name="value_requests", verbose_name=_("period")
    )
    due_on = models.DateField(_("requested until"))
    note = models.TextField(_("a message to the institution"), blank=True, max_length=1000)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    asked_by = by_whom(editable=True)
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = ValueRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-due_on", "pk"]
        verbose_name = _("request for values")
        verbose_name_plural = _("requests for values")
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "period"],
                name="valuerequest_is_made_once",
                violation_error_message=_(
                    "This institution was already asked for this period: give it more time there."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("projects:request", args=[self.project.code, self.pk])

    @property
    def occasion(self) -> str:
        """Return by what the outbox knows the messages that ask for these values."""
        return f"values:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its last day has not ended yet at the place of the project."""
        return self.project.today <= self.due_on
