"""Messages that repeat, and how a person stops them: by a signed address, without signing in. Apps
above this one say once which they write, when they are loaded.

A mail program stops them with one press (RFC 8058): it posts to the address and never opens it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core import signing
from django.urls import reverse
from django.utils.functional import Promise

from accounts.links import absolute_url
from accounts.models import User

SALT = "accounts.recurrent"
LASTS = 400 * 24 * 3600  # seconds; somebody may stop them by an old message


@dataclass(frozen=True)
class Recurrent:
    """Messages of one kind. `name` is in signed addresses; `title` is what the person reads."""

    name: str
    title: Promise
    is_wanted: Callable[[User], bool]
    choose: Callable[..., None]  # (person, wanted=…)


_kinds: dict[str, Recurrent] = {}


def add_recurrent(*kinds: Recurrent) -> None:
    _kinds.update({kind.name: kind for kind in kinds})


def recurrent_messages() -> list[Recurrent]:
    return list(_kinds.values())


def choices_url(person: User, name: str = "") -> str:
    """Return the signed address of the page where the person chooses, as long as it is their
    account; a post of a mail program to it stops the messages of that name."""
    token = signing.dumps([person.pk, name], salt=SALT, compress=False)
    return absolute_url(reverse("accounts:mail-choices", args=[token]))


def opened_by(token: str) -> tuple[User, Recurrent | None] | None:
    """Return whose address it is and which messages it stops; None if nobody signed it so."""
    try:
        pk, name = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=pk, is_active=True).first()
    return (person, _kinds.get(name)) if person else None
