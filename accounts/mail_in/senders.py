"""Whether a message comes from the person to whom its address belongs.

The sender must be one of the person's addresses. Anybody can write that into a message, and the
token of the address is known to those through whose hands our message went. So where the receiving
mail server checks senders, INBOUND_AUTHSERV_ID names it, and its verdict is asked for as well
(RFC 8601).
"""

import re
from collections.abc import Callable, Iterable

from django.conf import settings

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
    verdicts = _verdicts(_results(parts, trusted))
    by_policy = [(result, facts) for method, result, facts in verdicts if method == "dmarc"]
    if by_policy and by_policy[0][0] in {"pass", "fail"}:
        result, facts = by_policy[0]
        # Of the domain that was read here: the server may have read another out of the same header.
        return result == "pass" and _domain(facts, "header.from") == domain != ""
    return any(
        result == "pass"
        and (
            (method == "dkim" and _is_of(_domain(facts, "header.d", "header.i"), domain))
            or (method == "spf" and _is_of(_domain(facts, "smtp.mailfrom"), domain))
        )
        for method, result, facts in verdicts
    )


def _results(parts: Parts, trusted: str) -> str:
    """Return the results that the trusted server wrote: the topmost under its name, above the second
    `Received`. Whatever is below was there when it came, and anybody could have written it."""
    received = 0
    for name, value in parts.headers.items():
        received += name.casefold() == "received"
        if received > 1:
            break
        if name.casefold() != "authentication-results":
            continue
        text = re.sub(r"\([^()]*\)", " ", str(value)[:4_000])
        server = text.partition(";")[0].split()
        if server and server[0].casefold() == trusted:
            return text.partition(";")[2]
    return ""


def _verdicts(results: str) -> list[tuple[str, str, str]]:
    """Return method, result and facts of each check."""
    found = []
    for one in results.split(";"):
        match = re.match(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)\b(.*)", one, re.I | re.S)
        if match:
            found.append((match[1].casefold(), match[2].casefold(), match[3].casefold()))
    return found


def _domain(facts: str, *names: str) -> str:
    for name in names:
        match = re.search(rf"(?:^|\s){re.escape(name)}\s*=\s*\"?([^\s;\"]+)", facts)
        if match:
            return match[1].rpartition("@")[2].strip(".<>")
    return ""


def _is_of(domain: str, other: str) -> bool:
    """Whether one is the other or a part of it, such as mail.example.org of example.org."""
    if "." not in domain or "." not in other:
        return False
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
