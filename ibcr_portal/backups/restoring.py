"""Restores a backup into an empty portal, after it was read once to its end: nothing is loaded of what
is not whole.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log
from accounts.models import AccessEvent, OutgoingMail, User
from committees.models import Minutes
from ibcr_portal.backups.keys import keys_in_use, unreadable_without
from ibcr_portal.backups.loading import (
    Loader,
    bring_up_to_date,
    counts_of,
    end_what_may_have_been_revoked,
    hash_of_file,
    prepare_database,
    refuse_too_little_room,
)
from ibcr_portal.backups.making import add_to_own, genuine, own_ledger, together
from ibcr_portal.backups.reading import BackupFound, BackupReader, Identities, Taker
from ibcr_portal.backups.targets import Refused, files_away_refused
from ibcr_portal.installation import migrations_are_due
from ibcr_portal.persons.ledger import NoEntry
from ibcr_portal.persons.replaying import finish_entries, missing_entries, replay
from kernel import organisation
from kernel.jobs import Job
from kernel.media import carried_id, carry_id
from kernel.models import Installation, Outage
from partners.models import Institution
from projects.models import Project
from reports.models import Rendition, Snapshot

Say = Callable[[str], None]
# Of PostgreSQL, and what SQLite says.
INSUFFICIENT_PRIVILEGE, DISK_FULL, SQLITE_FULL = "42501", "53100", "database or disk is full"


@dataclass
class Restored:
    found: BackupFound
    counts: dict[str, int] = field(default_factory=dict)
    """By table, the rows that were there before the transaction ended."""
    hashes: dict[str, str] = field(default_factory=dict)
    """By name, the hash of each file."""
    forgotten: int = 0
    """People who were forgotten again."""
    wrong_lines: int = 0
    """Lines of the ledger that this portal did not sign."""
    ended: dict[str, int] = field(default_factory=dict)
    """How many links and the like were ended, by what they are."""
    mail_held: int = 0
    """Messages that waited at that moment, and are not sent now: perhaps they were."""


def checked(source: BinaryIO, identities: Identities) -> BackupFound:
    """Read a backup to its end and load nothing. Raises Damaged."""
    return BackupReader(connection.vendor, Taker()).read(source, identities)


def refuse_unknown_maker(found: BackupFound, *, is_foreign_taken: bool) -> None:
    if not found.is_signed and not is_foreign_taken:
        raise Refused(
            "The backup was not signed with the ACCESS_LOG_KEY of this portal: restore the keys first "
            "(manage.py restore --keys). Without them, the access log and what is locked away cannot "
            "be read; --foreign restores it all the same."
        )


def restore(
    source: BinaryIO,
    identities: Identities,
    found: BackupFound,
    ledgers: list[str],
    say: Say,
    *,
    keeps_links: bool = False,
) -> Restored:
    """Load what was `checked`. Raises Refused and Damaged, and then nothing has changed. With
    `keeps_links`, nothing was revoked since the backup."""
    with files_away_refused():
        refuse_other_files(found)
    refuse_too_little_room(found)
    prepare_database(found.header)
    is_current = not migrations_are_due()
    loader = Loader(f"restore-{found.digest[:16]}", is_this_version=is_current)
    restored = Restored(found)
    say("Loading the rows and files …")
    try:
        with refused_in_words(), transaction.atomic():
            refuse_portal_in_use()
            _load(source, identities, loader, restored)
            if is_current and not keeps_links:
                _end(restored)  # nobody ever opens them
            loader.place_files()
    except BaseException:
        loader.take_files_away()
        raise
    finally:
        loader.remove_staged()
    restored.hashes = loader.staged
    if not is_current:
        say("Bringing the database up to date …")
        bring_up_to_date()
        if not keeps_links:
            _end(restored)  # an earlier version may have kept them otherwise
    _settle(restored)
    _forget_again(restored, ledgers, say)
    return restored


def _load(source: BinaryIO, identities: Identities, loader: Loader, restored: Restored) -> None:
    with loader.loading():
        again = BackupReader(connection.vendor, loader).read(source, identities)
        if again.digest != restored.found.digest:
            raise Refused("The backup was changed while it was read.")
    restored.counts = counts_of([*loader.loaded])


@contextmanager
def refused_in_words() -> Iterator[None]:
    """What an operator can mend, such as a disk that is full."""
    try:
        with files_away_refused():
            yield
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", "")
        if code == DISK_FULL or SQLITE_FULL in str(error):
            raise Refused("The disk of the database is full: make it larger.") from error
        if code != INSUFFICIENT_PRIVILEGE:
            raise
        raise Refused(
            "This role of the database does not own the tables: run the restore in the one that does "
            "(in compose: docker compose run --rm migrate restore …)."
        ) from error
    except OSError as error:
        raise Refused(f"The files cannot be written: {error.strerror or error}.") from error


def refuse_portal_in_use() -> None:
    """A backup never goes over something."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {User._meta.db_table} IN EXCLUSIVE MODE")
        there = []
        for model in (User, Project, Institution):
            cursor.execute(f"SELECT COUNT(*) FROM {model._meta.db_table}")
            if count := cursor.fetchone()[0]:
                there.append(f"{count} in {model._meta.db_table}")
    if there:
        raise Refused(
            f"This portal is not empty ({', '.join(there)}), and a backup is restored into an empty one "
            "only. Set its database and its files aside, run manage.py update, and restore again."
        )


def refuse_other_files(found: BackupFound) -> None:
    """Files of another portal in the folder would be mixed with those of this one."""
    carried = carried_id()
    if carried and carried not in {found.header.get("installation"), _own_id()}:
        raise Refused(
            "The folder of the portal's files carries the id of another installation: set it aside, or "
            "name an empty one in MEDIA_ROOT."
        )


def _own_id() -> str:
    try:
        with transaction.atomic():
            return str(Installation.objects.values_list("key", flat=True).first())
    except DatabaseError:  # there is no table yet
        return ""


def _end(restored: Restored) -> None:
    ContentType.objects.clear_cache()  # those of the backup have other keys
    restored.ended = end_what_may_have_been_revoked()


def _settle(restored: Restored) -> None:
    """Put right what is about another moment or place than the one that was backed up."""
    ContentType.objects.clear_cache()
    organisation.forget()
    with suppress(Exception):  # the broker may be away; what it keeps runs out
        cache.clear()
    carry_id(Installation.ours().key)
    # They were probably sent after the backup. Somebody who looks decides whether to write again.
    Outage.objects.all().delete()  # what did not answer then
    restored.mail_held = OutgoingMail.objects.in_hand().update(
        state=Job.State.FAILED,
        failure=OutgoingMail.Failure.UNCLEAR,
        token=None,
        finished_at=timezone.now(),
    )
    _write_checkpoints(restored.found.text("checkpoints"))


def _write_checkpoints(text: str) -> None:
    """The portal goes on with the checkpoints of the backup. Others, which say what came after it, are
    kept beside them."""
    path = settings.ACCESS_LOG_CHECKPOINTS
    if path.exists():
        if path.read_text("utf-8", errors="replace") == text:
            return
        path.rename(f"{path}.before-restore-{timezone.now():%Y%m%dT%H%M%S}")
    if text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _forget_again(restored: Restored, ledgers: list[str], say: Say) -> None:
    """Forget whom the portal had forgotten since the backup, as the ledger and its copies say. If this
    is interrupted, `manage.py update` does it."""
    lines, restored.wrong_lines = genuine(
        together(own_ledger(), restored.found.text("erasures"), *ledgers)
    )
    add_to_own(lines)
    try:
        finish_entries()
        missing = missing_entries()
    except NoEntry:
        say("The ledger of erasures has a line that is none: see docs/rules/persons.md.")
        return
    if missing:
        say(f"Forgetting again ({len(missing)}) …")
        restored.forgotten = len(replay(missing))


# --- Verifying ---
#
# Verifies a portal after a restore, as a table: what was looked at, how many, and what is wrong.

MOST = 10


@dataclass
class Verified:
    what: str
    count: int
    wrong: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def text(self) -> str:
        outcome = f"{len(self.wrong)} WRONG" if self.wrong else "all right"
        return (
            f"{self.what:<46} {self.count:>9,}  {outcome}{f'  ({self.note})' if self.note else ''}"
        )


def verified(restored: Restored) -> Iterator[Verified]:
    yield _rows(restored)
    yield _files(restored)
    yield _missing_files(restored.found)
    yield _access_log()
    yield _minutes()
    yield _snapshots()
    yield _documents()
    yield _keys(restored.found)
    yield Verified(
        "People forgotten again since the backup",
        restored.forgotten,
        [f"{restored.wrong_lines} lines of the ledger were not signed by this portal"]
        if restored.wrong_lines
        else [],
    )
    ended = {what: count for what, count in restored.ended.items() if count}
    note = ", ".join(f"{count} {what}" for what, count in ended.items())
    yield Verified("Links and the like that were ended", sum(ended.values()), note=note)


def _rows(restored: Restored) -> Verified:
    expected = restored.found.rows
    wrong = [
        f"{name}: {restored.counts.get(name, 0)} rows instead of {count}"
        for name, count in expected.items()
        if restored.counts.get(name) != count
    ]
    return Verified(f"Rows in {len(expected)} tables", sum(restored.counts.values()), wrong)


def _files(restored: Restored) -> Verified:
    line = Verified("Files, each with its hash", 0, note=f"{restored.found.file_bytes:,} bytes")
    for name, sha256 in restored.hashes.items():
        line.count += 1
        try:
            if hash_of_file(name) != sha256:
                line.wrong.append(f"{name} is not as it was backed up")
        except FileNotFoundError:
            if not restored.forgotten:  # whose files are replaced by a note
                line.wrong.append(f"{name} is missing")
    return line


def _missing_files(found: BackupFound) -> Verified:
    line = Verified("Files that were missing already then", len(found.missing))
    line.note = ", ".join(found.missing[:MOST])
    return line


def _access_log() -> Verified:
    check = check_log(own_checkpoints())
    return Verified(
        "Events of the access log, and its checkpoints",
        AccessEvent.objects.count(),
        [*check.problems, *check.unusable],
        f"{check.compared} checkpoints",
    )


def _minutes() -> Verified:
    line = Verified("Sealed minutes", 0)
    for minutes in Minutes.objects.filter(status=Minutes.Status.SEALED).iterator(chunk_size=20):
        line.count += 1
        if not minutes.is_whole:
            line.wrong.append(f"The minutes {minutes.pk} are not as they were sealed")
    return line


def _snapshots() -> Verified:
    """Of those of forgotten people, the data are locked away."""
    line = Verified("Frozen data of final documents", 0)
    for snapshot in Snapshot.objects.filter(is_final=True).exclude(data={}).iterator(chunk_size=20):
        line.count += 1
        if not snapshot.is_whole:
            line.wrong.append(f"The data {snapshot.pk} are not as they were frozen")
    return line


def _documents() -> Verified:
    """A seal is in the bytes of a file, so the hash that was stored when it was sealed says that it
    still holds."""
    line = Verified("Documents, by the hash that was issued", 0)
    sealed = 0
    for document in Rendition.objects.ready().exclude(file="").exclude(sha256="").iterator():
        line.count += 1
        sealed += document.seal_id is not None
        name = str(document.file.name)
        if default_storage.exists(name) and hash_of_file(name) != document.sha256:
            line.wrong.append(f"Document {document.pk} is not as it was issued")
    line.note = f"{sealed} with the portal's seal"
    return line


def _keys(found: BackupFound) -> Verified:
    wrong = unreadable_without(found.header["keys"], found.rows, keys_in_use())
    return Verified("Keys that the data need", len(found.header["keys"]), wrong)
