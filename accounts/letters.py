"""What a message says, as data: text and HTML are made of the same (`accounts.mail`).

A function that returns a `Letter` writes one kind of message, in the language that is active: it is
called once the reader's is. Words of others are only ever text in it. An address is only ever that
of a button, a fact or a line, so that nobody can smuggle one in with a name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Button:
    """The one thing to do. In the HTML part the address is behind the words."""

    label: str
    url: str


@dataclass(frozen=True)
class Detail:
    label: str
    value: object
    url: str = ""

    @property
    def link(self) -> str:
        return linked(self.url)


@dataclass(frozen=True)
class Details:
    """Details with their labels, one below the other; those without a value are left out."""

    rows: Sequence[Detail]

    def __bool__(self) -> bool:
        return bool(self.details)

    @property
    def details(self) -> list[Detail]:
        return [fact for fact in self.rows if str(fact.value)]


@dataclass(frozen=True)
class Line:
    text: object
    url: str = ""
    note: str = ""

    @property
    def link(self) -> str:
        return linked(self.url)


@dataclass(frozen=True)
class Lines:
    """A list with its heading. `most`: so many are listed, and it says that there are others."""

    title: str
    rows: Sequence[Line]
    numbered: bool = False
    most: int = 25

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def lines(self) -> list[Line]:
        more = [Line(_("… and others"))] if len(self.rows) > self.most else []
        return [*self.rows[: self.most], *more]


@dataclass(frozen=True)
class Code:
    """What is typed or compared sign by sign."""

    code: str

    @property
    def is_long(self) -> bool:
        return len(self.code) > 20


Block = str | Details | Lines | Code


@dataclass(frozen=True)
class Letter:
    """One message.

    `subject` says what happened and names neither project nor institution: telephones lie on
    tables. For those who may read it there, the name of the project is added (`accounts.envelopes`).
    `after` follows the button. `reason` says why the message came, if not the usual words do.
    """

    subject: str
    body: Sequence[Block]
    button: Button | None = None
    after: Sequence[Block] = ()
    reason: str = ""
    is_greeted: bool = True


MakeLetter = Callable[[], Letter]


def linked(url: str) -> str:
    """Return the address if it may be behind words: one of this portal, or a secure one."""
    return url if url.startswith((f"{settings.SITE_URL}/", "https://")) else ""
