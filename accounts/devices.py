"""Devices on which a person signed in before: a signed cookie says so, which only this portal reads.

Wrong passwords that are typed elsewhere do not count against them. After a sign-in on any other
device the person is notified by e-mail.
"""

import re
import secrets
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User

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
