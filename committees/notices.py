"""Messages about a meeting: their titles, how many people got one, and who could not be reached."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.mail import one_line
from accounts.models import User
from committees.models import Meeting
from kernel.formats import day_short, join_list

# What the calendar file of a message asks for.
REQUEST, CANCEL = "REQUEST", "CANCEL"


def title_of(meeting: Meeting, person: User) -> str:
    """Return a neutral title unless the person chose otherwise, in the active language."""
    if not person.titles_in_mail:
        return _("Meeting")
    return one_line(f"{meeting} · {meeting.committee.name}")


def subject_of(meeting: Meeting, person: User) -> str:
    return _("%(meeting)s, %(day)s") % {
        "meeting": title_of(meeting, person),
        "day": day_short(meeting.day),
    }


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
        sent = _("Messages sent: %(number)s.") % {"number": self.people}
        if not self.without_access:
            return sent
        unreached = _("No message reaches these, so please inform them yourself: %(seats)s.") % {
            "seats": join_list(self.without_access)
        }
        return f"{sent} {unreached}"
