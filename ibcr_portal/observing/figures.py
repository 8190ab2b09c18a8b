"""Figures about the work in the background, from the database: they count for any number of workers,
and a worker that died has lost none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Avg, Count, F, Max, Min, Q
from django.utils import timezone

from accounts.models import AccessEvent, OutgoingMail
from ibcr_portal.backups.status import backup_is_late, last_good_backup
from kernel.jobs import Job, JobQuerySet
from reports.models import Archive, Rendition

HOUR = timedelta(hours=1)
# Of a disk: what is scarce for documents and uploads, and the share at which it counts as full.
SCARCE_SHARE, SCARCE_BYTES, FULL_SHARE = 0.1, 1_000_000_000, 0.02


@dataclass(frozen=True)
class JobsWaiting:
    """Jobs that could be done now, and for how long the oldest could."""

    name: str
    count: int
    seconds: float


QUEUES: dict[str, type[Job]] = {"documents": Rendition, "archives": Archive, "mail": OutgoingMail}


def waiting(name: str) -> JobsWaiting:
    rows: JobQuerySet[Any] = QUEUES[name].objects.due()  # type: ignore[attr-defined]
    found = rows.aggregate(
        count=Count("pk"),
        queued=Min("next_attempt_at", filter=Q(state=Job.State.QUEUED)),
        left=Min("lease_until", filter=Q(state=Job.State.WORKING)),
    )
    moments = [moment for moment in (found["queued"], found["left"]) if moment]
    oldest = (timezone.now() - min(moments)).total_seconds() if moments else 0.0
    return JobsWaiting(name, found["count"], oldest)


def by_state(name: str) -> dict[tuple[str, str], int]:
    """Return how many jobs there are by state and reason of failure; all states without one."""
    rows = QUEUES[name]._default_manager.order_by().values_list("state", "failure")
    counted = {(state, failure): number for state, failure, number in rows.annotate(Count("pk"))}
    return {(state, ""): 0 for state in Job.State.values} | counted


DAY = timedelta(days=1)
# So many messages that were refused are more than a mistyped address.
FEW, SHARE = 3, 0.1


@dataclass(frozen=True)
class Refusals:
    """What the mail server said of the last day's messages."""

    answered: int
    refused: int
    unclear: int
    in_a_row: bool

    @property
    def need_a_person(self) -> bool:
        bad = self.refused + self.unclear
        return self.in_a_row or (bad >= FEW and bad > SHARE * self.answered)


def refusals() -> Refusals:
    recent = OutgoingMail.objects.filter(started_at__gte=timezone.now() - DAY)
    is_refused = Q(failure__in=OutgoingMail.REFUSALS)
    is_unclear = Q(failure=OutgoingMail.Failure.UNCLEAR)
    is_sent = Q(sent_at__isnull=False)
    found = recent.aggregate(
        answered=Count("pk", filter=is_sent | is_refused | is_unclear),
        refused=Count("pk", filter=is_refused),
        unclear=Count("pk", filter=is_unclear),
    )
    newest = recent.filter(is_sent | is_refused).order_by("-started_at")
    last = list(newest.values_list("failure", flat=True)[:FEW])
    in_a_row = len(last) == FEW and set(last) <= OutgoingMail.REFUSALS
    return Refusals(in_a_row=in_a_row, **found)


@dataclass(frozen=True)
class Renders:
    """The documents of the last hour."""

    made: int
    failed: int
    average_seconds: float
    longest_seconds: float


def renders() -> Renders:
    recent = Rendition.objects.filter(finished_at__gte=timezone.now() - HOUR)
    made = recent.filter(state=Job.State.READY).aggregate(
        count=Count("pk"),
        average=Avg(F("finished_at") - F("started_at")),
        longest=Max(F("finished_at") - F("started_at")),
    )
    return Renders(
        made=made["count"],
        failed=recent.filter(state=Job.State.FAILED).count(),
        average_seconds=_seconds(made["average"]),
        longest_seconds=_seconds(made["longest"]),
    )


def _seconds(found: timedelta | None) -> float:
    return found.total_seconds() if found else 0.0


def refused_sign_ins() -> int:
    """Return how many were refused during the last hour."""
    return AccessEvent.objects.filter(
        kind=AccessEvent.Kind.SIGN_IN_FAILED, at__gte=timezone.now() - HOUR
    ).count()


@dataclass(frozen=True)
class Disk:
    place: str
    path: Path
    free: int
    total: int

    @property
    def share(self) -> float:
        return self.free / self.total if self.total else 1.0

    @property
    def is_scarce(self) -> bool:
        """Whether less than a tenth or 1 GB is free: of a disk below 2 GB, less than its half."""
        return self.share < SCARCE_SHARE or self.free < min(SCARCE_BYTES, self.total / 2)

    @property
    def is_full(self) -> bool:
        return self.share < FULL_SHARE


def disks() -> Iterator[Disk]:
    """Return the disks that the portal writes to, each once."""
    places = {"var": Path(settings.VAR)}
    if isinstance(default_storage, FileSystemStorage):
        places["files"] = Path(settings.MEDIA_ROOT)
    places["temporary"] = Path(gettempdir())
    seen = set()
    for name, path in places.items():
        while not path.exists():
            path = path.parent
        device = path.stat().st_dev
        if device not in seen:
            seen.add(device)
            usage = disk_usage(path)
            yield Disk(name, path, usage.free, usage.total)


def last_backup() -> tuple[datetime | None, bool]:
    """Return when the last good backup was made, and whether that is too long ago."""
    last = last_good_backup()
    return last, backup_is_late(last)
