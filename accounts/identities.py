"""Who is behind the keys of the access log, and whether somebody exchanged them in the database.

A key is a commitment to the name and address that the person had when it was made. What comes later
is an event: another name or address, the commitment for a key of release 1.0, and the erasure.
"""

import re
import secrets
import time
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, ngettext

from accounts.models import AccessChain, AccessEvent, AccessEventQuerySet, Pseudonym, User
from accounts.models.access_log import commitment, new_secret

RECORDED = "identity recorded"
CHANGED = "identity changed"
RENEWED = "identity renewed"
ERASED = "identity erased"

OF_1_0 = 4  # the version of keys that release 1.0 drew


# --- Recording ----------------------------------------------------------------------------


@contextmanager
def identity_changes(person: User, *, by: User | None) -> Iterator[None]:
    """Record that the block changes the person's name or address.

    If they were not as recorded before, it records nothing: a new commitment would cover up for
    whoever changed them in the database.
    """
    with transaction.atomic():
        AccessChain.locked()
        rows = Pseudonym.objects.select_related("user")
        before = rows.filter(user=person.pk).first()
        right = before.commitment if before and _is_as_recorded(before) else None
        yield
        if right and (now := rows.get(user=person.pk)).commitment != right:
            _record(now, CHANGED, by=by)


def record_erasure(people: Collection[int], *, by: User | None) -> None:
    """Record that these people are forgotten, which the database requires before their keys go."""
    for row in Pseudonym.objects.filter(user__in=people).select_related("user"):
        AccessEvent.record(AccessEvent.Kind.IDENTITY, user=by, thing=row.user, change=ERASED)


@transaction.atomic
def record_earlier_identities() -> int:
    """Record who is behind the keys that release 1.0 made, before the update or beside this version.
    Returns how many there were."""
    if not Pseudonym.objects.of_earlier_version().exists():
        return 0
    AccessChain.locked()
    found = Identities.of(AccessEvent.objects.all())
    count = 0
    for row in Pseudonym.objects.of_earlier_version().select_related("user"):
        if found.is_planted(str(row.key)):
            continue  # the check says so
        row.secret = new_secret()
        row.save(update_fields=["secret"])
        _record(row, RECORDED, by=None)
        count += 1
    return count


def renew_identities(through: int) -> None:
    """Record again what is about to go with the events up to this one."""
    found = Identities.of(recorded_identities())
    keys = [key for key, number in found.since.items() if number <= through and found.recorded[key]]
    for row in Pseudonym.objects.filter(key__in=keys).select_related("user"):
        _record(row, RENEWED, by=None)


def _record(row: Pseudonym, change: str, *, by: User | None) -> None:
    AccessEvent.record(
        AccessEvent.Kind.IDENTITY,
        user=by,
        thing=row.user,
        change=change,
        identity=str(row.commitment),
    )


def recorded_identities() -> AccessEventQuerySet:
    return AccessEvent.objects.filter(kind=AccessEvent.Kind.IDENTITY)


def _is_as_recorded(row: Pseudonym) -> bool:
    latest = recorded_identities().about(row.user).order_by("-number").first()
    expected = latest.details.get("identity") if latest else str(row.key)
    return str(row.commitment) == expected


# --- Checking -----------------------------------------------------------------------------


def _is_key(text: str) -> bool:
    """Whether it is a key, and not what somebody wrote into the database instead."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class Known(NamedTuple):
    """Whom the database names for a key."""

    key: str
    secret: str
    name: str
    address: str | None


def known_identities() -> set[Known]:
    rows = Pseudonym.objects.values_list("key", "secret", "user__full_name", "user__email")
    return {Known(str(key), secret, name, address) for key, secret, name, address in rows}


@dataclass
class Identities:
    """What the events say about the people behind their keys."""

    first: dict[str, int] = field(default_factory=dict)
    """The first event that names a key."""
    recorded: dict[str, str] = field(default_factory=dict)
    """The last commitment of a key; empty if the person was forgotten."""
    since: dict[str, int] = field(default_factory=dict)
    """In which event it was recorded."""
    update: int = 0
    """The first event that records a key of release 1.0."""

    @classmethod
    def of(cls, events: AccessEventQuerySet) -> Self:
        found = cls()
        for event in events.order_by("number").iterator():
            found.see(event)
        return found

    def see(self, event: AccessEvent) -> None:
        details = event.details if isinstance(event.details, dict) else {}
        of_person = event.thing_key if event.thing_label == User._meta.label_lower else ""
        for key in (str(event.key or ""), of_person, str(details.get("person", ""))):
            if _is_key(key):
                self.first.setdefault(key, event.number)
        if event.kind == AccessEvent.Kind.IDENTITY and _is_key(of_person):
            self.recorded[of_person] = str(details.get("identity", ""))
            self.since[of_person] = event.number
            if details.get("change") == RECORDED:
                self.update = self.update or event.number

    def is_planted(self, key: str) -> bool:
        """Whether somebody gave a key of before the update to a person after it."""
        return UUID(key).version != OF_1_0 or (0 < self.first.get(key, self.update) < self.update)

    def altered(self, known: Collection[Known]) -> list[int]:
        """Return the first events of people who are not those that were recorded."""
        return sorted(self.first.get(each.key, 0) for each in known if not self._fits(each))

    def _fits(self, known: Known) -> bool:
        recorded = self.recorded.get(known.key)
        if recorded is None and not known.secret:
            return not self.is_planted(known.key)  # of release 1.0, and soon recorded
        expected = known.key if recorded is None else recorded
        return str(commitment(known.secret, known.name, known.address)) == expected

    def lost(self, keys: Collection[str]) -> list[int]:
        """Return the first events of people of whom nobody knows any more who they are, although
        they were not forgotten. `keys`: those that the database knows."""
        return sorted(
            number
            for key, number in self.first.items()
            if key not in keys and self.recorded.get(key, key) and not self._is_earlier(key)
        )

    def _is_earlier(self, key: str) -> bool:
        """Whether release 1.0 may have forgotten the person, which it did not record."""
        return key not in self.recorded and UUID(key).version == OF_1_0

    def problems(self, before: set[Known], after: set[Known]) -> list[str]:
        """Say in words what does not fit, as the database was before the events were read and after
        it: what changed meanwhile is left to the next check."""
        changed, gone = (
            _(
                "Who is behind event %(number)d and others is not the person who was recorded: "
                "name, address or key were changed in the database."
            ),
            _(
                "Who is behind event %(number)d and others cannot be said any more: the key was "
                "deleted in the database, and the log records no erasure."
            ),
        )
        keys = {each.key for each in before | after}
        return [
            *(changed % {"number": number} for number in self.altered(before & after)),
            *(gone % {"number": number} for number in self.lost(keys)),
        ]

    def notes(self, known: set[Known]) -> list[str]:
        found = []
        if count := sum(not recorded for recorded in self.recorded.values()):
            sentence = ngettext(
                "%(count)d person was forgotten, as the log records: nobody can say who it was.",
                "%(count)d people were forgotten, as the log records: nobody can say who they were.",
                count,
            )
            found.append(sentence % {"count": count})
        if count := sum(not each.secret for each in known):
            sentence = ngettext(
                "The identity of %(count)d person is not recorded yet: version 1.0 made the key.",
                "The identities of %(count)d people are not recorded yet: version 1.0 made the keys.",
                count,
            )
            found.append(sentence % {"count": count})
        return found


# --- Devices ---
#
# Devices on which a person signed in before: a signed cookie says so, which only this portal
# reads.
#
# Wrong passwords that are typed elsewhere do not count against them. After a sign-in on any other
# device the person is notified by e-mail.

SALT = "accounts.device"
SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer
MOST_PEOPLE = 10  # of one shared computer; the earliest is forgotten

# In this order: most browsers also name those that they descend from.
BROWSERS = (
    ("Edg|EdgA|EdgiOS", "Edge"),
    ("OPR|Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Device:
    """A browser, and when each person signed in on it last (seconds since 1970, by their key)."""

    key: str = field(default_factory=lambda: secrets.token_hex(8))
    people: dict[str, int] = field(default_factory=dict)

    def knows(self, person: User) -> bool:
        """Whether this person signed in here, and has not had all devices forgotten since then."""
        last = self.people.get(str(person.pk))
        forgotten = person.devices_forgotten_at
        return last is not None and (forgotten is None or last >= int(forgotten.timestamp()))


def device_of(request: HttpRequest) -> Device:
    """Return the device that sends the request, or a new one."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        return Device(*signing.loads(cookie, salt=SALT, max_age=SECONDS))
    except (signing.BadSignature, TypeError, ValueError):
        return Device()


def remember_device(request: HttpRequest, response: HttpResponse, person: User) -> None:
    device = device_of(request)
    others = [row for row in device.people.items() if row[0] != str(person.pk)]
    people = dict([*others[1 - MOST_PEOPLE :], (str(person.pk), int(time.time()))])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([device.key, people], salt=SALT),
        max_age=SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def name_of_browser(user_agent: str) -> str:
    """Return what a person knows their device by, such as “Firefox on Windows”."""
    browser = _first(BROWSERS, user_agent) or _("unknown browser")
    system = _first(SYSTEMS, user_agent)
    facts = {"browser": browser, "system": system}
    return _("%(browser)s on %(system)s") % facts if system else browser


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in known if re.search(rf"\b({sign})\b", user_agent)), "")


# --- Passwords ---
#
# Refuses passwords that are easy to guess: zxcvbn estimates how many attempts one would take.
#
# Its own lists know English best. The words of this portal's people and of its surroundings are in
# `password_words.txt`, in French and Spanish.

LEAST_SCORE = 3  # of 4: safe from somebody who tries passwords through the sign-in page
# zxcvbn reads no more; what follows can only make a password better.
MOST_CHARACTERS = 72
SHORTEST_WORD = 3  # shorter ones are in any text
# Three words of a list of 400 are guessed as quickly as a password of a score below LEAST_SCORE.
FEW_WORDS = 3
FEW_LETTERS = 3


class GuessablePasswordValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if the password is too easy to guess."""
        from zxcvbn import zxcvbn  # noqa: PLC0415  (its lists take 0.2 s and 20 MB)

        text = folded(password)[:MOST_CHARACTERS]
        known = [*words_of(user), *common_words()]
        estimate = zxcvbn(text, user_inputs=known)
        found = words_in(text, known)
        if estimate["score"] >= LEAST_SCORE and not is_little_else(text, found):
            return
        if found:
            reason = _("This password is easy to guess: others think of “%(word)s”, too.")
        else:
            reason = _("This password is easy to guess.")
        raise ValidationError(
            f"{reason} {self.get_help_text()}",
            code="password_guessable",
            params={"word": found[0] if found else ""},
        )

    def get_help_text(self) -> str:
        return _(
            "Choose four words or more that have nothing to do with each other, or let "
            "your browser create a password and remember it."
        )


def folded(text: str) -> str:
    """Return the text in small letters without accents, which nobody who guesses leaves out."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def common_words() -> list[str]:
    lines = Path(__file__).with_name("password_words.txt").read_text("utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return [word for word in words if len(word) >= SHORTEST_WORD]


def words_of(user: User | None) -> list[str]:
    """Return words that somebody who knows the person and the portal would try first."""
    sources = [settings.SITE_HOST, *([user.full_name, user.email or ""] if user else [])]
    words = re.split(r"[\W_]+", folded(" ".join(sources)))
    return [word for word in words if len(word) >= SHORTEST_WORD]


def words_in(text: str, known: list[str]) -> list[str]:
    longest_first = sorted(filter(None, known), key=len, reverse=True)
    return re.findall("|".join(map(re.escape, longest_first)), text)


def is_little_else(text: str, found: list[str]) -> bool:
    """Return whether a few known words are all but the figures and signs of the password: for each
    sign between words zxcvbn counts a separate guess."""
    letters = sum(sign.isalpha() for sign in text) - sum(map(len, found))
    return 0 < len(found) <= FEW_WORDS and letters <= FEW_LETTERS
