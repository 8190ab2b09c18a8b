"""What the receiving mail server found out about the sender of a message: `Authentication-Results`, read
by the grammar of RFC 8601.

Parts of this header are written by the sender, such as the name in the envelope or what their server
calls itself. So comments and quoted strings count as what they are, and a header that does not parse
proves nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import authres
from django.conf import settings
from publicsuffixlist import PublicSuffixList

from accounts.mail_in.parts import Parts
from accounts.models import User

LONGEST = 10_000  # characters; those of real servers have 4,000 at most
HOST = r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]*[a-z0-9]"
# A domain, or an address, before whose @ there is no other one, except in a quoted string.
NAMED_DOMAIN = re.compile(rf"(?:(?:[^@\"\s]*|\"(?:[^\"\\]|\\.)*\")@)?({HOST})")
# What Exchange and Fastmail write (`action=none`, `x-bits=2048`) without a type, which the grammar asks
# for. A result that lacks its semicolon is none of these.
UNTYPED = re.compile(r"(?ai)^(?!dmarc|dkim|spf)[a-z][a-z0-9-]*=[\w.+:/-]+(?=[\s;(]|$)")
# DMARC says nothing about the sender, since the domain has no policy or could not be asked for it.
NO_VERDICT = {"none", "temperror", "permerror", "bestguesspass"}

Result = Any  # authres has no types


class _Header(authres.core.AuthenticationResultsHeader):
    """The package goes on behind what it cannot read, where the sender may have written; this one does
    not. It also reads what the grammar allows and the package does not know."""

    _parse_text: str  # what is still to be read

    def __init__(self, feature_context: Any) -> None:
        super().__init__(feature_context, strict=True)

    def _parse_rfc5322_cfws(self) -> None:
        # White space between and behind two comments, too.
        while (
            self._parse_pattern(authres.core.RFC5322_FWS_PATTERN) or self._parse_rfc5322_comment()
        ):
            pass

    def _parse_propspec(self) -> Any:
        # Of any type; the package knows four.
        if self._parse_pattern(UNTYPED):
            return authres.core.AuthenticationResultProperty("other", "other", "")
        if not (kind := self._parse_key_atom()):
            return None
        name = self._parse_dot_key_atom() if self._parse_pattern(r"\.") else None
        value = self._parse_pvalue() if name and self._parse_pattern("=") else None
        if value is None:
            raise authres.SyntaxError("Expected a property", self._parse_text)
        return authres.core.AuthenticationResultProperty(kind, name, value)

    def _parse_pvalue(self) -> Any:
        # A quoted string with another property behind it.
        behind = self._parse_text
        quoted = self._parse_rfc5322_quoted_string()
        if quoted is not None and not self._parse_text.startswith("@"):
            return quoted
        self._parse_text = behind
        return super()._parse_pvalue()


class _Unreadable(ValueError):
    """A header of the server, or one that might be, does not parse."""


def proves(parts: Parts, trusted: str, domain: str) -> bool:
    """Whether the server of this name says that the domain sent the message.

    One `dmarc=fail` outweighs any pass. Else the topmost header of the server decides: by DMARC if it
    says anything, and by DKIM or SPF if not.
    """
    try:
        found = [_results(value, trusted) for value in _headers(parts)]
    except _Unreadable:
        return False
    own = [results for results in found if results is not None]
    policies = [one for results in own for one in results if _says_policy(one)]
    if not own or any(one.result.casefold() != "pass" for one in policies):
        return False
    if by_policy := [one for one in own[0] if _says_policy(one)]:
        # Of the domain that was read here: the server may have read another out of the same header.
        return all(_domain(one, "header", "from") == domain for one in by_policy)
    return any(_is_proof(one, domain) for one in own[0])


def _headers(parts: Parts) -> Iterator[str]:
    """Return what servers wrote above the second `Received`. Whatever is below was there when the message
    came, and anybody could have written it."""
    received = 0
    for name, value in parts.headers.items():
        received += name.casefold() == "received"
        if received > 1:
            return
        if name.casefold() == "authentication-results":
            yield re.sub(r"\r?\n(?=[ \t])", "", str(value))


def _results(value: str, trusted: str) -> list[Result] | None:
    """Return the results in a header of the server, or None if another one wrote it. Raises _Unreadable
    if that is not certain: a part that does not parse may have hidden a failure."""
    try:
        if len(value) > LONGEST:
            raise _Unreadable
        # Yahoo and others end the last result with a semicolon as well.
        header = _Header.parse_value(authres.core_features(), value.rstrip("; \t\r\n"))
    except (authres.AuthResError, RecursionError, ValueError):
        if trusted in value.casefold():
            raise _Unreadable from None
        return None
    if header.authserv_id != trusted:
        return None
    results = list(header.results)
    if any(getattr(one, "version", None) not in {None, "1"} for one in results):
        raise _Unreadable  # nobody knows another version of any method
    return results


def _method(result: Result) -> str:
    return str(getattr(result, "method", "")).casefold()  # the result “none” has no method


def _says_policy(result: Result) -> bool:
    return _method(result) == "dmarc" and result.result.casefold() not in NO_VERDICT


def _is_proof(result: Result, domain: str) -> bool:
    """Whether a check other than DMARC passed for the domain of the sender."""
    method = _method(result)
    if method not in {"dkim", "spf"} or result.result.casefold() != "pass":
        return False
    if method == "dkim":
        signed = _values(result, "header", "d")
        by = _domain(result, "header", "d") if signed else _domain(result, "header", "i")
        return _speaks_for(by, domain)
    return _speaks_for(_domain(result, "smtp", "mailfrom"), domain)


def _values(result: Result, kind: str, name: str) -> list[str]:
    return [
        str(one.value).casefold()
        for one in result.properties
        if (one.type.casefold(), one.name.casefold()) == (kind, name)
    ]


def _domain(result: Result, kind: str, name: str) -> str:
    """Return the domain that a property names; empty if there is none, or if it is there twice."""
    values = _values(result, kind, name)
    match = NAMED_DOMAIN.fullmatch(values[0]) if len(values) == 1 else None
    return match[1] if match else ""


def _speaks_for(by: str, domain: str) -> bool:
    """Whether one domain proves the other: it is the same, or stands above it within the same
    organization. What is below may be in other hands, such as those of a newsletter."""
    if not by or "." not in domain:
        return False
    is_above = by == domain or domain.endswith(f".{by}")
    return is_above and _organization(by) == _organization(domain) is not None


def _organization(domain: str) -> str | None:
    """Return the domain that an organization registered, and None for one under which others register
    theirs, such as gob.hn."""
    found: str | None = _suffixes().privatesuffix(domain)
    return found


@cache
def _suffixes() -> PublicSuffixList:
    # The list that comes with the package; it fetches nothing.
    return PublicSuffixList()


# --- Whether a message comes from the person to whom its address belongs ---
#
# The sender must be one of the person's addresses. Anybody can write that into a message, and the
# token of the address is known to those through whose hands our message went. So where the
# receiving mail server checks senders, INBOUND_AUTHSERV_ID names it, and its verdict is asked for
# as well (RFC 8601).

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
