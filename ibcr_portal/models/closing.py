"""When a project was closed for good, by whom, what was still open then, and whether it was reopened."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.keys import by_whom
from projects.models import Project


class ProjectClosing(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="closings")
    closed_on = models.DateField(_("closed on"))
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    by = by_whom(editable=True)
    # What was still open, by the key of the check, and why it was closed nevertheless.
    open_things = models.JSONField(default=dict, editable=False)
    why = models.TextField(_("why it is closed nevertheless"), blank=True, max_length=2000)
    # What it changed, so that reopening takes back this and nothing else.
    effects = models.JSONField(default=dict, editable=False)
    # By which the committee approved it, where it did.
    decision = models.ForeignKey(
        "committees.Resolution",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="closings",
    )
    reopened_at = models.DateTimeField(null=True, editable=False)
    reopened_by = by_whom(editable=True)
    reopened_why = models.TextField(_("why it was reopened"), blank=True, max_length=2000)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("closing of a project")
        verbose_name_plural = _("closings of projects")
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(reopened_at=None),
                name="projectclosing_one_at_a_time",
            ),
            models.CheckConstraint(
                name="projectclosing_although_says_why",
                condition=Q(open_things={}) | ~Q(why=""),
            ),
            models.CheckConstraint(
                name="projectclosing_reopened_says_why",
                condition=Q(reopened_at=None) | ~Q(reopened_why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.closed_on}"
