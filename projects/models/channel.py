"""How an answer came, of whatever it is an answer to."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """What came otherwise than online is entered by the coordination, with its evidence."""

    PORTAL = "portal", _("Online")
    LINK = "link", _("Access link")
    TELEPHONE = "telephone", _("Telephone")
    LETTER = "letter", _("Letter")
    MESSENGER = "messenger", _("Messenger")
    MEETING = "meeting", _("At a meeting")

    @classmethod
    def entered(cls) -> list[tuple[str, Any]]:
        """The choices for what the coordination enters for somebody."""
        return [(one.value, one.label) for one in cls if one not in {cls.PORTAL, cls.LINK}]
