"""Packs of meetings, which the portal makes by itself for the members."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Meeting


class MeetingPack(models.Model):
    """What the packs of a convened meeting were last made of.

    `facts` is the hash of the agenda and papers for which they were requested, `seen` the one found
    since. A pack is made again once `seen` no longer changes, so that somebody who orders an agenda
    does not have it made with each click.
    """

    meeting = models.OneToOneField(
        Meeting, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    facts = models.CharField(max_length=64, blank=True, editable=False)
    seen = models.CharField(max_length=64, blank=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("meeting pack")
        verbose_name_plural = _("meeting packs")

    def __str__(self) -> str:
        return str(self.meeting)
