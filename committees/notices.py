"""Messages: how many people got one, and who could not be reached."""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from committees.models import Meeting
from kernel.formats import join_list


def uid_of(meeting: Meeting) -> str:
    """Return the identifier of the meeting in calendars, which never changes."""
    return f"meeting-{meeting.pk}@{settings.SITE_HOST}"


@dataclass(frozen=True)
class NoticeReceipt:
    """How many people a message was sent to, and the seats whose people none reaches."""

    people: int = 0
    without_access: list[str] = field(default_factory=list)

    def __add__(self, other: "NoticeReceipt") -> "NoticeReceipt":
        return NoticeReceipt(
            self.people + other.people, [*self.without_access, *other.without_access]
        )

    @property
    def sentence(self) -> str:
        if not self.people and not self.without_access:
            return ""
        sent = _("Messages sent: %(number)s.")
        if not settings.SENDS_MAIL:
            sent = _("Messages prepared, not sent: %(number)s.")
        sent %= {"number": self.people}
        if not self.without_access:
            return sent
        unreached = _("No message reaches these, so please inform them yourself: %(seats)s.") % {
            "seats": join_list(self.without_access)
        }
        return f"{sent} {unreached}"
