"""Whether the database answers, is of this version, and is used in a role that can do no harm."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader

from accounts.checkpoints import newest_in
from accounts.models import AccessEvent, User
from ibcr_portal import installation
from ibcr_portal.doctor.findings import Finding, good, reason, warning, wrong

OLDEST_POSTGRESQL = 140_000  # Django's
CLOCKS_APART = timedelta(seconds=5)
RESTORE = "restore the backup of this one (docs/operations/update.md)."


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except Error as error:
        yield wrong(
            f"The database does not answer ({reason(error)}).",
            "Start PostgreSQL, and compare DATABASE_URL and DATABASE_PASSWORD with it.",
        )
        return
    if connection.vendor == "sqlite":
        yield from sqlite()
    else:
        yield from postgresql()
    yield from migrations()


def sqlite() -> Iterator[Finding]:
    if settings.EMBEDDED:
        yield good("SQLite answers.")
    else:
        yield warning(
            "The database is SQLite, which one machine with few people may use.",
            "Move to PostgreSQL (docs/operations/move.md).",
        )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        if (answer := cursor.fetchone()[0]) != "ok":
            yield wrong(f"The file of the database is damaged: {answer}.", "Restore a backup.")


def postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        version = connection.pg_version  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        size = cursor.fetchone()[0]
        if version < OLDEST_POSTGRESQL:
            yield wrong(f"PostgreSQL is of version {version // 10_000}.", "Update it to 17.")
        else:
            yield good(f"PostgreSQL {version // 10_000} answers; the database has {size}.")
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'")
        if disabled := cursor.fetchone()[0]:
            yield wrong(
                f"{disabled} triggers are disabled: sealed records can be changed.",
                "Find out who disabled them, then as the owner: ALTER TABLE … ENABLE TRIGGER ALL.",
            )
        cursor.execute(
            "SELECT rolsuper OR EXISTS (SELECT FROM pg_tables WHERE tableowner = current_user"
            " AND schemaname = 'public') FROM pg_roles WHERE rolname = current_user"
        )
        if cursor.fetchone()[0]:
            yield warning(
                "This process may change tables and triggers, since its role owns them.",
                "Only manage.py update needs that: give web server and workers the role of "
                "DATABASE_APP_USER (docs/operations/install.md).",
            )


def migrations() -> Iterator[Finding]:
    """This version works on the database of a later one, which adds to it before it drops anything;
    it cannot bring it up to date."""
    unknown = installation.unknown_migrations(MigrationLoader(connection))
    is_due = installation.migrations_are_due()
    app, name = min(unknown, default=("", ""))
    if dropped := installation.dropped_for_us():
        yield wrong(
            f"A later version has dropped what this one needs from the database ({dropped[0]}).",
            f"Start that version, or {RESTORE}",
        )
    elif unknown and is_due:
        yield wrong(
            f"The database is of another version: a later one, or one from before 1.0 (it knows "
            f"{app}.{name}).",
            f"Install that version of the portal, or {RESTORE}",
        )
    elif unknown:
        yield warning(
            f"A later version has added to the database (it knows {app}.{name}). This one works on it.",
            f"End the update to that version. To stay with this one: {RESTORE}",
        )
    elif is_due:
        yield wrong("The database is of an earlier version.", "Run: manage.py update")
    else:
        yield good("All migrations were applied.")


def clock() -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs(cursor.fetchone()[0] - datetime.now(UTC))
        if apart > CLOCKS_APART:
            yield wrong(
                f"The clocks of this machine and of the database are {apart.total_seconds():.0f} s "
                "apart.",
                "Let both follow a time server (timedatectl set-ntp true).",
            )
            return
    newest = AccessEvent.objects.order_by("-number").values_list("at", flat=True).first()
    yield from judged_clock(newest)


def judged_clock(newest: datetime | None) -> Iterator[Finding]:
    """Compare the clock with the newest event, which happened before now."""
    now = datetime.now(UTC)
    if newest and newest > now + CLOCKS_APART:
        yield wrong(
            f"The clock is behind the newest event of the access log, of {newest:%Y-%m-%d %H:%M} UTC.",
            "Set the clock, and let it follow a time server (timedatectl set-ntp true).",
        )
        return
    yield good(f"The clock says {now:%Y-%m-%d %H:%M} UTC.")


def access_log() -> Iterator[Finding]:
    """Whether it is signed; `manage.py verify_access_log` reads all of it."""
    newest = newest_in(settings.ACCESS_LOG_CHECKPOINTS)
    if not AccessEvent.objects.exists():
        yield good("The access log is empty.")
    elif newest is None:
        yield wrong(
            f"The access log was never signed in {settings.ACCESS_LOG_CHECKPOINTS}.",
            "The worker does it every five minutes: let it and the scheduler run, and let all "
            "processes share that file.",
        )
    elif AccessEvent.objects.filter(number__gt=newest.sequence, at__lt=long_ago()).exists():
        yield wrong(
            "The access log was not signed within the last hour.",
            "The worker does it every five minutes: let it and the scheduler run.",
        )
    else:
        yield good(f"The access log is signed up to event {newest.sequence}.")


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def people() -> Iterator[Finding]:
    administrators = User.objects.filter(is_staff=True, is_active=True).count()
    if not User.objects.exists():
        yield warning(
            "Nobody has an account yet.", "Make a key to the first visit: manage.py first_visit"
        )
    elif not administrators:
        yield wrong("Nobody administers the portal.", "Run: manage.py createsuperuser")
    elif administrators == 1 and not settings.EMBEDDED:
        yield warning(
            "One person administers the portal; a lost second factor would lock everybody out.",
            "Let that person make a second administrator.",
        )
    else:
        yield good(f"Administrators of the portal: {administrators}.")
