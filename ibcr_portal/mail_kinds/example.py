"""What an example of a message is made of, and how it reads for somebody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from accounts.envelopes import Envelope
from accounts.letters import MakeLetter
from accounts.links import absolute_url
from accounts.mail import MailText, words_for, write
from accounts.models import User
from accounts.reading import written_for

SomeModel = TypeVar("SomeModel", bound=Model)
TOKEN = "x" * 43
LINK = absolute_url(f"/example/{TOKEN}/")


class NoExample(Exception):
    """The portal has nothing yet that such a message could be about."""


@dataclass(frozen=True)
class Example:
    make: MakeLetter
    about: Model | None = None
    by: User | None = None
    recurrent: str = ""
    is_public: bool = False  # to somebody without an account

    def words_for(self, reader: User) -> MailText:
        """Return it as the reader would get it."""
        if self.is_public:
            with written_for(reader, self.about), timezone.override(reader.zone):
                return write(self.make(), reader, Envelope())
        return words_for(reader, self.make, about=self.about, by=self.by, recurrent=self.recurrent)


def newest(model: type[SomeModel], **conditions: Any) -> SomeModel:
    found = model._default_manager.filter(**conditions).order_by("-pk").first()
    if found is None:
        raise NoExample
    return found


# The name of an example to what makes it for a reader.
Kinds = dict[str, Callable[[User], Example]]
