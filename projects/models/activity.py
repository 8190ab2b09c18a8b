"""Activities of a project, such as workshops, training kits and missions, planned and carried out, with
the numbers of their participants.
"""

from datetime import date
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, columns_of, translated
from partners.models import Institution
from projects.models.project import Project
from projects.models.result import Result


class ActivityQuerySet(models.QuerySet["Activity"]):
    def with_days(self) -> Self:
        """Add the first and the last day: the same rule as `Activity.span`, for many rows."""
        return self.annotate(
            first_day=Coalesce("actual_start", "actual_end", "planned_start", "planned_end"),
            last_day=Coalesce("actual_end", "planned_end", "actual_start", "planned_start"),
        )

    def between(self, start: date, end: date) -> Self:
        """Keep activities with a day from `start` to `end`, both included."""
        begun = self.with_days().filter(first_day__lte=end)
        return begun.filter(Q(last_day__gte=start) | Q(first_day__gte=start))

    def without_days(self) -> Self:
        return self.with_days().filter(first_day=None)

    def of_institution(self, institution: Institution) -> Self:
        """Keep activities for which the institution is responsible, or in which it is a partner."""
        partnered = Activity.partners.through.objects.filter(institution=institution)
        return self.filter(Q(responsible=institution) | Q(pk__in=partnered.values("activity")))

    def with_related(self) -> Self:
        """Fetch what a list shows beside each activity."""
        return self.select_related("result", "responsible").prefetch_related(
            "responsible__names", "groups"
        )


class Activity(Lifecycle, Multilingual):
    """An activity. `status` says whether it goes ahead at all, `state` how far it has come."""

    class Kind(models.TextChoices):
        WORKSHOP = "workshop", _("Workshop")
        TRAINING_KIT = "training_kit", _("Training kit")
        AUDIOVISUAL = "audiovisual", _("Audiovisual tool")
        MISSION = "mission", _("Mission")
        GRANT = "grant", _("Grant")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        GOING = "going", pgettext_lazy("of an activity", "Goes ahead")
        POSTPONED = "postponed", pgettext_lazy("of an activity", "Postponed")
        CANCELLED = "cancelled", pgettext_lazy("of an activity", "Cancelled")

    STEPS = {
        "resume": Step.of(
            {Status.POSTPONED, Status.CANCELLED},
            Status.GOING,
            pgettext_lazy("an activity", "Take it up again"),
        ),
        "postpone": Step.of(
            Status.GOING, Status.POSTPONED, pgettext_lazy("an activity", "Postpone")
        ),
        "cancel": Step.of(
            {Status.GOING, Status.POSTPONED},
            Status.CANCELLED,
            pgettext_lazy("an activity", "Cancel the activity"),
        ),
    }

    class State(models.TextChoices):
        """Computed from status, dates and share done; not stored."""

        DONE = "done", _("Done")
        IN_PROGRESS = "in_progress", _("In progress")
        LATE = "late", _("Late")
        PLANNED = "planned", _("Planned")
        POSTPONED = "postponed", pgettext_lazy("of an activity", "Postponed")
        CANCELLED = "cancelled", pgettext_lazy("of an activity", "Cancelled")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="activities")
    status = status_field(Status, Status.GOING)
    code = models.CharField(
        _("code"),
        max_length=20,
        blank=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9.-]*$",
                _("Use only letters, digits, points and hyphens, such as 1111.1."),
            )
        ],
        help_text=_("Usually the code of its output followed by a number, such as 1111.1."),
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
    description = translated(models.TextField(_("description"), blank=True, max_length=3000))
    responsible = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("responsible"),
        help_text=_("Its contacts may add evidence to this activity."),
    )
    partners = models.ManyToManyField(
        Institution, blank=True, related_name="+", verbose_name=_("together with")
    )
    department = models.CharField(_("department"), max_length=80, blank=True)
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
            help_text=_("If the exact days are not known, such as “October 2019”."),
        )
    )
    share_done = models.PositiveSmallIntegerField(
        _("share done (%)"), default=0, validators=[MaxValueValidator(100)]
    )
    planned_participants = models.PositiveIntegerField(
        _("planned participants"), null=True, blank=True
    )
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    # The total may be known while its parts are invented for a demonstration.
    groups_illustrative = models.BooleanField(
        _("the participants by sex and institution are illustrative"), default=False
    )
    evidence = models.CharField(_("evidence or source"), max_length=300, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ActivityQuerySet.as_manager()
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
                violation_error_message=_("The planned end is before the planned start."),
            ),
            models.CheckConstraint(
                name="activity_actual_dates_are_ordered",
                condition=Q(actual_start=None)
                | Q(actual_end=None)
                | Q(actual_end__gte=F("actual_start")),
                violation_error_message=_("The actual end is before the actual start."),
            ),
            models.CheckConstraint(
                name="activity_share_is_at_most_whole",
                condition=Q(share_done__lte=100),
                violation_error_message=_("The share done cannot exceed 100 %."),
            ),
            models.UniqueConstraint(
                fields=["project", "code"],
                condition=~Q(code=""),
                name="activity_code_is_used_once",
                violation_error_message=_("The project already has an activity with this code."),
            ),
            # So that a form sent twice makes one activity, not two.
            models.UniqueConstraint(
                "project",
                "kind",
                *columns_of("title"),
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
        today = timezone.localdate()
        for name in ("actual_start", "actual_end"):
            if (day := getattr(self, name)) and day > today:
                raise ValidationError(
                    {name: _("This day is in the future: enter it as a planned date.")}
                )
        if self.result and self.result.project_id != self.project_id:
            raise ValidationError({"result": _("That result belongs to another project.")})

    @property
    def state(self) -> State:
        return self.state_on(timezone.localdate())

    def state_on(self, day: date) -> State:
        if self.status != self.Status.GOING:
            return self.State(self.status)
        if self.share_done == 100 or self.actual_end:
            return self.State.DONE
        if self.planned_end and self.planned_end < day:
            return self.State.LATE
        if self.actual_start or self.share_done:
            return self.State.IN_PROGRESS
        return self.State.PLANNED

    @property
    def percent_done(self) -> int:
        """Return 100 for an activity that is done, whatever share was entered last."""
        return 100 if self.state == self.State.DONE else self.share_done

    @property
    def is_late(self) -> bool:
        return self.state == self.State.LATE

    @property
    def is_going(self) -> bool:
        return self.status == self.Status.GOING

    @property
    def took_place(self) -> bool:
        """Whether its days are actual ones rather than planned ones."""
        return bool(self.actual_start or self.actual_end)

    @property
    def span(self) -> tuple[date, date] | None:
        """Return its first and its last day, the actual ones or else the planned ones; None if
        neither is known. An activity under way lasts until its planned end."""
        first = self.actual_start or self.actual_end or self.planned_start or self.planned_end
        last = self.actual_end or self.planned_end or self.actual_start or self.planned_start
        return (first, max(first, last)) if first and last else None

    def complete(self) -> None:
        """Set the share done to 100 %."""
        self.share_done = 100
        self.save(update_fields=["share_done"])

    @property
    def where(self) -> str:
        """Return the place and its department, without repeating one in the other."""
        if self.department and self.department.casefold() not in self.place.casefold():
            return f"{self.place} ({self.department})" if self.place else self.department
        return self.place


# --- Participants ---
#
# Never names.

SEXES = {
    "women": _("women"),
    "men": _("men"),
    "other": pgettext_lazy("participants by sex", "other"),
    "unsaid": pgettext_lazy("participants by sex", "not said"),
}


def _count(name: str) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(SEXES[name], default=0)


class ParticipantGroup(models.Model):
    """Participants of one institution, of one kind of institutions, or (with neither) of all
    together where only their sex is known. The total of an activity may be larger: then sex and
    institution of the others are unknown."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="groups")
    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("institution"),
    )
    kind = models.CharField(
        _("kind of institution"), max_length=20, choices=Institution.Kind, blank=True
    )
    women = _count("women")
    men = _count("men")
    other = _count("other")
    unsaid = _count("unsaid")

    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("group of participants")
        verbose_name_plural = _("groups of participants")
        constraints = [
            models.CheckConstraint(
                name="participantgroup_institution_or_kind",
                condition=Q(institution=None) | Q(kind=""),
            ),
            models.CheckConstraint(
                name="participantgroup_is_somebody",
                condition=Q(women__gt=0) | Q(men__gt=0) | Q(other__gt=0) | Q(unsaid__gt=0),
            ),
            models.UniqueConstraint(
                "activity",
                Coalesce("institution", 0),
                "kind",
                name="participantgroup_is_told_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"

    @property
    def name(self) -> str:
        if self.institution:
            return self.institution.name
        return str(self.get_kind_display()) if self.kind else str(_("All together"))

    @property
    def counts(self) -> dict[str, int]:
        return {sex: getattr(self, sex) for sex in SEXES}

    @property
    def total(self) -> int:
        return sum(self.counts.values())
