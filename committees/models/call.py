"""The video call of a meeting."""

from django.db import models
from django.utils.translation import gettext, gettext_lazy as _


class WithCall(models.Model):
    # Those of Teams are longer than Django lets addresses be by itself.
    call_link = models.URLField(_("link of the call"), max_length=500, blank=True)
    # For those who join by telephone, or whose link does not open.
    call_number = models.CharField(_("meeting ID"), max_length=40, blank=True)
    call_passcode = models.CharField(_("passcode"), max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def call_access(self) -> str:
        """Return how to join without the link, in the reader's language, or an empty text."""
        if not self.call_number:
            return ""
        words = gettext("Meeting ID: %(number)s") % {"number": self.call_number}
        if not self.call_passcode:
            return words
        passcode = gettext("passcode: %(passcode)s") % {"passcode": self.call_passcode}
        return f"{words}, {passcode}"
