"""The people who work for a project, each in a role."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def current(self) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()))


class Assignment(models.Model):
    """A person's role in a project for the organisation: somebody who works for it or audits it."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        MONITORING = "monitoring", _("Monitoring")
        FINANCE = "finance", _("Finance")
        READER = "reader", _("Reader")
        AUDITOR = "auditor", _("Auditor")

    project = models.ForeignKey(
        "projects.Project", on_delete=models.CASCADE, related_name="assignments"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="assignments",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    # None: before the portal noted it.
    began_on = models.DateField(_("since"), null=True, editable=False)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "role"],
                name="assignment_role_once",
                violation_error_message=_("This person already has this role in the project."),
            ),
            models.CheckConstraint(
                name="assignment_of_an_auditor_ends",
                condition=~Q(role="auditor") | Q(ends_on__isnull=False),
                violation_error_message=_("An auditor's access needs an end date."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
