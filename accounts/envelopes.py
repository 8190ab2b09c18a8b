"""Who a message comes from, who gets the answer, and whether its outside may name the project. Apps
above this one say so once, when they are loaded; the outbox (`accounts.mail`) asks."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from kernel.organisation import organisation


@dataclass(frozen=True)
class Envelope:
    """`answers_to` and `reply_to`: name and address of the person who gets an answer. `project`: its
    name, in the reader's language, if it may be on the outside."""

    answers_to: str = ""
    reply_to: str = ""
    project: str = ""
    is_named: bool = False

    @property
    def sender(self) -> str:
        """The name beside the portal's address. A neutral one is the person's alone."""
        name = self.answers_to or _("Governance portal")
        return f"{name} · {organisation()}" if self.is_named and organisation().is_entered else name


# For a reader, None without an account, what the message is about, and who caused it.
FindEnvelope = Callable[[User | None, Model | None, User | None], Envelope]
_finders: list[FindEnvelope] = []


def add_envelopes(find: FindEnvelope) -> None:
    _finders.append(find)


def envelope_of(reader: User | None, about: Model | None, by: User | None = None) -> Envelope:
    return next((find(reader, about, by) for find in _finders), Envelope())
