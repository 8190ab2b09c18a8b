"""Whether this machine has what the portal needs: settings, packages, libraries, room, backups."""

import os
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.core import checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from ibcr_portal import installation
from ibcr_portal.backups import status
from ibcr_portal.checks import document_libraries
from ibcr_portal.doctor.findings import Finding, good, reason, warning, wrong
from ibcr_portal.observing import figures, state
from ibcr_portal.observing.words import words_of
from kernel import apertium
from kernel.storage import StorageAway

OF_THE_STATE = (
    *("clock", "worker", "queue", "documents", "mail", "refusals", "incoming", "sign-in"),
    *("timestamp", "access-log"),
)
STOPPED_OR_ALTERED = {"worker", "access-log"}
GIGABYTE = 1_000_000_000


def site_settings() -> Iterator[Finding]:
    found = [
        message
        for message in checks.run_checks(include_deployment_checks=not settings.EMBEDDED)
        if message.level >= checks.WARNING and message.id != "portal.W001"
    ]
    for message in found:
        make = wrong if message.level >= checks.ERROR else warning
        yield make(f"{message.msg} ({message.id})", message.hint or "Correct the setting.")
    if settings.SENDS_MAIL and settings.DEFAULT_FROM_EMAIL.endswith("@example.org"):
        yield wrong(
            f"Messages come from {settings.DEFAULT_FROM_EMAIL}, which nobody has.",
            "Write the sender as DEFAULT_FROM_EMAIL.",
        )
    elif not found:
        yield good(f"All settings of {settings.SITE_URL} make sense.")


def packages() -> Iterator[Finding]:
    if not installation.packages_are_current():
        yield wrong(
            "The packages are not those of requirements/base.txt.", "Build the image again."
        )
    elif not installation.static_files_are_current():
        yield wrong("The static files are of another version.", "Run: manage.py update --static")
    else:
        yield good("Packages and static files are of this version.")


def libraries() -> Iterator[Finding]:
    missing = document_libraries()
    yield from (warning("The libraries of documents are missing.", str(one.msg)) for one in missing)
    if not missing:
        yield good("The libraries of documents are there.")
    if apertium.is_installed():
        yield good("Apertium is there: the search and drafts of translations use it.")
    else:
        yield warning(
            "Apertium is missing: the search finds less in other languages, and nothing is drafted.",
            f"On Debian or Ubuntu: apt-get install {' '.join(apertium.PACKAGES)}",
        )


def storage() -> Iterator[Finding]:
    """Write a file, read it and delete it."""
    content = os.urandom(32)
    try:
        name = default_storage.save("doctor/probe", ContentFile(content))
        try:
            with default_storage.open(name) as file:
                is_same = file.read() == content
        finally:
            default_storage.delete(name)
    except StorageAway:
        yield wrong(
            f"The bucket of the files ({bucket_name()}) does not answer.",
            "Start the object storage, and compare STORAGE_URL and STORAGE_SECRET with it.",
        )
        return
    except Exception as error:  # of the disk
        yield wrong(
            f"Files cannot be kept ({reason(error)}).",
            "Let the user of this process write into MEDIA_ROOT, and see whether the disk is full.",
        )
        return
    if is_same:
        yield good("A file was written, read and deleted.")
    else:
        yield wrong("A file is not read as it was written.", "Look for a fault of the disk.")


def bucket_name() -> str:
    options = settings.STORAGES["default"].get("OPTIONS", {})
    return f"{options.get('endpoint_url') or 's3:/'}/{options.get('bucket_name')}"


def disks() -> Iterator[Finding]:
    advice = "Make the disk larger, or remove what others keep on it."
    for disk in figures.disks():
        free, total = disk.free / GIGABYTE, disk.total / GIGABYTE
        said = f"{free:.1f} of {total:.1f} GB are free at {disk.path}."
        if disk.is_full:
            yield wrong(said, advice)
        elif disk.is_scarce:
            yield warning(said, advice)
        else:
            yield good(said)


def keys() -> Iterator[Finding]:
    """The settings refuse keys that are short or the same; here is where they lie."""
    if settings.EMBEDDED:
        for name in ("secret_key", "access_log_key"):
            file = settings.VAR / name
            if file.exists() and file.stat().st_mode & 0o077:
                yield warning(f"Others can read {file}.", f"Run: chmod 600 {file}")
    if settings.SECRET_KEY_FALLBACKS:
        yield warning(
            f"{len(settings.SECRET_KEY_FALLBACKS)} former key(s) still count as SECRET_KEY.",
            "Empty SECRET_KEY_FALLBACKS two weeks after the change.",
        )
    else:
        yield good("No former key counts as SECRET_KEY.")


def backups() -> Iterator[Finding]:
    last = status.last_good_backup()
    advice = "See docs/operations/backup.md, and the log of the service `backup`."
    if last is None:
        missing = wrong("There is no backup.", advice)
        yield missing if status.backups_are_expected() else good("Nobody expects backups here.")
        return
    age = timezone.now() - last
    said = f"The last good backup is {age // timedelta(hours=1)} hours old."
    yield wrong(said, advice) if status.backup_is_late(last) else good(said)


def work() -> Iterator[Finding]:
    """What the page for administrators and the alerts say, of what is not looked at elsewhere."""
    for line in state.state_now().lines:
        if line.key in OF_THE_STATE:
            said = words_of(line)
            if line.status == state.OK:
                yield good(f"{said.label}: well.")
            else:
                make = wrong if line.key in STOPPED_OR_ALTERED else warning
                yield make(str(said.trouble), str(said.advice))
