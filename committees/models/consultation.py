"""Written procedure: what the committee decides between two meetings."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy
from simple_history.models import HistoricalRecords

from committees.models.committee import Committee
from committees.models.seat import Seat
from kernel.channel import Received
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, translated
from projects.models import Amendment


class WrittenConsultationQuerySet(models.QuerySet["WrittenConsultation"]):
    def open(self) -> Self:
        return self.filter(status=WrittenConsultation.Status.OPEN)

    def with_related(self) -> Self:
        return self.select_related("committee__project", "validates__period", "recommends")

    def with_counts(self, day: date) -> Self:
        """Add how many seats vote on that day (`asked`), and how many of them have answered."""
        seats = Seat.objects.filter(committee=OuterRef("committee"), is_voting=True).on(day)
        answering = seats.filter(ballots__consultation=OuterRef("pk"))
        return self.annotate(asked=_count(seats), answered=_count(answering))


def _count(seats: models.QuerySet[Seat]) -> Coalesce:
    counted = seats.order_by().values("committee").annotate(count=Count("pk", distinct=True))
    return Coalesce(Subquery(counted.values("count")), 0)


class WrittenConsultation(Lifecycle, Multilingual):
    """A proposal on which each voting seat answers by a day; quorum and rule as in a meeting.

    What is adopted becomes a `Resolution` that names this consultation in place of a meeting.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", pgettext_lazy("of a written procedure", "Open")
        ADOPTED = "adopted", pgettext_lazy("of a written procedure", "Adopted")
        REJECTED = "rejected", _("Rejected")
        NO_QUORUM = "no_quorum", _("Without quorum")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    STEPS = {
        "open": Step.of(Status.DRAFT, Status.OPEN, _("Send to the voting seats")),
        "extend": Step.of(Status.OPEN, Status.OPEN, _("Extend the deadline")),
        # By another way than a message of the portal, which reaches nobody.
        "remind": Step.of(Status.OPEN, Status.OPEN, _("Remind the silent seats")),
        "adopt": Step.of(Status.OPEN, Status.ADOPTED, _("Close")),
        "reject": Step.of(Status.OPEN, Status.REJECTED, _("Close")),
        "close_without_quorum": Step.of(Status.OPEN, Status.NO_QUORUM, _("Close")),
        "withdraw": Step.of([Status.DRAFT, Status.OPEN], Status.WITHDRAWN, _("Withdraw")),
    }

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="consultations")
    title = translated(models.CharField(_("title"), max_length=200))
    text = translated(models.TextField(_("proposed decision"), max_length=3000))
    why_written = models.TextField(
        _("why in writing"),
        max_length=2000,
        help_text=_("Why this cannot wait for the next meeting."),
    )
    rule = models.CharField(_("decision by"), max_length=20, choices=Committee.DecisionRule)
    answers_until = models.DateField(_("answers until"))
    opened_on = models.DateField(_("sent on"), null=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    validates = models.ForeignKey(
        "ActionPlan",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("validates the plan"),
    )
    recommends = models.ForeignKey(
        Amendment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("recommends the amendment"),
    )
    adopts_minutes = models.ForeignKey(
        "Minutes",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("adopts the minutes"),
    )
    adopts_terms = models.BooleanField(
        _("adopts the terms of reference"), default=False, db_default=False
    )
    extends_to = models.DateField(_("recommends an extension until"), null=True, blank=True)
    closes_project = models.BooleanField(
        _("approves closing the project"), default=False, db_default=False
    )
    status = status_field(Status, Status.DRAFT)
    if TYPE_CHECKING:  # added by `with_counts`
        asked: int
        answered: int
    # Of the form that wrote it: the same form sent twice writes one.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = WrittenConsultationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["-opened_on", "-pk"]
        verbose_name = _("written procedure")
        verbose_name_plural = _("written procedures")
        constraints = [
            models.CheckConstraint(
                name="consultation_opened_is_dated",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(opened_on__isnull=False),
            ),
            models.CheckConstraint(
                name="consultation_closed_is_dated",
                condition=~Q(status__in=["adopted", "rejected", "no_quorum"])
                | Q(closed_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("committees:consultation", args=[self.pk])

    @property
    def takes_answers(self) -> bool:
        """Whether answers are recorded: until it is closed, also a letter that comes late, since
        the person who closes it sees it."""
        return self.status == self.Status.OPEN


class BallotQuerySet(models.QuerySet["Ballot"]):
    def latest_each(self) -> Self:
        """The newest answer of each seat to each consultation; those before it are replaced."""
        newest = Ballot.objects.filter(
            consultation=models.OuterRef("consultation"), seat=models.OuterRef("seat")
        ).order_by("-pk")
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))


class Ballot(Received):
    """The answer of a voting seat. Rows are only added: the newest counts."""

    class Choice(models.TextChoices):
        AGREE = "agree", _("Agrees")
        ABSTAIN = "abstain", _("Abstains")
        OBJECT = "object", _("Objects")

    consultation = models.ForeignKey(
        WrittenConsultation, on_delete=models.CASCADE, related_name="ballots"
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("seat")
    )
    choice = models.CharField(_("answer"), max_length=20, choices=Choice)
    reason = models.TextField(_("reason"), blank=True, max_length=3000)
    given_on = models.DateField(_("given on"), default=timezone.localdate)

    objects = BallotQuerySet.as_manager()

    class Meta(Received.Meta):
        ordering = ["consultation", "seat", "-pk"]
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.CheckConstraint(
                name="ballot_objects_with_a_reason",
                condition=~Q(choice="object") | ~Q(reason=""),
                violation_error_message=_("Say why your seat objects."),
            ),
            *Received.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.seat} · {self.get_choice_display()}"

    def clean(self) -> None:
        if self.choice == self.Choice.OBJECT and not self.reason.strip():
            raise ValidationError({"reason": _("Say why your seat objects.")})
        if self.given_on and self.given_on > timezone.localdate():
            raise ValidationError({"given_on": _("An answer cannot have arrived in the future.")})
