"""What a meeting resolves, and what each agenda item and resolution speaks of."""

import functools
import operator
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.committee import Committee
from committees.models.meeting import AgendaItem, Meeting
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from partners.models import Institution
from projects.models import Activity, Amendment, Indicator, Project, Result


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def of_visible_projects(self, user: User) -> Self:
        return self.filter(meeting__committee__project__in=Project.objects.visible_to(user))

    def decisions(self) -> Self:
        return self.filter(kind=Resolution.Kind.DECISION)

    def recommendations(self) -> Self:
        return self.filter(kind=Resolution.Kind.RECOMMENDATION)

    def adopted(self) -> Self:
        """Decisions in force and recommendations issued: what others than members may see."""
        return self.exclude(status__in=Resolution.NOT_ADOPTED)

    def overdue(self) -> Self:
        return self.filter(status__in=Resolution.OPEN, due_on__lt=timezone.localdate())

    def with_related(self) -> Self:
        return self.select_related(
            "meeting__committee__project", "agenda_item", "addressee"
        ).prefetch_related(
            "addressee__names",
            "subjects__result",
            "subjects__indicator__result__project",
            "subjects__activity__project",
            "subjects__action__project",
            "subjects__plan__period",
            "subjects__plan__project",
            "subjects__amendment__project",
        )


class Resolution(Lifecycle, Multilingual):
    """A decision or a recommendation. The quorum of its moment is kept with it.

    Follow-up rate: implemented ÷ (issued − declined).
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("Decision")
        RECOMMENDATION = "recommendation", _("Recommendation")

    class Status(models.TextChoices):
        DRAFTED = "drafted", _("Drafted")
        ADOPTED = "adopted", _("Adopted")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")
        EXECUTED = "executed", _("Executed")
        SUPERSEDED = "superseded", _("Superseded")
        ISSUED = "issued", _("Issued")
        ACCEPTED = "accepted", _("Accepted")
        PARTLY_ACCEPTED = "partly", _("Accepted in part")
        DECLINED = "declined", _("Declined")
        IN_PROGRESS = "in_progress", _("In progress")
        IMPLEMENTED = "implemented", _("Implemented")

    class Rule(models.TextChoices):
        CONSENSUS = "consensus", _("by consensus")
        MAJORITY = "majority", _("by majority vote")
        TWO_THIRDS = "two_thirds", _("by two-thirds vote")

    NOT_ADOPTED = frozenset({Status.DRAFTED, Status.REJECTED, Status.DEFERRED})
    OPEN = frozenset(
        {
            Status.ADOPTED,
            Status.ISSUED,
            Status.ACCEPTED,
            Status.PARTLY_ACCEPTED,
            Status.IN_PROGRESS,
        }
    )

    # Decisions and recommendations share no status, so one table holds both lives.
    STEPS = {
        "adopt": Step.of(Status.DRAFTED, Status.ADOPTED, _("Adopt")),
        "reject": Step.of(Status.DRAFTED, Status.REJECTED, _("Reject")),
        "defer": Step.of(Status.DRAFTED, Status.DEFERRED, _("Defer")),
        "execute": Step.of(Status.ADOPTED, Status.EXECUTED, _("Mark as executed")),
        "supersede": Step.of(Status.ADOPTED, Status.SUPERSEDED, _("Supersede")),
        "accept": Step.of(Status.ISSUED, Status.ACCEPTED, _("Accept")),
        "accept_partly": Step.of(Status.ISSUED, Status.PARTLY_ACCEPTED, _("Accept in part")),
        "decline": Step.of(Status.ISSUED, Status.DECLINED, _("Decline")),
        "start": Step.of([Status.ACCEPTED, Status.PARTLY_ACCEPTED], Status.IN_PROGRESS, _("Start")),
        "implement": Step.of(
            [Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.IN_PROGRESS],
            Status.IMPLEMENTED,
            _("Mark as implemented"),
        ),
    }

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="resolutions")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="resolutions")
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.PROTECT,
        related_name="resolutions",
        verbose_name=_("agenda item"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.CharField(_("number"), max_length=20, editable=False)
    text = translated(models.TextField(_("text"), max_length=3000))
    rule = models.CharField(_("adopted"), max_length=20, choices=Rule, blank=True)
    votes_for = models.PositiveSmallIntegerField(_("votes for"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("votes against"), null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField(_("abstentions"), null=True, blank=True)
    # The quorum at that moment; empty where an old meeting does not state it.
    seats_present = models.PositiveSmallIntegerField(null=True, editable=False)
    seats_required = models.PositiveSmallIntegerField(null=True, editable=False)
    seats_total = models.PositiveSmallIntegerField(null=True, editable=False)
    resolved_on = models.DateField(_("resolved on"), null=True, editable=False)
    addressee = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolutions",
        verbose_name=_("responsible"),
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True, max_length=3000)
    status = status_field(Status, Status.DRAFTED)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = ResolutionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-resolved_on", "number"]
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "number"],
                name="resolution_number_is_used_once",
                violation_error_message=_("The committee already has a resolution of this number."),
            ),
            models.CheckConstraint(
                name="resolution_adopted_with_quorum",
                condition=~Q(status__in=["adopted", "executed", "superseded"])
                | Q(seats_present__isnull=True, seats_required__isnull=True)
                | Q(seats_present__gte=models.F("seats_required")),
                violation_error_message=_("A decision needs a quorum when it is adopted."),
            ),
            models.CheckConstraint(
                name="resolution_status_fits_its_kind",
                condition=Q(
                    kind="decision",
                    status__in=[
                        "drafted",
                        "adopted",
                        "rejected",
                        "deferred",
                        "executed",
                        "superseded",
                    ],
                )
                | Q(
                    kind="recommendation",
                    status__in=[
                        "issued",
                        "accepted",
                        "partly",
                        "declined",
                        "in_progress",
                        "implemented",
                    ],
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("committees:resolution", args=[self.pk])

    @property
    def is_decision(self) -> bool:
        return self.kind == self.Kind.DECISION

    @property
    def is_adopted(self) -> bool:
        return self.is_decision and self.status not in self.NOT_ADOPTED

    @property
    def is_overdue(self) -> bool:
        return self.status in self.OPEN and bool(self.due_on) and self.due_on < timezone.localdate()

    def clean(self) -> None:
        cast = sum(votes or 0 for votes in (self.votes_for, self.votes_against, self.abstentions))
        if self.seats_present is not None and cast > self.seats_present:
            raise ValidationError(
                _("There are more votes (%(votes)s) than voting seats present (%(seats)s).")
                % {"votes": cast, "seats": self.seats_present}
            )


THINGS = ("result", "indicator", "activity", "action", "plan", "amendment")


def exactly_one(names: tuple[str, ...]) -> Q:
    """The condition that one of these references is set and the others are not."""
    choices = [Q(**{f"{name}__isnull": name != chosen for name in names}) for chosen in names]
    return functools.reduce(operator.or_, choices)


class SubjectQuerySet(models.QuerySet["Subject"]):
    def with_things(self) -> Self:
        return self.select_related(
            "result__project",
            "indicator__result__project",
            "activity__project",
            "action__project",
            "plan__project",
            "plan__period",
            "amendment__project",
        )


class Subject(models.Model):
    """A link of the evidence chain: an agenda item or a resolution speaks of one thing."""

    THINGS = THINGS

    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    resolution = models.ForeignKey(
        Resolution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    result = models.ForeignKey(
        Result, on_delete=models.CASCADE, null=True, blank=True, related_name="subjects"
    )
    indicator = models.ForeignKey(
        Indicator,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    activity = models.ForeignKey(
        Activity,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    action = models.ForeignKey(
        "Action",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    plan = models.ForeignKey(
        "ActionPlan",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )
    amendment = models.ForeignKey(
        Amendment,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="subjects",
    )

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints = [
            models.CheckConstraint(
                name="subject_of_one_item_or_resolution",
                condition=exactly_one(("agenda_item", "resolution")),
            ),
            models.CheckConstraint(
                name="subject_is_one_thing",
                condition=exactly_one(THINGS),
            ),
        ]

    def __str__(self) -> str:
        return str(self.thing)

    @property
    def thing(self) -> models.Model:
        name = next(name for name in self.THINGS if getattr(self, f"{name}_id"))
        return getattr(self, name)

    @property
    def kind(self) -> str:
        return self.thing._meta.verbose_name
