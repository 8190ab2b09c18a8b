"""The organisation that runs the portal: one row, which is read through `organisation()` alone.

Each process keeps the row for some seconds, so that a page need not ask the database for it. Whoever
saves it makes its own process read it anew; the other processes follow within those seconds.
"""

import time
import zoneinfo
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.db import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from kernel.organisation_row import Organisation

KEPT_SECONDS = 10.0


class _Kept(NamedTuple):
    row: "Organisation"
    until: float


_kept: _Kept | None = None


def organisation() -> "Organisation":
    """Return the organisation; one without a name as long as nobody has entered it."""
    kept = _kept
    if kept is None or kept.until < time.monotonic():
        # By its name, since the model has names in several languages, whose order depends on it.
        model = apps.get_model("kernel", "Organisation")
        try:
            return keep(model.objects.first() or model())
        except (OperationalError, ProgrammingError):
            # Django makes a person to check their table before there is any; whoever needs the
            # database finds out by themselves that it does not answer.
            return model()
    return kept.row


def keep(row: "Organisation", seconds: float = KEPT_SECONDS) -> "Organisation":
    """Answer with this row for so long, without asking the database."""
    global _kept
    _kept = _Kept(row, time.monotonic() + seconds)
    return row


def forget() -> None:
    """Let the next use read the row."""
    global _kept
    _kept = None


def logo() -> bytes:
    """Return the logo as a small PNG, or nothing. A message that shows it carries it, since mail
    programs fetch no pictures by themselves."""
    return bytes(organisation().logo)


def home_country() -> str:
    """The country of what nobody chose one for."""
    return str(organisation().country)


def home_time_zone() -> str:
    """The name of the time zone of what nobody chose one for."""
    return organisation().time_zone


def home_zone() -> zoneinfo.ZoneInfo:
    return organisation().zone
