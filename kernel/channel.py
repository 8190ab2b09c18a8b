"""The channel by which somebody gave an answer."""

from typing import Any

from django.db import models
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
