"""Who was sent a message, shown afterwards to whoever sent it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.models import OutgoingMail, User


@dataclass(frozen=True)
class SentMessage:
    """What became of a message to somebody. Whether they opened it is not known."""

    mail: OutgoingMail
    answered_on: date | None

    @property
    def person(self) -> User | None:
        return self.mail.person

    @property
    def signed_in_on(self) -> date | None:
        """The day of their last sign-in, if it was after the message."""
        last = self.person.last_login if self.person else None
        is_later = last is not None and last > self.mail.requested_at
        return timezone.localdate(last) if is_later else None


def sent_messages(
    occasion: str, answers: Mapping[int | None, date] | None = None
) -> list[SentMessage]:
    """Return the messages whose keys begin with this occasion. `answers`: the day of each person's."""
    mails = OutgoingMail.objects.filter(key__startswith=f"{occasion}:").select_related("person")
    return [
        SentMessage(mail, (answers or {}).get(mail.person_id))
        for mail in mails.defer("text", "html").order_by("pk")
    ]


def occasion_now(occasion: str) -> str:
    """Return the same for what may be sent again: each time is an occasion of its own."""
    return f"{occasion}:{timezone.now():%Y%m%d%H%M%S%f}"
