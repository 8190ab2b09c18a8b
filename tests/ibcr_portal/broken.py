"""Ways in which an installation breaks, one at a time: what is done to it, what doctor must say, and what it
must advise. A way that goes on after its `yield` does what the advice says, and then doctor is well."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import AccessEvent, User
from ibcr_portal.models import Backup, KnownKey, Watch
from kernel.media import ID_FILE
from reports.sealing.making import new_key, write_key
from scripts.shifted_clock import compile_shim, set_clock, time_of_machine
from tests.disks import fill, small_disk
from tests.ibcr_portal.installation import PASSPHRASE, Installation, database_url
from tests.servers import accounts, dead_port, silent
from tests.triggers import triggers_off


@dataclass(frozen=True)
class Way:
    name: str
    breaks: Callable[[Installation], Iterator[None]]
    says: str
    advice: str
    level: str
    is_quick: bool
    is_mended: bool
    """Whether it does what the advice says after its `yield`."""


WAYS: list[Way] = []


def way(says, advice, *, level="WRONG", quick=False, mends=False):
    def registered(breaks):
        WAYS.append(Way(breaks.__name__, breaks, says, advice, level, quick, mends))
        return breaks

    return registered


# --- Settings and services -----------------------------------------------------------------


@way("The database does not answer", "Start PostgreSQL, and compare DATABASE_URL")
def database_is_dead(portal):
    portal.broken["DATABASE_URL"] = f"postgres://portal@127.0.0.1:{dead_port()}/portal"
    yield


@way("The queue (redis://", "Start Redis, and compare REDIS_URL", quick=True)
def redis_is_dead(portal):
    portal.broken["REDIS_URL"] = f"redis://127.0.0.1:{dead_port()}/0"
    yield


@way("does not take messages (Connection refused)", "Compare EMAIL_URL")
def mail_server_is_dead(portal):
    portal.broken["EMAIL_URL"] = f"smtp://127.0.0.1:{dead_port()}"
    yield


@way("does not take messages (SMTPServerDisconnected)", "Compare EMAIL_URL")
def mail_server_hangs(portal):
    portal.servers["mail"].greeting = b""
    yield


@way("Messages come from portal@example.org", "Write the sender as DEFAULT_FROM_EMAIL.")
def nobody_sends(portal):
    portal.broken["DEFAULT_FROM_EMAIL"] = "portal@example.org"
    yield


@way("The mailbox imap+tls://", "Compare INBOUND_IMAP_URL")
def mailbox_is_dead(portal):
    portal.broken["INBOUND_IMAP_URL"] = f"imap+tls://reply@127.0.0.1:{dead_port()}/INBOX"
    yield


@way("The virus scanner does not answer", "Start ClamAV")
def scanner_is_dead(portal):
    portal.broken["CLAMD_URL"] = f"tcp://127.0.0.1:{dead_port()}"
    yield


@way("Nobody can sign in with Organisation", "See whether that server runs, and compare OIDC_URL")
def provider_is_dead(portal):
    portal.broken["OIDC_URL"] = f"http://127.0.0.1:{dead_port()}"
    yield


@way("Nobody can sign in with Organisation", "See whether that server runs")
def provider_hangs(portal):
    portal.servers["accounts"].answer = silent
    yield


@way("(it calls itself https://elsewhere.test)", "compare OIDC_URL with the issuer that it names")
def provider_is_another_one(portal):
    portal.servers["accounts"].answer = accounts("https://elsewhere.test")
    yield


@way("The timestamp authority does not answer", "See whether it runs", level="WARNING")
def timestamp_authority_is_dead(portal):
    portal.broken["SEAL_TIMESTAMP_URL"] = f"http://127.0.0.1:{dead_port()}"
    yield


@way("SECRET_KEY must hold at least 50", "See docs/operations/settings.md.")
def secret_key_is_short(portal):
    portal.broken["SECRET_KEY"] = "short"
    yield


@way("INBOUND_IMAP_URL must look like imaps://", "See docs/operations/settings.md.")
def mailbox_without_tls(portal):
    portal.broken["INBOUND_IMAP_URL"] = "imap://reply@127.0.0.1/INBOX"
    yield


@way("SECRET_KEY_FILE is '/nowhere/key', which cannot be read", "See docs/operations/settings.md.")
def file_of_a_key_is_missing(portal):
    portal.broken |= {"SECRET_KEY_FILE": "/nowhere/key", "SECRET_KEY": ""}
    yield


# --- Keys -----------------------------------------------------------------------------------


@way(
    "ACCESS_LOG_KEY is not the key with which the data were written: the access log counts as forged",
    "Put the former ACCESS_LOG_KEY back",
    quick=True,
    mends=True,
)
def another_key_of_the_log(portal):
    portal.broken["ACCESS_LOG_KEY"] = "of another portal ".ljust(60, ".")
    yield
    assert portal.as_owner("update", "--no-key").code == 0  # which must not take the other one


@way(
    "SECRET_KEY is not the key with which the data were written: second factors cannot be read",
    "Put the former SECRET_KEY back, or behind the new one as SECRET_KEY_FALLBACKS",
    mends=True,
)
def another_secret_key(portal):
    former = portal.env["SECRET_KEY"]
    portal.broken["SECRET_KEY"] = "of another portal ".ljust(60, ".")
    yield
    portal.broken["SECRET_KEY"] = "of another portal ".ljust(60, ".")
    portal.broken["SECRET_KEY_FALLBACKS"] = former


@way(
    "was signed with another ACCESS_LOG_KEY",
    "or ACCESS_LOG_CHECKPOINTS names the file of",
    mends=True,
)
def checkpoints_of_another_portal(portal):
    """As after a move in which the database kept no id of a key yet."""
    KnownKey.objects.all().delete()
    portal.broken["ACCESS_LOG_KEY"] = "of another portal ".ljust(60, ".")
    yield
    assert portal.as_owner("update", "--no-key").code == 0  # with the former key


# --- Files and disks --------------------------------------------------------------------------


@way("Files cannot be kept", "Let the user of this process write into MEDIA_ROOT")
def folder_of_files_is_none(portal):
    (portal.path("file")).touch()
    portal.broken["MEDIA_ROOT"] = f"{portal.path('file')}/media"
    yield


@way(
    "The bucket of the files (http://127.0.0.1:",
    "Start the object storage, and compare STORAGE_URL",
)
def bucket_is_dead(portal):
    portal.broken["STORAGE_URL"] = f"s3+http://key:secret@127.0.0.1:{dead_port()}/files"
    yield


@way("0.0 of 0.0 GB are free", "Make the disk larger, or remove what others keep on it.")
def disk_is_full(portal):
    with small_disk(portal.path("small"), 20):
        portal.broken["PORTAL_VAR"] = str(portal.path("small"))
        fill(portal.path("small"))
        yield


@way(
    "1 file(s) that rows name are missing or altered",
    "manage.py verify_files",
    mends=True,
)
def a_file_is_gone(portal):
    target = portal.path("p.backup")
    assert portal.manage("backup", str(target), "--plain").code == 0
    name = portal.photograph.file.name
    default_storage.delete(name)
    yield
    said = portal.manage("verify_files")
    assert (said.code, f"missing  {name}" in said.said) == (3, True)
    assert portal.manage("restore", str(target), "--files").code == 0


@way("1 file(s) that rows name are missing or altered", "manage.py verify_files", mends=True)
def a_file_is_altered(portal):
    name = portal.photograph.file.name
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"another one"))
    assert portal.manage("verify_files").code == 3  # or the hourly look
    yield
    accept = portal.manage("verify_files", "--accept", name, "--why", "Nobody has it any more.")
    assert accept.code == 0


@way("The files belong to another installation", "manage.py quarantine --adopt", mends=True)
def files_of_another_portal(portal):
    default_storage.delete(ID_FILE)
    default_storage.save(ID_FILE, ContentFile(b"7f1e1c32-0000-4000-8000-000000000000\n"))
    yield
    assert portal.manage("quarantine", "--adopt").code == 0


@way("The static files are of another version.", "Run: manage.py update --static", mends=True)
def static_files_are_missing(portal):
    kept = Path(portal.env["STATIC_ROOT"])
    portal.env["STATIC_ROOT"] = str(shutil.copytree(kept, portal.path("static")))
    portal.path("static/sources.sha256").unlink()
    yield
    assert portal.manage("update", "--static").code == 0


# --- Backups and the seal ---------------------------------------------------------------------


@way(
    "Backups cannot be written. ",
    "Let the user of this process write there, or correct BACKUP_TARGET",
)
def backup_folder_cannot_be_written(portal):
    portal.path("file").touch()
    portal.broken["BACKUP_TARGET"] = f"{portal.path('file')}/backups/"
    yield


@way(
    "without BACKUP_RECIPIENTS, so each backup is refused",
    "manage.py backup --new-identity FILE",
    mends=True,
)
def nobody_could_read_backups(portal):
    portal.broken["BACKUP_RECIPIENTS"] = ""
    yield
    said = portal.manage("backup", "--new-identity", str(portal.path("new.txt")))
    portal.env["BACKUP_RECIPIENTS"] = said.said.split("BACKUP_RECIPIENTS=")[1].strip()


@way("The last good backup is 30 hours old.", "See docs/operations/backup.md", mends=True)
def backups_have_stopped(portal):
    Backup.objects.update(at=timezone.now() - timedelta(hours=30))
    yield
    assert portal.manage("backup", f"{portal.path('backups')}/").code == 0


@way(
    "cannot be sealed (the key cannot be read)",
    "make a new key where the worker runs: manage.py",
    mends=True,
)
def key_of_the_seal_is_gone(portal):
    portal.path("seal.p12").unlink()
    yield
    assert portal.manage("seal_key").code == 0


@way(
    "cannot be sealed (the key cannot be read)",
    "Put the file back that SEAL_KEY names",
    mends=True,
)
def key_of_the_seal_is_gone_seen_from_a_web_server(portal):
    """Which never has it: it knows what the worker found."""
    portal.path("seal.p12").unlink()
    task = "from ibcr_portal.tasks import try_seal; try_seal()"
    assert portal.manage("shell", "-c", task).code == 0
    portal.broken |= {"SEAL_PASSPHRASE_FILE": ""}
    yield
    assert (
        portal.manage("seal_key", SEAL_PASSPHRASE_FILE=portal.env["SEAL_PASSPHRASE_FILE"]).code == 0
    )
    assert portal.manage("shell", "-c", task).code == 0


@way(
    "cannot be sealed (the key does not open)", "into the file of SEAL_PASSPHRASE_FILE.", mends=True
)
def passphrase_of_the_seal_is_wrong(portal):
    portal.path("passphrase").write_text("another word")
    yield
    portal.path("passphrase").write_text(PASSPHRASE)


@way(
    "cannot be sealed (the certificate is not valid today)",
    "manage.py seal_key --replace",
    mends=True,
)
def certificate_of_the_seal_has_expired(portal):
    long_ago = timezone.now() - timedelta(days=800)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: long_ago)
        old = new_key("localhost", "Organisation", years=1)
    write_key(old, portal.path("seal.p12"), PASSPHRASE.encode())
    yield
    assert portal.manage("seal_key", "--replace").code == 0


# --- People, work and time --------------------------------------------------------------------


@way("Nobody administers the portal.", "Run: manage.py createsuperuser", mends=True)
def nobody_administers(portal):
    User.objects.update(is_staff=False)
    yield
    made = portal.manage(
        *("createsuperuser", "--noinput", "--email=a@organisation.test", "--full_name=A"),
        DJANGO_SUPERUSER_PASSWORD="perro violeta cuchara",
    )
    assert made.code == 0, made.said


@way("No worker reads the queues 'sweeps,celery'", "Start one (the services worker", quick=True)
def no_worker_runs(portal):
    portal.broken["REDIS_URL"] = f"{portal.env['REDIS_URL'].rpartition('/')[0]}/1023"
    yield


@way(
    "the scheduler or the worker for short work is silent",
    "See whether the services beat and mailer run",
    mends=True,
)
def scheduler_has_stopped(portal):
    Watch.note(looked_at=timezone.now() - timedelta(hours=2))
    yield
    Watch.note(looked_at=timezone.now())  # as the scheduler has the portal do once it is started


@way("The clocks of this machine and of the database are 26", "timedatectl set-ntp true")
def clock_is_wrong(portal):
    folder = portal.path("clock")
    folder.mkdir()
    if not (shim := compile_shim(folder)):
        pytest.skip("A clock that is wrong needs a compiler of C.")
    three_days = 260_000  # more than a day, which is not to be left out
    set_clock(folder / "clock", round(time.time() - time_of_machine()) + three_days)
    portal.broken |= shim
    yield


# --- Database -----------------------------------------------------------------------------------


@way("The database is of an earlier version.", "Run: manage.py update", mends=True)
def migrations_are_missing(portal):
    # One that changes no table, and on which no other depends: it can be applied once more.
    MigrationRecorder(connection).record_unapplied("accounts", "0004_incoming_mail_expired")
    yield
    updated = portal.as_owner("update", "--no-key")
    assert updated.code == 0, updated.said


@way("triggers are disabled: sealed records can be changed.", "ENABLE TRIGGER ALL", mends=True)
def triggers_are_disabled(portal):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_accessevent DISABLE TRIGGER ALL")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_accessevent ENABLE TRIGGER ALL")


@way("its role owns them", "the role of DATABASE_APP_USER", level="WARNING")
def the_role_owns_the_tables(portal):
    portal.broken["DATABASE_URL"] = database_url()
    yield


@way(
    "The access log or its checkpoints were altered: Event",
    "manage.py verify_access_log lists",
    mends=True,
)
def an_event_is_altered(portal):
    kept = AccessEvent.objects.first()
    with triggers_off():
        AccessEvent.objects.filter(pk=kept.pk).update(kind=AccessEvent.Kind.EXPORT)
    yield
    with triggers_off():  # as in the backup with which the advice compares it
        AccessEvent.objects.filter(pk=kept.pk).update(kind=kept.kind)


@way("The clock is behind the newest event", "Set the clock")
def newest_event_is_in_the_future(portal):
    at = timezone.now() + timedelta(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: at)
        AccessEvent.record(AccessEvent.Kind.SIGN_IN, user=None, method="code")
    yield
