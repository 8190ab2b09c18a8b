"""How long each kind of data is kept: one table, to which each app adds its rows when it is loaded.

The pages show the table (the privacy page to everybody), and the task `forget_what_is_old` applies
it every night. Nothing is deleted that a hold covers.

The access log is one chain, from which only a whole beginning can go. So it begins with the earliest
event that something still needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import Hold
from kernel.text import StrOrPromise

# Returns the first day of what has to be kept, or None where nothing has.
FirstDay = Callable[[], datetime | None]
_sources: list[FirstDay] = []


@dataclass(frozen=True)
class RetentionRule:
    """How long one kind of data is kept, where that is written, and what deletes it."""

    key: str
    what: StrOrPromise
    period: Callable[[], str]
    """In words, in the reader's language."""
    source: str
    """The setting or the constant that says so."""
    apply: Callable[[], int] | None = None
    """Deletes what is over, and returns how much that was. None: a task of its own does it."""
    task: str = "accounts.tasks.forget_what_is_old"
    """What starts it (`ibcr_portal.periodic_tasks`); empty if it is kept until a person acts."""


_rules: list[RetentionRule] = []


def add_retention(*rules: RetentionRule) -> None:
    """Let an app say how long it keeps its data, once, when it is loaded."""
    _rules.extend(rules)


def retention_rules() -> tuple[RetentionRule, ...]:
    return tuple(_rules)


def apply_retention() -> dict[str, int]:
    """Delete what is over, unless a hold covers everything; holds on a person or project are looked
    at by each rule. Returns how much was deleted, by the key of the rule."""
    if Hold.objects.on_everything().exists():
        return {}
    return {rule.key: rule.apply() for rule in _rules if rule.apply}


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
