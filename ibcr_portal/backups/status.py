"""How old the last good backup is. Pages, metrics and alerts ask here; it is one statement."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from ibcr_portal.models import Backup

# A backup a day, and two hours for one that takes long or begins late.
LATE_AFTER = timedelta(hours=26)


def last_good_backup() -> datetime | None:
    """Return the moment whose data the last good backup has, or None if there never was one."""
    found: datetime | None = (
        Backup.objects.of_data().good().order_by("-at").values_list("at", flat=True).first()
    )
    return found


def backups_are_expected() -> bool:
    """Whether somebody has to be told when there is none: where a schedule makes them, and in
    production."""
    return bool(settings.BACKUP_TARGET) or not settings.EMBEDDED


def backup_is_late(last: datetime | None, now: datetime | None = None) -> bool:
    """Whether the last good backup (`last_good_backup()`) is older than it should ever be."""
    if not backups_are_expected():
        return False
    return last is None or (now or timezone.now()) - last > LATE_AFTER
