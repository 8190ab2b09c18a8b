"""The answers of institutions to a plan: remarks and positions, whatever channel they came by.

Rows are only added. What came by letter, telephone or messenger is entered by the coordination,
with its evidence, and shown as such. An institution that does not answer is silent; silence is
never consent.
"""

from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.action import Action
from committees.models.audience import Audience
from committees.models.plan import ActionPlan
from kernel.channel import Received
from partners.models import Institution

SomeAnswer = TypeVar("SomeAnswer", bound="Answer")


class AnswerQuerySet(models.QuerySet[SomeAnswer]):
    def with_related(self) -> Self:
        return self.select_related("institution", "by").prefetch_related("institution__names")


class Answer(Received):
    """An answer of an institution to a plan, whatever channel it came by."""

    AUDIENCES = [
        (Audience.COORDINATION, Audience.COORDINATION.label),
        (Audience.COMMITTEE, Audience.COMMITTEE.label),
    ]

    institution = models.ForeignKey(
        Institution,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("institution"),
    )
    audience = models.CharField(
        _("who reads it"), max_length=20, choices=AUDIENCES, default=Audience.COORDINATION
    )
    given_on = models.DateField(_("given on"), default=timezone.localdate)

    # Each kind of answer declares its plan, under a related name of its own.
    plan: models.ForeignKey[ActionPlan, ActionPlan]

    class Meta(Received.Meta):
        abstract = True

    def clean(self) -> None:
        if self.given_on and self.given_on > self.plan.project.today:
            raise ValidationError({"given_on": _("An answer cannot have arrived in the future.")})


class Withdrawable(models.Model):
    """What its institution may take back until somebody has answered it. The row stays, so that
    nothing that was recorded is lost, and nobody reads it any more (`NotWithdrawnManager`)."""

    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class NotWithdrawnManager(models.Manager[Any]):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(withdrawn_at=None)


class RemarkQuerySet(AnswerQuerySet["Remark"]):
    def with_replies(self) -> Self:
        return self.prefetch_related("replies__by", "replies__institution__names")

    def open(self) -> Self:
        return self.filter(settled_at=None)


class Remark(Withdrawable, Answer):
    """A comment on a plan or one action, for the coordination only or for the committee."""

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="remarks")
    action = models.ForeignKey(
        Action,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name=_("action"),
    )
    text = models.TextField(_("remark"), max_length=4000)
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )

    # What the translation queue knows of its texts.
    pairs = GenericRelation("projects.Translation")

    objects = NotWithdrawnManager.from_queryset(RemarkQuerySet)()

    class Meta(Answer.Meta):
        ordering = ["pk"]
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self) -> str:
        return self.text[:80]


class PositionQuerySet(AnswerQuerySet["Position"]):
    def latest_each(self) -> Self:
        """The newest position of each institution on each plan; those before it are replaced."""
        newest = Position.objects.filter(
            plan=models.OuterRef("plan"), institution=models.OuterRef("institution")
        ).order_by("-pk")
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))


class Position(Answer):
    """An institution's position on a plan. Rows are only added: the newest counts."""

    class Stance(models.TextChoices):
        ENDORSES = "endorses", _("Endorses")
        WITH_REMARKS = "with_remarks", _("Endorses with remarks")
        ASKS_FOR_CHANGES = "asks", _("Asks for changes")
        CONSULTING = "consulting", _("In internal consultation")
        UNSIGNED = "unsigned", _("Subject to signed confirmation")

    plan = models.ForeignKey(ActionPlan, on_delete=models.CASCADE, related_name="positions")
    stance = models.CharField(_("position"), max_length=20, choices=Stance)
    # Only of a consultation: the day by which the institution means to have decided.
    until = models.DateField(_("in consultation until"), null=True, blank=True)
    text = models.TextField(_("reason or remark"), blank=True, max_length=4000)

    objects = PositionQuerySet.as_manager()

    class Meta(Answer.Meta):
        ordering = ["plan", "institution", "-pk"]
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            *Answer.Meta.constraints,
            models.CheckConstraint(
                name="position_asks_with_a_reason",
                condition=~Q(stance="asks") | ~Q(text=""),
                violation_error_message=_("Say which changes your institution asks for."),
            ),
            models.CheckConstraint(
                name="position_consults_until_a_day",
                condition=Q(stance="consulting", until__isnull=False)
                | (~Q(stance="consulting") & Q(until=None)),
                violation_error_message=_("Say until when your institution consults."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.get_stance_display()}"

    def clean(self) -> None:
        super().clean()
        if self.stance == self.Stance.ASKS_FOR_CHANGES and not self.text.strip():
            raise ValidationError({"text": _("Say which changes your institution asks for.")})
        if self.until and self.given_on and self.until < self.given_on:
            raise ValidationError({"until": _("This day has already passed: choose a later one.")})

    @property
    def is_of_another_text(self) -> bool:
        """The actions were changed after the institution had answered."""
        changed_at = self.plan.terms_changed_at
        return changed_at is not None and changed_at > self.recorded_at
