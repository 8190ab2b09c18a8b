"""Invitations to a project's team. The portal tells nobody whether it knows the typed address: the
person signs in and accepts."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from kernel.keys import by_whom
from projects.models.assignment import Assignment
from projects.models.project import Project


class TeamInvitationQuerySet(models.QuerySet["TeamInvitation"]):
    def open(self) -> Self:
        return self.filter(outcome="", sent_at__gte=timezone.now() - TeamInvitation.LASTS)

    def to_expire(self) -> Self:
        return self.filter(outcome="", sent_at__lt=timezone.now() - TeamInvitation.LASTS)

    def without_effect(self) -> Self:
        return self.exclude(outcome__in=["", TeamInvitation.Outcome.ACCEPTED])

    def to_forget(self) -> Self:
        return self.filter(ended_at__lt=timezone.now() - TeamInvitation.KEPT)


class TeamInvitation(models.Model):
    """It is kept for some time after it ended, so that its link can say what became of it."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
        DECLINED = "declined", pgettext_lazy("invitation", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "Withdrawn")
        EXPIRED = "expired", pgettext_lazy("invitation", "Expired")

    LASTS = timedelta(days=30)
    KEPT = timedelta(days=90)  # after its end

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="team_invitations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="team_invitations",
        verbose_name=_("person"),
    )
    # As typed: the account may have another name, which the sender must not learn.
    typed_name = models.CharField(_("full name"), max_length=200)
    typed_email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Assignment.Role)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    sent_by = by_whom(on_delete=models.SET_NULL, editable=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = TeamInvitationQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to a team")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "role"], name="team_invitation_role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.typed_name} · {self.get_role_display()}"

    def get_absolute_url(self) -> str:
        return reverse("projects:team-invitation", args=[self.project.code, self.pk])

    @property
    def expires_at(self) -> datetime:
        return self.sent_at + self.LASTS

    @property
    def is_open(self) -> bool:
        return not self.outcome and self.expires_at >= timezone.now()
