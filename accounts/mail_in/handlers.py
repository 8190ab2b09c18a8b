"""Who takes what comes in. Apps above this one say so once, when they are loaded."""

from collections.abc import Callable

from django.db.models import Model

from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.models import OutgoingMail, User

# For a person and what their address is about. Returns None if it is not for this taker, a reason
# (`IncomingMail.Reason`) if it is refused, and "" once it is taken. A `Refusal` is sent to the person.
TakeAnswer = Callable[[User, Model, CalendarAnswer], str | None]
TakeReply = Callable[[User, Model, str], str | None]
# A message to the person came back; what it was about, if that is known.
HearOfReturn = Callable[[User, OutgoingMail], None]

answer_takers: list[TakeAnswer] = []
reply_takers: list[TakeReply] = []
return_listeners: list[HearOfReturn] = []


def add_answer_taker(take: TakeAnswer) -> None:
    answer_takers.append(take)


def add_reply_taker(take: TakeReply) -> None:
    reply_takers.append(take)


def add_return_listener(hear: HearOfReturn) -> None:
    return_listeners.append(hear)
