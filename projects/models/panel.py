"""Panels of calls: members, their conflicts of interest, and their scores.

A member declares for each proposal whether there is a conflict of interest, and reads only
proposals without one. Scores are private to the member until they are submitted; then they are
final.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.channel import Channel
from kernel.keys import by_whom
from projects.models.call import CallForProposals, Criterion
from projects.models.proposal import Proposal


class PanelMemberQuerySet(models.QuerySet["PanelMember"]):
    def current(self) -> Self:
        return self.filter(ended_on=None)


class PanelMember(models.Model):
    call = models.ForeignKey(CallForProposals, on_delete=models.PROTECT, related_name="panel")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="panels",
        verbose_name=_("person"),
    )
    ended_on = models.DateField(_("left on"), null=True, blank=True)

    objects = PanelMemberQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("panel member")
        verbose_name_plural = _("panel members")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "user"],
                name="panelmember_once",
                violation_error_message=_("This person is already on the panel."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def counted(self) -> Self:
        """Keep assessments that count in the result: submitted, and without a conflict of
        interest."""
        return self.filter(has_conflict=False, submitted_at__isnull=False)


class Assessment(models.Model):
    """The assessment of one proposal by one member: the declaration of conflict, then the
    scores."""

    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="assessments")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="assessments")
    has_conflict = models.BooleanField(_("conflict of interest"))
    conflict = models.TextField(_("which conflict"), max_length=1000, blank=True)
    declared_at = models.DateTimeField(default=timezone.now, editable=False)
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    submitted_at = models.DateTimeField(null=True, editable=False)
    # How the scores were received, where the coordination entered them for the member.
    channel = models.CharField(
        _("received by"), max_length=20, choices=Channel, default=Channel.PORTAL
    )
    received_on = models.DateField(_("received on"), null=True, blank=True)
    entered_by = by_whom(blank=True, editable=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(fields=["member", "proposal"], name="assessment_once"),
            models.CheckConstraint(
                name="assessment_conflict_is_explained",
                condition=Q(has_conflict=False) | ~Q(conflict=""),
                violation_error_message=_("Say in a few words which conflict there is."),
            ),
            models.CheckConstraint(
                name="assessment_entered_says_how_and_when",
                condition=Q(channel="portal")
                | Q(received_on__isnull=False, entered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.proposal}"

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None


class Score(models.Model):
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    points = models.DecimalField(_("points"), max_digits=5, decimal_places=2)
    comment = models.CharField(_("comment"), max_length=500, blank=True)

    class Meta:
        ordering = ["criterion__position", "pk"]
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="score_once"),
            models.CheckConstraint(
                name="score_is_not_negative", condition=Q(points__gte=0, points__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"
