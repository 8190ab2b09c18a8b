"""Periods of a project: project years, quarters, semesters, and fiscal years of the donor.

Indicators, budgets and duties refer to them. They do not depend on the years of action plans.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.entering import entered_on_field
from projects.models.project import Project


class Period(models.Model):
    class Kind(models.TextChoices):
        PROJECT_YEAR = "project_year", _("Project year")
        QUARTER = "quarter", _("Quarter")
        SEMESTER = "semester", _("Half-year")
        FISCAL_YEAR = "fiscal_year", _("Donor's fiscal year")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="periods")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.PROJECT_YEAR)
    number = models.PositiveSmallIntegerField(_("number"))
    start = models.DateField(_("start"))
    end = models.DateField(_("end"))
    # What a report says about safeguarding: a day and a number. What was notified is never here.
    attested_on = models.DateField(
        _("safeguarding attested to the donor on"), null=True, blank=True
    )
    notifications = models.PositiveSmallIntegerField(
        _("safeguarding notifications to the donor"),
        null=True,
        blank=True,
        help_text=_("Only how many there were, or 0. Never what they were about."),
    )
    entered_on = entered_on_field()

    class Meta:
        ordering = ["kind", "start"]
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.CheckConstraint(
                name="period_ends_after_it_starts",
                condition=Q(end__gt=F("start")),
                violation_error_message=_("A period has to end after it starts."),
            ),
            models.UniqueConstraint(
                fields=["project", "kind", "number"],
                name="period_number_is_used_once",
                violation_error_message=_("The project already has a period with this number."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(kind)s %(number)s") % {
            "kind": self.get_kind_display(),
            "number": self.number,
        }

    def clean(self) -> None:
        """Refuses periods of one kind that overlap. They may reach past the project, as a fiscal
        year does, but not lie wholly outside it."""
        if not (self.project_id and self.start and self.end):
            return
        others = self.project.periods.filter(kind=self.kind).exclude(pk=self.pk)
        if other := others.filter(start__lte=self.end, end__gte=self.start).first():
            raise ValidationError(
                _("“%(other)s” already covers part of these dates."),
                params={"other": other},
            )
        if self.end < self.project.starts_on:
            raise ValidationError({"end": _("This period is entirely outside the project.")})
        if self.start > self.project.current_end:
            raise ValidationError({"start": _("This period is entirely outside the project.")})

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end
