"""Whether a message comes from the person to whom its address belongs.

The sender must be one of the person's addresses. Anybody can write that into a message, and the
token of the address is known to those through whose hands our message went. So where the receiving
mail server checks senders, INBOUND_AUTHSERV_ID names it, and its verdict is asked for as well
(RFC 8601).
"""

from collections.abc import Callable, Iterable

from django.conf import settings

from accounts.mail_in.authentication_results import proves
from accounts.mail_in.parts import Parts
from accounts.models import User

GOOGLE_CALENDAR = "calendar-notification@google.com"

# The addresses of a person beside that of the account. Apps above this one say so once.
AddressesOf = Callable[[User], Iterable[str]]
_sources: list[AddressesOf] = []


def add_addresses(source: AddressesOf) -> None:
    _sources.append(source)


def addresses_of(person: User) -> set[str]:
    others = (address for source in _sources for address in source(person))
    return {address.casefold() for address in [person.email or "", *others] if address}


def is_from(parts: Parts, person: User) -> bool:
    """Whether the only sender is the person, and who sent it for them is not said to be another. Google
    Calendar sends what people answer there."""
    if parts.is_too_long("From") or parts.is_too_long("Sender"):
        return False
    senders, own = set(parts.addresses("From")), addresses_of(person)
    sent_for_them = set(parts.addresses("Sender")) - {GOOGLE_CALENDAR}
    return len(senders) == 1 and senders <= own and sent_for_them <= own


def is_proved(parts: Parts) -> bool:
    """Whether the receiving server says that the domain of the sender sent it. True where it does not
    check: then only the address is compared."""
    if not (trusted := settings.INBOUND_AUTHSERV_ID.casefold()):
        return True
    sender = next(iter(parts.addresses("From")), "")
    domain = sender.rpartition("@")[2]
    return proves(parts, trusted, domain)
