"""Institutions of civil society that a coordinator hid everywhere as a precaution.

It lies over what the institution said (`projects.models.naming`) and changes nothing of that.
"""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Institution
from projects.models.naming import NamingChoice
from projects.models.project import Project

# For so long only the institution lifts it, or an administrator with its written consent.
HOURS_OF_THE_INSTITUTION = 72


class NamingPrecautionQuerySet(models.QuerySet["NamingPrecaution"]):
    def in_force(self) -> Self:
        """Keep those that nobody lifted for all projects."""
        whole = PrecautionLift.objects.filter(precaution=OuterRef("pk"), project=None)
        return self.filter(~Exists(whole))


class NamingPrecaution(models.Model):
    """A coordinator hides an institution of civil society in all its projects at once, alone.

    It holds in each project in which the institution itself did not choose, until it is lifted there.
    """

    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, related_name="naming_precautions"
    )
    reason = models.TextField(
        _("reason"),
        max_length=500,
        help_text=_(
            "The institution, the coordinators of its projects and administrators read it on the "
            "portal."
        ),
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now, editable=False)

    objects = NamingPrecautionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("precaution about the name of an institution")
        verbose_name_plural = _("precautions about the names of institutions")

    def __str__(self) -> str:
        return str(self.institution)

    @property
    def coordinators_lift_from(self) -> datetime:
        return self.taken_at + timedelta(hours=HOURS_OF_THE_INSTITUTION)


class PrecautionLift(models.Model):
    """A precaution that ended: in one project, or without one in all."""

    precaution = models.ForeignKey(NamingPrecaution, on_delete=models.CASCADE, related_name="lifts")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    agreed_on = models.DateField(_("agreed on"))
    channel = models.CharField(
        _("how it was communicated"), max_length=20, choices=NamingChoice.Channel
    )
    reason = models.TextField(
        _("evidence that it agreed"),
        max_length=500,
        blank=True,
        help_text=_("Who agreed for the institution, and where that is kept."),
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    lifted_at = models.DateTimeField(_("lifted at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("end of a precaution")
        verbose_name_plural = _("ends of precautions")

    def __str__(self) -> str:
        return str(self.precaution)
