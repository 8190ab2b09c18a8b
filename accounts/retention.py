"""How long each kind of data is kept: one table, to which each app adds its rows when it is loaded.

The pages show the table (the privacy page to everybody), and the task `forget_what_is_old` applies
it every night. Nothing is deleted that a hold covers.

The access log is one chain, from which only a whole beginning can go. So it begins with the earliest
event that something still needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from accounts.idle import was_left
from accounts.log_check import forget_events
from accounts.models import (
    AccessLink,
    FactorReset,
    FormDraft,
    Hold,
    IncomingMail,
    OutgoingMail,
    OutgoingMailQuerySet,
    User,
)
from kernel.models import SentForm
from kernel.quarantine import delete_old
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


# --- How long this app keeps its data (`accounts.retention`) ---


def days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def years(count: int) -> str:
    return ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def end_sessions() -> int:
    """Delete what is over. Of sessions that nobody came back to, the address and the browser go at
    once; who comes back later is signed out, and keeps what they typed."""
    before = Session.objects.count()
    call_command("clearsessions")
    for row in UserSession.objects.select_related("user"):
        if not row.purge() and was_left(row.user, row.last_seen_at.timestamp()):
            row.delete()
    return before - Session.objects.count()


def forget_links() -> int:
    """Delete what opens nothing any more, a while after its end: pages say until when one was valid."""
    ended = timezone.now() - timedelta(days=settings.ACCESS_LOG_DAYS)
    old = AccessLink.objects.filter(Q(expires_at__lt=ended) | Q(revoked_at__lt=ended))
    return old.exclude(user__in=Hold.objects.keys_of(User)).delete()[0]


def forget_lost_factors() -> int:
    oldest = timezone.now() - timedelta(days=FactorReset.DAYS_KEPT)
    old = FactorReset.objects.filter(asked_at__lt=oldest)
    return old.exclude(person__in=Hold.objects.keys_of(User)).delete()[0]


def mail_without_hold() -> OutgoingMailQuerySet:
    """Return the messages that no hold covers."""
    held = list(Hold.objects.keys_of(User).values_list("object_id", flat=True))
    return OutgoingMail.objects.exclude(person__in=held) if held else OutgoingMail.objects.all()


def forget_mail() -> int:
    now = timezone.now()
    emptied = mail_without_hold().forget_texts(now - timedelta(days=settings.MAIL_TEXT_DAYS))
    return emptied + mail_without_hold().forget(now - timedelta(days=settings.ACCESS_LOG_DAYS))


def forget_incoming() -> int:
    held = Hold.objects.keys_of(User)
    before = timezone.now() - timedelta(days=settings.INBOUND_DAYS)
    return IncomingMail.objects.exclude(person__in=held).forget(before)


def forget_unnamed_files() -> int:
    return len(delete_old())


def forget_sent_forms() -> int:
    return SentForm.objects.forget(timezone.now() - timedelta(days=SentForm.DAYS_KEPT))


def forget_drafts() -> int:
    return FormDraft.objects.forget(timezone.now() - timedelta(days=FormDraft.DAYS_KEPT))


def forget_log() -> int:
    """Its events are one chain, so a hold on anybody keeps all of it."""
    return 0 if Hold.objects.open().exists() else forget_events(log_begins())


RULES = (
    RetentionRule(
        "sessions",
        gettext_lazy("Your open sessions, and where you are signed in"),
        lambda: _("Two weeks at most, and a day after the end"),
        "SESSION_COOKIE_AGE",
        end_sessions,
    ),
    RetentionRule(
        "links",
        gettext_lazy("Links in messages"),
        lambda: (
            _(
                "Open until the day named in the message, or until the coordination "
                "revokes them; the record that there was one: %(log)s longer"
            )
            % {"log": days(settings.ACCESS_LOG_DAYS)}
        ),
        "AccessLink.expires_at, ACCESS_LOG_DAYS",
        forget_links,
    ),
    RetentionRule(
        "lost-factors",
        gettext_lazy("Requests to remove a lost second step"),
        lambda: days(FactorReset.DAYS_KEPT),
        "FactorReset.DAYS_KEPT",
        forget_lost_factors,
    ),
    RetentionRule(
        "mail",
        gettext_lazy("Messages"),
        lambda: (
            _(
                "Words and files until they are sent, or %(days)s; the record that one was "
                "sent: %(log)s"
            )
            % {"days": days(settings.MAIL_TEXT_DAYS), "log": days(settings.ACCESS_LOG_DAYS)}
        ),
        "MAIL_TEXT_DAYS, ACCESS_LOG_DAYS",
        forget_mail,
    ),
    RetentionRule(
        "incoming-mail",
        gettext_lazy("That a message came in, and what could not be read"),
        lambda: days(settings.INBOUND_DAYS),
        "INBOUND_DAYS",
        forget_incoming,
    ),
    RetentionRule(
        "sent-forms",
        gettext_lazy("Fingerprints of forms, so that none counts twice"),
        lambda: days(SentForm.DAYS_KEPT),
        "SentForm.DAYS_KEPT",
        forget_sent_forms,
    ),
    RetentionRule(
        "unnamed-files",
        gettext_lazy("Files that belong to no record"),
        lambda: days(settings.QUARANTINE_DAYS),
        "QUARANTINE_DAYS",
        forget_unnamed_files,
    ),
    RetentionRule(
        "form-drafts",
        gettext_lazy("What was typed on a page that opens by link, and not sent"),
        lambda: days(FormDraft.DAYS_KEPT),
        "FormDraft.DAYS_KEPT",
        forget_drafts,
    ),
    RetentionRule(
        "access-log",
        gettext_lazy("The access log"),
        lambda: (
            _("%(years)s after the end of the last project of its time, at least %(days)s")
            % {"years": years(settings.RECORDS_YEARS), "days": days(settings.ACCESS_LOG_DAYS)}
        ),
        "RECORDS_YEARS, ACCESS_LOG_DAYS",
        forget_log,
    ),
)
