"""The state of the portal, a line for each part of it, for machines, the administrator and alerts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.outbox import SERVICE as MAIL
from ibcr_portal import stored_files
from ibcr_portal.installation import migrations_are_due
from ibcr_portal.models import FileProblem, Watch
from ibcr_portal.observing import clocks, figures, probes
from kernel import broker, outages
from kernel.installation_row import Installation
from kernel.jobs import Job
from kernel.storage import storage_answers
from reports.services import sweeping

OK, WARN, BAD = "ok", "warn", "bad"

# How long the oldest job may wait: a message is short work, a document may have a long one before it.
LONGEST_WAIT = {"documents": 900, "archives": 1800, "mail": 600}
# What waits for a service that is away is none of the workers' faults.
NEEDS = {"documents": "storage", "archives": "storage", "mail": MAIL}
# The scheduler has the portal look at itself each two minutes.
SILENCE = timedelta(minutes=15)
# A message that was tried so often has waited for ten minutes.
MAIL_TRIES = 5
# How long it counts that the database was found to be of this version.
CURRENT_SECONDS = 600.0


@dataclass(frozen=True)
class HealthLine:
    """One part of the portal. `facts` are for machines; the words are in `words.py`."""

    key: str
    status: str = OK
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PortalState:
    lines: list[HealthLine]

    @property
    def can_serve(self) -> bool:
        return all(line.status != BAD for line in self.lines)

    @property
    def status(self) -> str:
        if not self.can_serve:
            return "unavailable"
        return "ok" if all(line.status == OK for line in self.lines) else "degraded"

    @property
    def troubles(self) -> list[HealthLine]:
        return [line for line in self.lines if line.status != OK]


def state_now() -> PortalState:
    database = _database()
    lines = [database]
    if database.status == OK:
        lines.append(_migrations())
    lines.append(_broker())
    # Of tables that are not there yet, or of a database that does not answer, nothing more is known.
    if all(line.status != BAD for line in lines):
        lines += [_tried(check) for check in _OF_THE_DATABASE]
        lines += [_tried(partial(_other, service), service) for service in _others()]
    if not probes.used()["storage"]:
        lines.append(_folder())
    return PortalState([*lines, _disk()])


def _tried(check: Callable[[], HealthLine], name: str = "") -> HealthLine:
    try:
        return check()
    except DatabaseError:
        return HealthLine(name or check.__name__.strip("_").replace("_", "-"), WARN)


def _database() -> HealthLine:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HealthLine("database", BAD)
    return HealthLine("database")


def _clock() -> HealthLine:
    """That of this process now, and those of the others when the portal last looked at itself."""
    own = clocks.ahead(time.time())
    found = Watch.objects.filter(pk=1).values_list("clocks_apart", flat=True).first()
    is_wrong = abs(own) > clocks.APART or bool(found)
    facts = {"seconds_ahead": round(own), "others_apart": found or 0}
    return HealthLine("clock", WARN if is_wrong else OK, facts)


_current_until = 0.0


def _migrations() -> HealthLine:
    global _current_until
    if time.monotonic() > _current_until:
        try:
            if migrations_are_due():
                return HealthLine("migrations", BAD)
        except DatabaseError:
            return HealthLine("migrations", BAD)
        _current_until = time.monotonic() + CURRENT_SECONDS
    return HealthLine("migrations")


def _broker() -> HealthLine:
    return HealthLine("broker", OK if broker.answers() else WARN)


def _worker() -> HealthLine:
    looked_at = Watch.objects.filter(pk=1).values_list("looked_at", flat=True).first()
    if looked_at is None:
        set_up = Installation.objects.values_list("since", flat=True).first()
        never = set_up is not None and timezone.now() - set_up > SILENCE
        return HealthLine("worker", WARN if never else OK, {"seconds": None})
    silent = timezone.now() - looked_at
    facts = {"seconds": round(silent.total_seconds())}
    return HealthLine("worker", WARN if silent > SILENCE else OK, facts)


def _queue() -> HealthLine:
    found = [figures.waiting(name) for name in figures.QUEUES]
    facts = {
        one.name: {"waiting": one.count, "oldest_seconds": round(one.seconds)} for one in found
    }
    late = any(
        one.seconds > LONGEST_WAIT[one.name] and not outages.began(NEEDS[one.name]) for one in found
    )
    return HealthLine("queue", WARN if late else OK, facts)


def _documents() -> HealthLine:
    count = sweeping.needing_a_person().count()
    return HealthLine("documents", WARN if count else OK, {"failed": count})


def _mail() -> HealthLine:
    if not settings.SENDS_MAIL:
        return HealthLine("mail", OK, {"sends": False})
    waits = OutgoingMail.objects.in_hand().filter(attempt__gte=MAIL_TRIES).count()
    given_up = OutgoingMail.objects.filter(
        state=Job.State.FAILED,
        failure=OutgoingMail.Failure.UNREACHABLE,
        finished_at__gte=timezone.now() - timedelta(days=1),
    ).count()
    away = outages.began(MAIL)
    facts = {"sends": True, "tried_in_vain": waits, "given_up": given_up, **_away(away)}
    return HealthLine("mail", WARN if waits or given_up or away else OK, facts)


def _refusals() -> HealthLine:
    found = figures.refusals()
    facts = {"answered": found.answered, "refused": found.refused, "unclear": found.unclear}
    return HealthLine("refusals", WARN if found.need_a_person else OK, facts)


def _access_log() -> HealthLine:
    whole = Watch.objects.filter(pk=1).values_list("log_is_whole", flat=True).first()
    return HealthLine("access-log", WARN if whole is False else OK)


def _backup() -> HealthLine:
    last, is_late = figures.last_backup()
    age = round((timezone.now() - last).total_seconds()) if last else None
    return HealthLine("backup", WARN if is_late else OK, {"age_seconds": age})


def _files() -> HealthLine:
    """Which they are is not for machines: the page names them."""
    kinds = list(FileProblem.objects.unaccepted().values_list("kind", flat=True))
    facts = {kind: kinds.count(kind) for kind in FileProblem.Kind.values}
    return HealthLine("files", WARN if kinds else OK, facts)


def _keys() -> HealthLine:
    return HealthLine("keys", WARN if stored_files.other_keys() else OK)


def _seal() -> HealthLine:
    failure = Watch.objects.filter(pk=1).values_list("seal_failure", flat=True).first()
    return HealthLine("seal", WARN if failure else OK)


_OF_THE_DATABASE = (
    *(_clock, _worker, _queue, _documents, _mail, _refusals, _access_log),
    *(_backup, _files, _keys, _seal),
)


def _others() -> list[str]:
    """Return the services that not every portal has; mail has a line of its own."""
    return [service for service, is_used in probes.used().items() if is_used and service != MAIL]


def _other(service: str) -> HealthLine:
    away = outages.began(service)
    return HealthLine(service, WARN if away else OK, _away(away))


def _folder() -> HealthLine:
    return HealthLine("storage", OK if storage_answers() else WARN)


def _away(since: datetime | None) -> dict[str, int]:
    return {"away_seconds": round((timezone.now() - since).total_seconds())} if since else {}


def _disk() -> HealthLine:
    found = list(figures.disks())
    scarce = any(one.is_scarce for one in found)
    facts = {one.place: {"free_bytes": one.free, "total_bytes": one.total} for one in found}
    return HealthLine("disk", WARN if scarce else OK, facts)
