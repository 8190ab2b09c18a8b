"""Stored figures of each project, for pages that show many, and the filters that people keep there."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models import Project


class ProjectStanding(models.Model):
    """The figures of a project, without any text. They are written with its obligations, anew after
    each change.

    People who may see small counts of persons, unshared risks or what waits inside the team read
    other numbers than people who may not. Each kind of reader has numbers of its own
    (`ibcr_portal.portfolio.standing`).
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("figures of a project")
        verbose_name_plural = _("figures of projects")

    def __str__(self) -> str:
        return str(self.project_id)


class SavedFilter(models.Model):
    """Filters of the portfolio under a name that a person gave them. Nobody else sees them."""

    MOST = 20  # of a person

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)  # the part of the address with the filters

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="savedfilter_name_is_used_once",
                violation_error_message=_("You already have a filter of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('portfolio')}?{self.query}"
