"""What an example of a message is made of, and how it reads for somebody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from accounts.envelopes import Envelope, envelope_of
from accounts.letters import MakeLetter
from accounts.links import absolute_url
from accounts.mail import MailText, write
from accounts.models import User
from accounts.reading import written_for
from accounts.recurrent import choices_url

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

    def written(self, reader: User) -> MailText:
        """Return it as the reader would get it, in the active language."""
        with written_for(reader, self.about), timezone.override(reader.zone):
            if self.is_public:
                return write(self.make(), reader, Envelope())
            choices = choices_url(reader, self.recurrent) if self.recurrent or self.about else ""
            envelope = envelope_of(reader, self.about, self.by)
            repeats = bool(self.recurrent)
            return write(self.make(), reader, envelope, choices=choices, repeats=repeats)


def newest(model: type[SomeModel], **conditions: Any) -> SomeModel:
    found = model._default_manager.filter(**conditions).order_by("-pk").first()
    if found is None:
        raise NoExample
    return found


# The name of an example to what makes it for a reader.
Kinds = dict[str, Callable[[User], Example]]
