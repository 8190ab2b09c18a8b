"""Makes a backup a day at BACKUP_TARGET, and keeps the copy of the ledger there up to date. It is a
process of its own (`manage.py backup --scheduled`), since a backup of many files takes long and no
document should wait for it. Of two such processes, one makes the backup of a day."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from ibcr_portal.backups.ledgers import keep_beside
from ibcr_portal.backups.making import Recipients, TakenSlot, delete_superfluous, make_backup
from ibcr_portal.backups.targets import Refused, Target
from ibcr_portal.models import Backup

logger = logging.getLogger(__name__)

LOOK_SECONDS = 60
LEDGER_SECONDS = 300
LONGEST = timedelta(hours=6)  # after so long a backup that did not end is not being made any more


def due_slot(now: datetime) -> str:
    """Return the hour in which a backup is to be tried now; nothing if none is due."""
    now = now.astimezone(UTC)
    due = now.replace(hour=settings.BACKUP_HOUR, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    # Also one that lacks files: the next hour would find them no more than this one did.
    last = Backup.objects.of_data().made().order_by("-at").values_list("at", flat=True).first()
    if last is not None and last >= due:
        return ""
    running = Backup.objects.of_data().filter(finished_at=None, at__gt=now - LONGEST)
    return "" if running.exists() else f"{now:%Y-%m-%dT%H}"


def back_up_if_due(target: Target, recipients: Recipients) -> bool:
    """Make the backup of today, and delete those that are kept no longer. Returns whether it did.
    Where it fails, it tries again in the next hour."""
    slot = due_slot(timezone.now())
    if not slot:
        return False
    try:
        row, lost = make_backup(target, recipients, slot=slot)
    except TakenSlot:
        return False
    Backup.objects.forget(timezone.now() - timedelta(days=Backup.DAYS_KEPT))
    logger.info(
        "Backed up %s rows and %s files to %s (%s bytes)", row.rows, row.files, row.target, row.size
    )
    for name, kind in [*lost.items()][:20]:
        logger.error("The backup is incomplete: the file %s is %s", name, kind)
    delete_superfluous(target, settings.BACKUP_KEEP, lambda name: logger.info("Deleted %s", name))
    return True


def run(
    target: Target, recipients: Recipients, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Go on until the process is stopped."""
    ledger_at = 0.0
    while True:
        close_old_connections()
        try:
            back_up_if_due(target, recipients)
            if time.monotonic() - ledger_at >= LEDGER_SECONDS or not ledger_at:
                keep_beside(target)
                ledger_at = time.monotonic()
        except (Refused, DatabaseError, OSError):
            logger.exception("The backup failed; it is tried again in the next hour")
        sleep(LOOK_SECONDS)
