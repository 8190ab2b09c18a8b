"""Reporting duties of a project to its donor: for which periods and by when, and their fulfilment.

Duties are data that follow the agreement of the project. Due days are computed from a duty and the
periods of its kind; they are not stored.
"""

from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.entering import entered_on_field
from kernel.files import DOCUMENTS, PICTURES, StoredFile
from kernel.formats import day
from kernel.keys import by_whom
from kernel.text import Multilingual, StrOrPromise, columns_of, translated
from partners.models import Institution
from projects.models.assignment import Assignment
from projects.models.period import Period
from projects.models.project import Participation, Project


class ReportingDutyQuerySet(models.QuerySet["ReportingDuty"]):
    def with_related(self) -> Self:
        return self.select_related(
            "project", "participation__institution", "institution"
        ).prefetch_related("participation__institution__names", "institution__names")


class ReportingDuty(Multilingual):
    class Kind(models.TextChoices):
        NARRATIVE = "narrative", _("Narrative report")
        FINANCIAL = "financial", _("Financial report")
        ACTUALS = "actuals", _("Actual values of the indicators")
        WORK_PLAN = "work_plan", _("Annual work plan")
        AGREEMENT = "agreement", _("Signed agreement")
        FINAL = "final", _("Final report")
        INVENTORY = "inventory", _("Inventory of assets, and what became of them")
        AUDIT = "audit", _("Audit report")
        OTHER = "other", _("Other")

    class Edge(models.TextChoices):
        START = "start", _("the start of the period")
        END = "end", _("the end of the period")

    # What is asked for once has no period: it counts from the start or the end of the project.
    ONCE = "once"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reporting_duties")
    participation = models.ForeignKey(
        Participation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reporting_duties",
        verbose_name=_("owed to"),
        help_text=_("Empty: to every donor of the project."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = translated(models.CharField(_("title"), max_length=200))
    period_kind = models.CharField(
        _("for each"),
        max_length=20,
        choices=[*Period.Kind.choices, (ONCE, _("Once, for the whole project"))],
    )
    days = models.SmallIntegerField(
        _("days"),
        default=30,
        validators=[MinValueValidator(-366), MaxValueValidator(366)],
        help_text=_("After the day below; with a minus sign, before it. 0 is the day itself."),
    )
    edge = models.CharField(_("counted from"), max_length=10, choices=Edge, default=Edge.END)
    on = models.DateField(
        _("or on this day"),
        null=True,
        blank=True,
        help_text=_("Only of what is asked for once; the days above do not count then."),
    )
    # Either a role of the team or an institution is responsible.
    role = models.CharField(
        _("responsible in the team"), max_length=20, choices=Assignment.Role, blank=True
    )
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("or an institution"),
    )
    since = models.DateField(
        _("for periods that begin from"), null=True, blank=True, help_text=_("Empty: for all.")
    )
    until = models.DateField(
        _("for periods that begin until"), null=True, blank=True, help_text=_("Empty: for all.")
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)
    entered_on = entered_on_field()

    objects = ReportingDutyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["project", "kind", "pk"]
        verbose_name = _("reporting duty")
        verbose_name_plural = _("reporting duties")
        constraints = [
            models.CheckConstraint(
                name="reportingduty_has_one_responsible",
                condition=(~Q(role="") & Q(institution=None))
                | (Q(role="") & Q(institution__isnull=False)),
                violation_error_message=_(
                    "Choose who answers for it: a role of the team, or an institution, not both."
                ),
            ),
            models.CheckConstraint(
                name="reportingduty_ends_after_it_starts",
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                violation_error_message=_("This duty ends before it begins."),
            ),
            models.CheckConstraint(
                name="reportingduty_on_a_day_is_once",
                condition=Q(on=None) | Q(period_kind="once"),
                violation_error_message=_(
                    "A fixed day is only for what is asked for once: leave it empty, or choose “once”."
                ),
            ),
            # So that a form or a preset sent twice makes one duty.
            models.UniqueConstraint(
                fields=["project", "kind", *columns_of("title"), "period_kind"],
                name="reportingduty_is_entered_once",
                violation_error_message=_("The project already has this duty."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.participation and self.participation.project_id != self.project_id:
            raise ValidationError({"participation": _("That institution is in another project.")})

    def due_on(self, period: Period) -> date:
        """Return the day on which it is due for that period: so many days after its start or
        end."""
        edge = period.start if self.edge == self.Edge.START else period.end
        return edge + timedelta(days=self.days)

    def due_once(self, project: Project) -> date:
        """Return the day on which it is due that is asked for once."""
        edge = project.starts_on if self.edge == self.Edge.START else project.current_end
        return self.on or edge + timedelta(days=self.days)

    @property
    def is_once(self) -> bool:
        return self.period_kind == self.ONCE

    def asks_for(self, period: Period) -> bool:
        """Whether the duty exists for that period: one of its kind that begins within its time."""
        return (
            period.kind == self.period_kind
            and (self.since is None or period.start >= self.since)
            and (self.until is None or period.start <= self.until)
        )

    @property
    def rule(self) -> str:
        """Return its rule in words: “30 days after the end of each period”."""
        if self.on:
            return _("on %(day)s") % {"day": day(self.on)}
        words = (
            self._rules_once()
            if self.is_once
            else {
                (self.Edge.START, True): _("%(days)s after the start of each period"),
                (self.Edge.START, False): _("%(days)s before the start of each period"),
                (self.Edge.END, True): _("%(days)s after the end of each period"),
                (self.Edge.END, False): _("%(days)s before the end of each period"),
            }
        )
        number = abs(self.days)
        days = ngettext("%(count)s day", "%(count)s days", number) % {"count": number}
        return words[self.Edge(self.edge), self.days >= 0] % {"days": days}

    def _rules_once(self) -> dict[tuple[Edge, bool], StrOrPromise]:
        return {
            (self.Edge.START, True): _("%(days)s after the start of the project"),
            (self.Edge.START, False): _("%(days)s before the start of the project"),
            (self.Edge.END, True): _("%(days)s after the end of the project"),
            (self.Edge.END, False): _("%(days)s before the end of the project"),
        }


class DutyDone(models.Model):
    """The fulfilment of a duty for one period: a day on which it was handed in, or a reason why it
    does not apply. People enter it where the portal cannot know it by itself."""

    class Outcome(models.TextChoices):
        DONE = "done", pgettext_lazy("duty", "Handed in")
        NOT_OWED = "not_owed", _("Not applicable")

    duty = models.ForeignKey(ReportingDuty, on_delete=models.CASCADE, related_name="done")
    # None: of a duty that is asked for once.
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, null=True, blank=True, related_name="duties_done"
    )
    outcome = models.CharField(
        _("what happened"), max_length=20, choices=Outcome, default=Outcome.DONE
    )
    on = models.DateField(_("on"))
    note = models.CharField(
        _("note"),
        max_length=300,
        blank=True,
        help_text=_("Such as the reference of the letter, or why it is not applicable."),
    )
    by = by_whom()
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    class Meta:
        ordering = ["-on", "pk"]
        verbose_name = _("duty fulfilled")
        verbose_name_plural = _("duties fulfilled")
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "period"],
                name="dutydone_is_said_once",
                violation_error_message=_("Somebody has already noted this."),
            ),
            models.UniqueConstraint(
                fields=["duty"],
                condition=Q(period=None),
                name="dutydone_once_is_said_once",
                violation_error_message=_("Somebody has already noted this."),
            ),
            models.CheckConstraint(
                name="dutydone_not_owed_says_why",
                condition=~Q(outcome="not_owed") | ~Q(note=""),
                violation_error_message=_("Say in the note why it is not applicable."),
            ),
        ]

    def __str__(self) -> str:
        what = f"{self.duty} · {self.period}" if self.period_id else f"{self.duty}"
        return f"{what} · {day(self.on)}"


class DutyFile(StoredFile):
    """The document that was handed in, or the donor's receipt."""

    ACCEPTED = (*DOCUMENTS, *PICTURES)

    done = models.OneToOneField(DutyDone, on_delete=models.PROTECT, related_name="file")

    class Meta:
        verbose_name = _("file of a duty")
        verbose_name_plural = _("files of duties")

    def __str__(self) -> str:
        return self.original_name
