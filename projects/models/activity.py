"""What a project did: workshops, training kits, missions."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from kernel.text import Multilingual, translated
from projects.models.project import Project
from projects.models.result import Result
from projects.suppression import may_be_told


class Activity(Multilingual):
    class Kind(models.TextChoices):
        WORKSHOP = "workshop", _("Workshop")
        TRAINING_KIT = "training_kit", _("Training kit")
        AUDIOVISUAL = "audiovisual", _("Audiovisual tool")
        MISSION = "mission", _("Mission")
        GRANT = "grant", _("Grant")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        """Computed from dates and share done, never kept."""

        DONE = "done", _("Done")
        IN_PROGRESS = "in_progress", _("In progress")
        LATE = "late", _("Late")
        PLANNED = "planned", _("Planned")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="activities")
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
                violation_error_message=_("The planned end lies before the planned start."),
            ),
            models.CheckConstraint(
                name="activity_actual_dates_are_ordered",
                condition=Q(actual_start=None)
                | Q(actual_end=None)
                | Q(actual_end__gte=F("actual_start")),
                violation_error_message=_("The actual end lies before the actual start."),
            ),
            models.CheckConstraint(
                name="activity_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done is at most 100 %."),
            ),
            models.CheckConstraint(
                name="activity_women_are_participants",
                condition=Q(women=None) | Q(participants__gte=F("women")),
                violation_error_message=_("There cannot be more women than participants."),
            ),
            # A form sent twice tells one activity, not two.
            models.UniqueConstraint(
                "project",
                "kind",
                "title_fr",
                "place",
                Coalesce("planned_start", date.min),
                Coalesce("actual_start", date.min),
                name="activity_is_told_once",
                violation_error_message=_(
                    "The project already has this activity at this place on these days."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:activity", args=[self.project.code, self.pk])

    def clean(self) -> None:
        if self.women is not None and self.participants is None:
            raise ValidationError({"participants": _("Give the number of participants as well.")})
        today = timezone.localdate()
        for name in ("actual_start", "actual_end"):
            if (day := getattr(self, name)) and day > today:
                raise ValidationError(
                    {name: _("This day is still to come: enter it as a planned date.")}
                )
        if self.result and self.result.project_id != self.project_id:
            raise ValidationError({"result": _("That result is of another project.")})

    @property
    def state(self) -> State:
        return self.state_on(timezone.localdate())

    def state_on(self, day: date) -> State:
        if self.share_done == 100 or self.actual_end:
            return self.State.DONE
        if self.planned_end and self.planned_end < day:
            return self.State.LATE
        if self.actual_start or self.share_done:
            return self.State.IN_PROGRESS
        return self.State.PLANNED

    @property
    def percent_done(self) -> int:
        """What was done is done, whatever share was last entered."""
        return 100 if self.state == self.State.DONE else self.share_done

    @property
    def is_late(self) -> bool:
        return self.state == self.State.LATE

    @property
    def women_may_be_told(self) -> bool:
        """Whether the number of women, and that of the others, is nought or large enough.

        Both count: who knows the total could compute the one from the other.
        """
        if self.women is None or self.participants is None:
            return False
        return may_be_told((self.women, self.participants - self.women))
