"""The channel by which somebody gave an answer."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """Answers that did not come online are entered by the coordination, with their evidence."""

    PORTAL = "portal", _("Online")
    LINK = "link", _("Access link")
    REPLY = "reply", _("Answer to a message")
    TELEPHONE = "telephone", _("Telephone")
    LETTER = "letter", _("Letter")
    EMAIL = "email", _("E-mail")
    MESSENGER = "messenger", _("Messenger")
    MEETING = "meeting", _("At a meeting")

    @classmethod
    def entered(cls) -> list[tuple[str, Any]]:
        """The choices for answers that the coordination enters for somebody."""
        return [(one.value, one.label) for one in cls if one not in ONLINE]


# The person gave these answers without help.
ONLINE = frozenset({Channel.PORTAL, Channel.LINK, Channel.REPLY})


class Received(models.Model):
    """Something that somebody said, whatever channel it came by, and who wrote it down."""

    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.PORTAL)
    evidence = models.CharField(
        _("evidence"),
        max_length=300,
        blank=True,
        help_text=_("For an answer that did not arrive online: who called, or which letter."),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    # Of the form that gave it: the same form sent twice is one answer.
    entry_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_entered_with_evidence",
                condition=Q(channel__in=sorted(ONLINE)) | ~Q(evidence=""),
                violation_error_message=_(
                    "Say how you know: who called and when, or which letter it was."
                ),
            )
        ]

    @property
    def was_entered_for_it(self) -> bool:
        return self.channel not in ONLINE
