"""The committee, its rules, and whether it meets as often as they ask."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from committees.models.quorum import QuorumRules
from kernel.entering import entered_on_field, in_time_until
from kernel.lifecycle import Lifecycle, Step, status_field
from kernel.text import Multilingual, active_language, translated, validate_markdown
from partners.models import Institution
from projects.models import Project

if TYPE_CHECKING:
    from committees.models.meeting import Meeting


class CommitteeQuerySet(models.QuerySet["Committee"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))


class Committee(Lifecycle, Multilingual):
    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        DISSOLVED = "dissolved", _("Dissolved")

    class QuorumRule(models.TextChoices):
        SHARE = "share", _("Share of the voting seats")
        MAJORITY = "majority", _("More than half of the voting seats")

    class DecisionRule(models.TextChoices):
        CONSENSUS = "consensus", _("Consensus")
        MAJORITY = "majority", _("Majority of members voting")
        TWO_THIRDS = "two_thirds", _("Two thirds of members voting")

    STEPS = {
        "constitute": Step.of(Status.DRAFT, Status.ACTIVE, _("Constitute")),
        "suspend": Step.of(Status.ACTIVE, Status.SUSPENDED, _("Suspend")),
        "resume": Step.of(Status.SUSPENDED, Status.ACTIVE, _("Resume")),
        "dissolve": Step.of([Status.ACTIVE, Status.SUSPENDED], Status.DISSOLVED, _("Dissolve")),
        # Only with its project, which an administrator reopens (`ibcr_portal.closing`).
        "reinstate": Step.of(Status.DISSOLVED, Status.ACTIVE, _("Reinstate")),
    }

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="committee")
    name = translated(models.CharField(_("name"), max_length=200))
    mandate = translated(models.TextField(_("mandate"), max_length=5000, blank=True))
    meetings_per_year = models.PositiveSmallIntegerField(
        _("meetings per year, at least"), default=1, validators=[MinValueValidator(1)]
    )
    # The terms of reference: the text here, a file among the committee's documents.
    terms_text = translated(
        models.TextField(_("terms of reference"), blank=True, validators=[validate_markdown])
    )
    terms_adopted_by = models.ForeignKey(
        "Resolution",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("terms of reference adopted by"),
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"), default=15, validators=[MaxValueValidator(366)]
    )
    notice_days_extraordinary = models.PositiveSmallIntegerField(
        _("days of notice of an extraordinary meeting"),
        default=7,
        validators=[MaxValueValidator(366)],
    )
    papers_due_days = models.PositiveSmallIntegerField(
        _("documents due, days before the meeting"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(366)],
        help_text=_("Empty: the terms of reference do not say."),
    )
    quorum_rule = models.CharField(
        _("quorum"), max_length=20, choices=QuorumRule, default=QuorumRule.MAJORITY
    )
    quorum_share = models.DecimalField(
        _("quorum share"),
        max_digits=4,
        decimal_places=3,
        default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(1)],
        help_text=_("Between 0 and 1; used when the quorum is a share of the seats."),
    )
    counts_vacant_seats = models.BooleanField(_("vacant seats count"), default=True)
    second_call_share = models.DecimalField(
        _("quorum share at second call"),
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.001")), MaxValueValidator(1)],
    )
    decision_rule = models.CharField(
        _("decisions by"),
        max_length=20,
        choices=DecisionRule,
        default=DecisionRule.CONSENSUS,
    )
    minutes_silence_days = models.PositiveSmallIntegerField(
        _("silence adopts the minutes after, in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("Empty: silence adopts nothing."),
    )
    minutes_name = translated(
        models.CharField(
            _("what the minutes are called"),
            max_length=60,
            blank=True,
        )
    )
    signatory = models.CharField(
        _("who signs certificates of attendance"),
        max_length=120,
        blank=True,
        help_text=_("The name. Empty: whoever signs for the organisation."),
    )
    signatory_role = translated(
        models.CharField(_("function of the signatory"), max_length=120, blank=True)
    )
    counts_admitted_delegates = models.BooleanField(
        _("delegate admitted by the chair counts before accreditation"), default=False
    )
    # How far the coordination may shift an action in execution without a new version.
    tolerance_days = models.PositiveSmallIntegerField(
        _("tolerance in days"), default=0, validators=[MaxValueValidator(366)]
    )
    tolerance_share = models.DecimalField(
        _("tolerance as a share of the budget"),
        max_digits=4,
        decimal_places=3,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    status = status_field(Status, Status.DRAFT)
    entered_on = entered_on_field()

    objects = CommitteeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("committee")
        verbose_name_plural = _("committees")
        constraints = [
            models.CheckConstraint(
                name="committee_quorum_share_is_a_share",
                condition=Q(quorum_share__gt=0, quorum_share__lte=1),
            ),
            models.CheckConstraint(
                name="committee_tolerance_is_a_share",
                condition=Q(tolerance_share__gte=0, tolerance_share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("committees:detail", args=[self.pk])

    def quorum_rules(self) -> QuorumRules:
        """The quorum as the terms of reference set it today. One query, for the minima."""
        return QuorumRules(
            is_majority=self.quorum_rule == self.QuorumRule.MAJORITY,
            share=self.quorum_share,
            second_call_share=self.second_call_share,
            counts_vacant_seats=self.counts_vacant_seats,
            counts_admitted_delegates=self.counts_admitted_delegates,
            minima={row.kind: row.seats for row in self.quorum_minima.all()} if self.pk else {},
        )

    def notice_asked(self, *, extraordinary: bool) -> int:
        """The days of notice that the terms of reference require."""
        return self.notice_days_extraordinary if extraordinary else self.notice_days

    @property
    def minutes_label(self) -> str:
        """The committee's own name for its minutes in the reader's language; without one the usual
        word, not the name in another language."""
        own: str = getattr(self, f"minutes_name_{active_language()}")
        return own or str(_("Minutes"))

    def next_meeting_due(self, last: date) -> date:
        """Return the day by which to meet again, if the meetings of a year are spread evenly."""
        months = max(12 // self.meetings_per_year, 1)
        year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
        length = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(last.day, length))

    def compliance(self, held: Sequence["Meeting"] | None = None) -> "Compliance":
        """Whether the committee meets as often as its rules ask for. `held` are its meetings held,
        newest first, if the caller has read them."""
        found = list(self.meetings.held().of_chart()[:1]) if held is None else held
        last = found[0] if found else None
        due = self.next_meeting_due(last.day) if last else None
        if due and due > self.project.current_end:
            due = None
        return Compliance(
            last=last,
            due=due,
            is_late=due is not None
            and self.status == self.Status.ACTIVE
            and in_time_until(due, self.entered_on) < timezone.localdate(),
        )


@dataclass(frozen=True)
class Compliance:
    """The last meeting, and by when the next is due (None: after the project, or never met)."""

    last: models.Model | None
    due: date | None
    is_late: bool


class QuorumMinimum(models.Model):
    """The number of voting seats of a kind of institution that a quorum needs, beside the total
    number."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="quorum_minima")
    kind = models.CharField(_("kind"), max_length=20, choices=Institution.Kind)
    seats = models.PositiveSmallIntegerField(
        _("voting seats, at least"), validators=[MinValueValidator(1)]
    )

    class Meta:
        ordering = ["committee", "kind"]
        verbose_name = _("minimum for the quorum")
        verbose_name_plural = _("minima for the quorum")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "kind"], name="quorumminimum_of_a_kind_once"
            ),
            models.CheckConstraint(name="quorumminimum_is_one_at_least", condition=Q(seats__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.seats}"
