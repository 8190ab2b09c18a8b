"""The readers of an item, a document or a decision."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """The readers of a thing. Audiences are sets and not levels (see
    `committees.permissions.roles`)."""

    COORDINATION = "coordination", _("Coordination only")
    VOTING = "voting", _("Voting seats")
    COMMITTEE = "committee", _("Committee")
    PARTNERS = "partners", _("Partners")
    DONOR = "donor", _("Donor")
    PUBLIC = "public", _("Public")
