"""Addresses at which mail comes in: one for each person, thing and purpose, signed, as in
`reply+TOKEN@portal.example.org`. Without the setting INBOUND_ADDRESS there are none.

A token names purpose, thing, person and the day of the message, and a signature over them by a key
derived from SECRET_KEY. Mail servers make local parts small and cut long ones, so it is in base32 and
short. It proves that a message answers one of ours, and not who wrote it: see `accounts.mail_in.authentication_results`.

Addresses for replies end some time after the last message to the person about the thing: one that was
forwarded or stolen must not open them for years.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import OutgoingMail, User
from accounts.models.outbox import thread_of

SALT = "accounts.mail_in.addresses"
SIGNED_BYTES = 10  # whoever guesses meets the limits of mail servers long before
TOKEN = r"[a-z2-7]{20,52}"
LASTS = timedelta(days=90)  # an address for replies
FIRST_DAY = date(2020, 1, 1)  # days are counted from here, so that they are short


class Purpose(StrEnum):
    """One letter each, since it is in every address."""

    REPLY = "r"
    BOUNCE = "b"


@dataclass(frozen=True)
class SignedAddress:
    """What a genuine address names. `person` is None for a message to somebody without an account,
    `day` for an address of release 1.0, which named none."""

    purpose: Purpose
    thing: Model
    person: User | None
    day: date | None

    def is_over(self) -> bool:
        """Whether more than 90 days have passed since the last message to the person in this thread."""
        if self.day is None:
            return True
        sent = OutgoingMail.objects.filter(person=self.person, thread=thread_of(self.thing))
        last = sent.aggregate(last=Max("requested_at"))["last"]
        return max(self.day, last.date() if last else self.day) + LASTS < _today()


def takes_mail() -> bool:
    return bool(settings.INBOUND_ADDRESS)


def reply_address(thing: Model, person: User) -> str:
    """Return the address at which the person answers about the thing; empty without the setting."""
    return _address(Purpose.REPLY, thing, person) if takes_mail() else ""


def return_address(mail: OutgoingMail) -> str:
    """Return the address to which mail servers report that they could not deliver the message; empty
    where there is none, or where the message is in no outbox: then no row could be corrected."""
    if mail.pk is None or not (takes_mail() and settings.INBOUND_RETURNS):
        return ""
    return _address(Purpose.BOUNCE, mail, mail.person)


def _address(purpose: Purpose, thing: Model, person: User | None) -> str:
    local, _at, domain = settings.INBOUND_ADDRESS.partition("@")
    kind = ContentType.objects.get_for_model(thing)
    day = _today()
    numbers = (kind.pk, thing.pk, person.pk if person else 0, (day - FIRST_DAY).days)
    named = purpose.value.encode() + b"".join(map(_as_bytes, numbers))
    signed = named + _signature(settings.SECRET_KEY, purpose, thing, person, day)
    return f"{local}{settings.INBOUND_SEPARATOR}{_as_token(signed)}@{domain}"


def _as_token(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=").lower()


def _today() -> date:
    """The same day wherever mail is sent and read."""
    return timezone.now().date()


def find_signed(addresses: Iterable[str]) -> SignedAddress | None:
    """Return what the first genuine one of these addresses names."""
    for address in addresses:
        match = _form().fullmatch(address.strip().casefold())
        if match and (found := _opened(match["token"])):
            return found
    return None


def hide_tokens(text: str) -> str:
    """Return a text, such as the words of a mail server, without the tokens of addresses."""
    return re.sub(_form().pattern, "…", text, flags=re.IGNORECASE) if takes_mail() else text


def _form() -> re.Pattern[str]:
    local, _at, domain = settings.INBOUND_ADDRESS.casefold().partition("@")
    start, end = re.escape(f"{local}{settings.INBOUND_SEPARATOR}"), re.escape(domain)
    return re.compile(rf"{start}(?P<token>{TOKEN})@{end}")


def _opened(token: str) -> SignedAddress | None:
    try:
        content = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        if _as_token(content) != token:
            return None  # the last letter has bits that say nothing
        purpose = Purpose(content[:1].decode("ascii"))
        (kind_key, thing_key, person_key, *days), given = _numbers(content[1:])
        day = FIRST_DAY + timedelta(days=days[0]) if days else None
    except (binascii.Error, ValueError, IndexError, OverflowError):
        return None
    kind = ContentType.objects.filter(pk=kind_key).first()
    model = kind.model_class() if kind else None
    thing = model._base_manager.filter(pk=thing_key).first() if model else None
    person = User.objects.filter(pk=person_key, is_active=True).first() if person_key else None
    if thing is None or (person_key and person is None):
        return None
    for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        if constant_time_compare(given, _signature(key, purpose, thing, person, day)):
            return SignedAddress(purpose, thing, person, day)
    return None


def _signature(
    key: str, purpose: Purpose, thing: Model, person: User | None, day: date | None
) -> bytes:
    """Sign what a token names: the kind by its name, since another database may number kinds
    otherwise, and for what comes back also the address, so that only a message to the present one
    says anything about it."""
    returned = purpose == Purpose.BOUNCE and person
    words = [
        purpose.value,
        thing._meta.label_lower,
        str(thing.pk),
        str(person.pk if person else 0),
        (person.email or "").casefold() if returned and person else "",
        *([day.isoformat()] if day else []),
    ]
    signed = salted_hmac(SALT, "\n".join(words), secret=key, algorithm="sha256")
    return signed.digest()[:SIGNED_BYTES]


# Numbers of seven bits a byte, of which all but the last have the eighth set.


def _as_bytes(number: int) -> bytes:
    content = bytearray()
    while number > 0x7F:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)
    return bytes(content)


def _numbers(content: bytes) -> tuple[list[int], bytes]:
    """Return the numbers before the signature, four or in addresses of release 1.0 three, and the
    signature. Raises ValueError or IndexError."""
    found: list[int] = []
    place = 0
    while len(content) - place > SIGNED_BYTES:
        value = shift = 0
        while True:
            byte = content[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift > 56:
                raise ValueError("No key of a row is so large.")
        found.append(value)
    if len(content) - place != SIGNED_BYTES or len(found) not in {3, 4}:
        raise ValueError("The signature is cut off.")
    return found, content[place:]
