"""Whether what must not be lost is kept: keys, the signed states of the log, files, backups, the seal."""

import errno
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from accounts.checkpoints import newest_in, own_checkpoints, public_key_id
from accounts.log_check import check_log
from accounts.models import AccessEvent
from ibcr_portal.backups import status
from ibcr_portal.backups.targets import Refused, target_of
from ibcr_portal.doctor.findings import Finding, good, warning, wrong
from ibcr_portal.models import FileProblem, KnownKey, Watch
from ibcr_portal.observing.seal import seal_failure
from ibcr_portal.stored_files import count_of_named, every_named_file, other_keys
from kernel.jobs import Job
from kernel.media import carried_id, files_below
from kernel.models import Installation
from kernel.storage import StorageUnavailable
from reports.models import SealCertificate
from reports.sealing import documents

# Of a log or a storage with more, the commands that read all of it say what is wrong.
MOST_EVENTS, MOST_FILES = 20_000, 100_000
SHOWN = 5
LOST_BY_KEY = {
    "ACCESS_LOG_KEY": "the access log counts as forged, and what is locked away stays locked",
    "SECRET_KEY": "second factors cannot be read, and links and sessions have ended",
}
ADVICE_OF_KEY = {
    "ACCESS_LOG_KEY": "Put the former ACCESS_LOG_KEY back",
    "SECRET_KEY": "Put the former SECRET_KEY back, or behind the new one as SECRET_KEY_FALLBACKS",
}
WHY_NOT_SEALED = {
    Job.Failure.SEAL_KEY: (
        "the key cannot be read",
        "Put the file back that SEAL_KEY names, or make a new key where the worker runs: manage.py seal_key",
    ),
    Job.Failure.SEAL_PASSPHRASE: (
        "the key does not open",
        "Write its passphrase into the file of SEAL_PASSPHRASE_FILE.",
    ),
    Job.Failure.SEAL_EXPIRED: (
        "the certificate is not valid today",
        "Make a new key where the worker runs: manage.py seal_key --replace",
    ),
}
NOT_SEALED = "the last try failed", "Where the worker runs: manage.py seal_key --check"


def keys() -> Iterator[Finding]:
    others = other_keys()
    for name in others:
        yield wrong(
            f"{name} is not the key with which the data were written: {LOST_BY_KEY[name]}.",
            f"{ADVICE_OF_KEY[name]} (from the backup of the keys: manage.py restore --keys). Is it lost "
            "for ever: manage.py update --new-keys",
        )
    if not KnownKey.objects.exists():
        yield warning("Nobody wrote down which keys are used.", "Run: manage.py update")
    elif not others:
        yield good("The keys are those with which the data were written.")


def checkpoints() -> Iterator[Finding]:
    newest = newest_in(settings.ACCESS_LOG_CHECKPOINTS)
    if newest is None:
        return  # which the line before says
    if newest.key != public_key_id():
        yield wrong(
            "The newest checkpoint of the access log was signed with another ACCESS_LOG_KEY.",
            "Put the former ACCESS_LOG_KEY back; or ACCESS_LOG_CHECKPOINTS names the file of another "
            "portal.",
        )
    elif AccessEvent.objects.count() > MOST_EVENTS:
        yield good(
            "The newest checkpoint is of this key; manage.py verify_access_log reads all events."
        )
    elif found := _problems_of_log():
        yield wrong(
            f"The access log or its checkpoints were altered: {found[0]}",
            "manage.py verify_access_log lists all of it. Find out who can write to the database, and "
            "compare with the last backup and the witness (docs/access-log.md).",
        )
    else:
        yield good("The access log is as it was signed.")


def _problems_of_log() -> list[str]:
    check = check_log(own_checkpoints())
    return [*check.problems, *check.unusable]


def stored_files() -> Iterator[Finding]:
    try:
        yield from _whose_files()
        lost = dict(FileProblem.objects.unaccepted().values_list("name", "kind"))
        if is_counted := count_of_named() <= MOST_FILES:
            lost |= dict.fromkeys(_missing(), FileProblem.Kind.MISSING.value)
    except (StorageUnavailable, OSError):
        return  # which `Files` says
    if lost:
        some = ", ".join(f"{name} ({kind})" for name, kind in sorted(lost.items())[:SHOWN])
        yield wrong(
            f"{len(lost)} file(s) that rows name are missing or altered: {some}.",
            "manage.py verify_files compares all files, and says how they are put back from a backup.",
        )
    elif is_counted:
        yield good("All files that rows name are there; manage.py verify_files compares them.")
    else:
        yield good("No file is known to be lost; manage.py verify_files compares them all.")


def _missing() -> list[str]:
    accepted = set(FileProblem.objects.exclude(accepted_at=None).values_list("name", flat=True))
    there = set(files_below("")) | accepted
    return [file.name for file in every_named_file() if file.name not in there]


def _whose_files() -> Iterator[Finding]:
    key = Installation.objects.values_list("key", flat=True).first()
    if (carried := carried_id()) and carried != str(key):
        yield wrong(
            "The files belong to another installation than the database.",
            "Name the folder or bucket of this one as MEDIA_ROOT or STORAGE_URL. If database and files "
            "were restored apart and do belong together: manage.py quarantine --adopt",
        )


def backup_target() -> Iterator[Finding]:
    if not settings.BACKUP_TARGET:
        return
    if not settings.BACKUP_RECIPIENTS:
        yield wrong(
            "BACKUP_TARGET is set without BACKUP_RECIPIENTS, so each backup is refused.",
            "Make a pair of keys, and write the line that it prints into .env: manage.py backup "
            "--new-identity FILE",
        )
    try:
        target = target_of(settings.BACKUP_TARGET)
        target.probe()
    except Refused as refused:
        advice = (
            "Let the user of this process write there, or correct BACKUP_TARGET. If another service "
            "makes the backups, run doctor in that one: docker compose exec backup python manage.py doctor"
        )
        # In containers, only the service that makes backups has their folder.
        is_elsewhere = getattr(refused.__cause__, "errno", None) == errno.EROFS
        is_late = status.backup_is_late(status.last_good_backup())
        make = warning if is_elsewhere and not is_late else wrong
        yield make(f"Backups cannot be written. {refused}", advice)
    else:
        yield good(f"Backups can be written to {target.label}.")


def seal() -> Iterator[Finding]:
    """The worker alone has the key: another process knows what that one found last."""
    if settings.SEAL_OFF or not (settings.SEAL_KEY or SealCertificate.objects.exists()):
        return
    is_here = bool(settings.SEAL_PASSPHRASE_FILE) or Path(settings.SEAL_KEY or "-").exists()
    failure = seal_failure() if is_here else _found_by_worker()
    waiting = documents.waiting().count()
    if failure or waiting:
        why, advice = (
            WHY_NOT_SEALED.get(Job.Failure(failure), NOT_SEALED) if failure else NOT_SEALED
        )
        yield wrong(f"Final documents cannot be sealed ({why}); {waiting} wait.", advice)
    elif is_here:
        yield good("The key of the seal opens, and its certificate is valid.")
    else:
        yield good("The worker has the key of the seal; this process need not.")


def _found_by_worker() -> str:
    return Watch.objects.values_list("seal_failure", flat=True).first() or ""
