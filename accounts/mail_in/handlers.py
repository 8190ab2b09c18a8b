"""Who takes what comes in. Apps above this one say so once, when they are loaded."""

from collections.abc import Callable

from django.db.models import Model
from django.urls import reverse

from accounts.links import absolute_url
from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.mail_in.reading import WrittenReply
from accounts.models import OutgoingMail, User

# For a person and what their address is about. Returns None if it is not for this taker, a reason
# (`IncomingMail.Reason`) if it is refused, and "" once it is taken. A `Refusal` is sent to the person.
TakeAnswer = Callable[[User, Model, CalendarAnswer], str | None]
TakeReply = Callable[[User, Model, WrittenReply], str | None]
# A message to the person came back; what it was about, if that is known.
HearOfReturn = Callable[[User, OutgoingMail], None]
# A message came in the person's name that nothing proves, or too late: about this thing.
HearOfUnconfirmed = Callable[[User, Model], None]
# Where the person answers about the thing without mail: an address, or None if this app knows none.
FindAnswerPage = Callable[[User, Model], str | None]

answer_takers: list[TakeAnswer] = []
reply_takers: list[TakeReply] = []
return_listeners: list[HearOfReturn] = []
unconfirmed_listeners: list[HearOfUnconfirmed] = []
_answer_pages: list[FindAnswerPage] = []


def add_answer_taker(take: TakeAnswer) -> None:
    answer_takers.append(take)


def add_reply_taker(take: TakeReply) -> None:
    reply_takers.append(take)


def add_return_listener(hear: HearOfReturn) -> None:
    return_listeners.append(hear)


def add_unconfirmed_listener(hear: HearOfUnconfirmed) -> None:
    unconfirmed_listeners.append(hear)


def add_answer_page(find: FindAnswerPage) -> None:
    _answer_pages.append(find)


def answer_page(person: User, thing: Model) -> str:
    """Return where the person answers about the thing: a page that opens by link, where there is one,
    else its page behind the sign-in. For a message to the person alone."""
    links = (find(person, thing) for find in _answer_pages)
    if url := next((url for url in links if url), None):
        return url
    find_page = getattr(thing, "get_absolute_url", None)
    return absolute_url(str(find_page()) if find_page else reverse("home"))
