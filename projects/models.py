"""What a project promised, with whom, and what it measured.

Periods have a start and an end and do not depend on plan years. The original end of a
project is never overwritten: an extension moves `current_end` alone.
"""

from datetime import date
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from simple_history.models import HistoricalRecords

from accounts.models import User
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Administrators see every project; others those they work for or are a partner of."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        assigned = Assignment.objects.current().filter(user=user).values("project")
        institutions = Institution.objects.spoken_for_by(user)
        partnered = Participation.objects.filter(institution__in=institutions).values(
            "project"
        )
        return self.filter(Q(pk__in=assigned) | Q(pk__in=partnered))


class Project(Multilingual):
    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("In progress")
        CLOSED = "closed", _("Closed")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", _("Cancelled")

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
                _("Use letters, digits, points and hyphens only, such as HN-TRATA."),
            )
        ],
    )
    short_title = translated(models.CharField(_("short title"), max_length=80))
    title = translated(models.CharField(_("title"), max_length=300))
    description = translated(
        models.TextField(_("description"), blank=True, max_length=5000)
    )
    country = CountryField(_("country"), default="HN")
    donor_number = models.CharField(
        _("donor's project number"), max_length=60, blank=True
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.ACTIVE
    )
    starts_on = models.DateField(_("start"))
    original_end = models.DateField(_("original end"))
    current_end = models.DateField(_("current end"), editable=False)
    currency = models.CharField(_("currency"), max_length=3, default="CAD")
    illustrative = models.BooleanField(
        _("illustrative"),
        default=False,
        help_text=_("Demonstration: the whole project is invented."),
    )
    source_note = translated(
        models.TextField(_("sources and what is illustrative"), blank=True)
    )

    objects = ProjectQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-starts_on", "code"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.CheckConstraint(
                name="project_ends_after_it_starts",
                condition=Q(
                    original_end__gt=F("starts_on"), current_end__gt=F("starts_on")
                ),
                violation_error_message=_("A project ends after it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.short_title

    def get_absolute_url(self) -> str:
        return reverse("projects:detail", args=[self.code])

    @property
    def is_extended(self) -> bool:
        return self.current_end != self.original_end

    @property
    def share_elapsed(self) -> Decimal:
        """Share of the time from start to current end that has passed, from 0 to 1."""
        total = (self.current_end - self.starts_on).days
        passed = (min(timezone.localdate(), self.current_end) - self.starts_on).days
        return Decimal(max(passed, 0)) / Decimal(total)


class Period(models.Model):
    class Kind(models.TextChoices):
        PROJECT_YEAR = "project_year", _("Project year")
        QUARTER = "quarter", _("Quarter")
        SEMESTER = "semester", _("Semester")
        FISCAL_YEAR = "fiscal_year", _("Donor's fiscal year")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="periods"
    )
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.PROJECT_YEAR
    )
    number = models.PositiveSmallIntegerField(_("number"))
    start = models.DateField(_("start"))
    end = models.DateField(_("end"))

    class Meta:
        ordering = ["kind", "start"]
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.CheckConstraint(
                name="period_ends_after_it_starts",
                condition=Q(end__gt=F("start")),
                violation_error_message=_("A period ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["project", "kind", "number"],
                name="period_number_is_used_once",
                violation_error_message=_(
                    "The project already has a period of this number."
                ),
            ),
        ]

    def __str__(self) -> str:
        return _("%(kind)s %(number)s") % {
            "kind": self.get_kind_display(),
            "number": self.number,
        }

    def clean(self) -> None:
        """Periods of one kind do not overlap. They may reach past the project: a fiscal year does."""
        if not (self.project_id and self.start and self.end):
            return
        others = self.project.periods.filter(kind=self.kind).exclude(pk=self.pk)
        if other := others.filter(start__lte=self.end, end__gte=self.start).first():
            raise ValidationError(
                _("“%(other)s” already covers part of these dates."),
                params={"other": other},
            )
        if self.end < self.project.starts_on or self.start > self.project.current_end:
            raise ValidationError(_("This period lies wholly outside the project."))

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def with_institutions(self) -> Self:
        return self.select_related("institution").prefetch_related("institution__names")


class Participation(models.Model):
    """An institution in a project, in one role. A group represented (Afro-Honduran peoples,
    children and adolescents) is an institution of civil society like any other."""

    class Role(models.TextChoices):
        FUNDING = "funding", _("Funding")
        REPRESENTING = "representing", _("Represents the donor")
        ACCOUNTABLE = "accountable", _("Accountable")
        IMPLEMENTING = "implementing", _("Implementing")
        PARTNER = "partner", _("Partner")
        BENEFICIARY = "beneficiary", _("Beneficiary")

    DONOR_ROLES = frozenset({Role.FUNDING, Role.REPRESENTING})

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="participations"
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="participations",
        verbose_name=_("institution"),
    )
    role = models.CharField(
        _("role"), max_length=20, choices=Role, default=Role.PARTNER
    )

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "institution", "role"],
                name="participation_role_once",
                violation_error_message=_(
                    "This institution already has this role in the project."
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_role_display()}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()))


class Assignment(models.Model):
    """A person who works for the project on the side of the organisation, or audits it."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        MONITORING = "monitoring", _("Monitoring")
        FINANCE = "finance", _("Finance")
        READER = "reader", _("Reader")
        AUDITOR = "auditor", _("Auditor")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="assignments"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="assignments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "role"],
                name="assignment_role_once",
                violation_error_message=_(
                    "This person already has this role in the project."
                ),
            ),
            models.CheckConstraint(
                name="assignment_of_an_auditor_ends",
                condition=~Q(role="auditor") | Q(ends_on__isnull=False),
                violation_error_message=_("An auditor's access needs an end date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ResultQuerySet(models.QuerySet["Result"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Result(Multilingual):
    """A statement of the logic model. Customary codes: 1000, 1100, 1110, 1111."""

    class Level(models.TextChoices):
        ULTIMATE = "ultimate", _("Ultimate outcome")
        INTERMEDIATE = "intermediate", _("Intermediate outcome")
        IMMEDIATE = "immediate", _("Immediate outcome")
        OUTPUT = "output", _("Output")

    PARENT_LEVEL = {
        Level.ULTIMATE: None,
        Level.INTERMEDIATE: Level.ULTIMATE,
        Level.IMMEDIATE: Level.INTERMEDIATE,
        Level.OUTPUT: Level.IMMEDIATE,
    }

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="results"
    )
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
                violation_error_message=_(
                    "The project already has a result of this code."
                ),
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

    def clean(self) -> None:
        """Levels go one step down, so a tree of results can hold no circle."""
        expected = self.PARENT_LEVEL.get(self.level)
        if self.level != self.Level.ULTIMATE and not self.parent:
            # The three public objectives of a project may be all that is known of its tree.
            if self.level != self.Level.INTERMEDIATE:
                raise ValidationError(
                    {"parent": _("Say which result this one belongs to.")}
                )
        elif self.parent and self.parent.level != expected:
            raise ValidationError(
                {
                    "parent": _("%(level)s belongs to: %(expected)s.")
                    % {
                        "level": self.get_level_display(),
                        "expected": expected.label if expected else "–",
                    }
                }
            )
        if self.parent and self.parent.project_id != self.project_id:
            raise ValidationError({"parent": _("That result is of another project.")})


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
    measure = models.CharField(
        _("measure"), max_length=20, choices=Measure, default=Measure.UNIT
    )
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
                violation_error_message=_(
                    "The result already has an indicator of this code."
                ),
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

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="data_points"
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
    numerator = models.DecimalField(
        _("value"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    denominator = models.DecimalField(
        _("out of"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    comment = models.TextField(
        _("comment or qualitative value"), blank=True, max_length=2000
    )
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
                nulls_distinct=False,
                name="datapoint_is_told_once",
                violation_error_message=_(
                    "There already is a value for this period: correct that one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.code} · {self.get_kind_display()}"

    @property
    def value(self) -> Decimal | None:
        """The number, or for a proportion its per cent; None where it is missing (never zero)."""
        if self.numerator is None:
            return None
        if self.denominator is not None:
            return self.numerator * 100 / self.denominator
        return self.numerator


class Activity(Multilingual):
    class Kind(models.TextChoices):
        WORKSHOP = "workshop", _("Workshop")
        TRAINING_KIT = "training_kit", _("Training kit")
        AUDIOVISUAL = "audiovisual", _("Audiovisual tool")
        MISSION = "mission", _("Mission")
        GRANT = "grant", _("Grant")
        OTHER = "other", _("Other")

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="activities"
    )
    result = models.ForeignKey(
        Result,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("result"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = translated(models.CharField(_("title"), max_length=300))
    place = models.CharField(_("place"), max_length=120, blank=True)
    planned_start = models.DateField(_("planned start"), null=True, blank=True)
    planned_end = models.DateField(_("planned end"), null=True, blank=True)
    actual_start = models.DateField(_("actual start"), null=True, blank=True)
    actual_end = models.DateField(_("actual end"), null=True, blank=True)
    date_note = translated(
        models.CharField(
            _("date in words"),
            max_length=120,
            blank=True,
            help_text=_("Where the exact days are not known, such as “October 2019”."),
        )
    )
    share_done = models.PositiveSmallIntegerField(
        _("share done (%)"), default=0, validators=[MaxValueValidator(100)]
    )
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    women = models.PositiveIntegerField(_("of whom women"), null=True, blank=True)
    evidence = models.CharField(_("evidence or source"), max_length=300, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = [F("actual_start").asc(nulls_last=True), "planned_start", "pk"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                name="activity_planned_dates_are_ordered",
                condition=Q(planned_start=None)
                | Q(planned_end=None)
                | Q(planned_end__gte=F("planned_start")),
                violation_error_message=_(
                    "The planned end lies before the planned start."
                ),
            ),
            models.CheckConstraint(
                name="activity_actual_dates_are_ordered",
                condition=Q(actual_start=None)
                | Q(actual_end=None)
                | Q(actual_end__gte=F("actual_start")),
                violation_error_message=_(
                    "The actual end lies before the actual start."
                ),
            ),
            models.CheckConstraint(
                name="activity_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done is at most 100 %."),
            ),
            models.CheckConstraint(
                name="activity_women_are_participants",
                condition=Q(women=None) | Q(participants__gte=F("women")),
                violation_error_message=_(
                    "There cannot be more women than participants."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:activity", args=[self.project.code, self.pk])


class Amendment(Lifecycle, Multilingual):
    """A change of what was agreed. The committee recommends, the donor approves: two facts.

    Recommending and taking effect touch decisions and plans: they are services of
    `committees`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RECOMMENDED = "recommended", _("Recommended by the committee")
        SUBMITTED = "submitted", _("Submitted to the donor")
        APPROVED = "approved", _("Approved by the donor")
        REFUSED = "refused", _("Refused by the donor")
        EFFECTIVE = "effective", _("In effect")

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("Extension")
        BUDGET = "budget", _("Budget")
        RESULTS = "results", _("Results")
        OTHER = "other", _("Other")

    STEPS = {
        "recommend": Step.of(Status.DRAFT, Status.RECOMMENDED, _("Recommend")),
        "submit": Step.of(
            [Status.DRAFT, Status.RECOMMENDED],
            Status.SUBMITTED,
            _("Submit to the donor"),
        ),
        "approve": Step.of(
            [Status.RECOMMENDED, Status.SUBMITTED],
            Status.APPROVED,
            _("Record approval"),
        ),
        "refuse": Step.of(
            [Status.RECOMMENDED, Status.SUBMITTED], Status.REFUSED, _("Record refusal")
        ),
        "take_effect": Step.of(Status.APPROVED, Status.EFFECTIVE, _("Put into effect")),
    }

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="amendments"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = translated(models.CharField(_("title"), max_length=200))
    reason = translated(models.TextField(_("reason"), max_length=2000))
    end_before = models.DateField(_("end before"), null=True, blank=True)
    end_after = models.DateField(_("end after"), null=True, blank=True)
    donor_decided_on = models.DateField(_("donor's answer on"), null=True, blank=True)
    donor_reference = models.CharField(
        _("donor's reference"), max_length=100, blank=True
    )
    status = status_field(Status, Status.DRAFT)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "number"],
                name="amendment_number_is_used_once",
                violation_error_message=_(
                    "The project already has an amendment of this number."
                ),
            ),
            models.CheckConstraint(
                name="amendment_extension_extends",
                condition=~Q(kind="extension")
                | Q(end_after=None)
                | Q(end_before=None)
                | Q(end_after__gt=F("end_before")),
                violation_error_message=_("An extension ends after the present end."),
            ),
            models.CheckConstraint(
                name="amendment_in_effect_is_approved",
                condition=~Q(status__in=["approved", "effective"])
                | Q(donor_decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return _("Amendment %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("projects:amendment", args=[self.project.code, self.pk])
