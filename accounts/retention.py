"""How long events of the access log are kept: as long as the records of the
projects that they are about.

The log is one chain, from which only a whole beginning can go. So it begins with the earliest
event that something still needs.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

# Returns the first day of what has to be kept, or None where nothing has.
FirstDay = Callable[[], datetime | None]
_sources: list[FirstDay] = []


def add_reason_to_keep(source: FirstDay) -> None:
    """Let an app above this one say which time the log must cover, once, when it is loaded."""
    _sources.append(source)


def log_begins() -> datetime:
    """Return the moment before which events may go."""
    now = timezone.now()
    days = timedelta(days=settings.ACCESS_LOG_DAYS)
    first = min((moment for source in _sources if (moment := source())), default=now)
    # What is needed was prepared in the time before.
    return min(first, now) - days
