"""Makes a backup and writes down that it was made, or why not."""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, close_old_connections
from django.utils import timezone
from pyrage import x25519

from accounts.checkpoints import own_checkpoints, public_key_id, sign
from ibcr_portal import key_file
from ibcr_portal.backups import frames
from ibcr_portal.backups.encryption import write_out
from ibcr_portal.backups.keys import key_ids, keys_in_use
from ibcr_portal.backups.mending import settings_that_are_set
from ibcr_portal.backups.rotation import name_for, superfluous
from ibcr_portal.backups.tables import (
    FrozenDatabase,
    Table,
    file_columns,
    migrations_of,
    moment,
    tables,
)
from ibcr_portal.backups.targets import Refused, Target, files_away_refused
from ibcr_portal.models import Backup, FileProblem
from ibcr_portal.persons.ledger import Entry, NoEntry
from ibcr_portal.stored_files import note_all
from ibcr_portal.version import VERSION
from kernel.media import belongs_here
from kernel.models import Installation

# --- Ledgers ---
#
# The ledger of erasures, which is also kept beside the backups: after a loss, an older backup must
# not bring back whom the portal had forgotten. It names nobody (`ibcr_portal.persons.ledger`).

NAME = "erasures.jsonl"


def own_ledger() -> str:
    try:
        return settings.ERASURES.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def together(*texts: str) -> list[str]:
    """Return the lines of several copies, each once, in their order."""
    lines = (line.strip() for text in texts for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def keep_beside(target: Target) -> bool:
    """Write the lines that the copy beside the backups lacks. It never loses one, also if this portal
    was set up anew and knows fewer. Returns whether there was anything to write."""
    own = own_ledger()
    if not own:
        return False
    there = target.read_text(NAME)
    lines = together(there, own)
    if lines == together(there):
        return False
    target.replace_text(NAME, "".join(f"{line}\n" for line in lines))
    return True


def genuine(lines: Iterable[str]) -> tuple[list[str], int]:
    """Return the lines that this portal signed, and how many others there are."""
    found, others = [], 0
    for line in lines:
        try:
            Entry.read(line)
        except NoEntry:
            others += 1
        else:
            found.append(line)
    return found, others


def add_to_own(lines: Iterable[str]) -> int:
    """Append the lines that the portal's own ledger lacks; return how many."""
    known = set(together(own_ledger()))
    new = [line for line in lines if line not in known]
    if new:
        path = settings.ERASURES
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "wb") as file:
            file.write("".join(f"{line}\n" for line in new).encode())
            file.flush()
            os.fsync(file.fileno())
    return len(new)


# --- Makes a backup as frames, one after the other: the whole of it is never in memory ---

TEXT_PIECE = 1_000_000


@dataclass
class Saved:
    """What a backup has, counted while it is made."""

    at: datetime = field(default_factory=timezone.now)
    rows: int = 0
    files: int = 0
    file_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    """Files that a row named and that were not there, or were taken away meanwhile."""
    altered: list[str] = field(default_factory=list)
    """Files that are not those of which their row knows the hash."""


def saved_frames(saved: Saved) -> Iterator[bytes]:
    """Yield the bytes of a backup, and count in `saved` what it has."""
    yield frames.MAGIC
    digest = hashlib.sha256()
    if not Installation.objects.exists():
        belongs_here()  # database and files get their id together
    key = Installation.ours().key
    saved.at = timezone.now()
    with moment() as now:
        for each in _content(now, saved, str(key)):
            digest.update(each)
            yield each
    yield _end(saved, digest.hexdigest())


def _content(now: FrozenDatabase, saved: Saved, installation: str) -> Iterator[bytes]:
    yield frames.json_frame(frames.HEADER, _header(now, saved, installation))
    # Before the rows: lines that come meanwhile are about what the rows do not have.
    yield from _text("checkpoints", own_checkpoints())
    yield from _text("erasures", own_ledger())
    for table in tables():
        yield from _table(now, table, saved)
    for name, sha256 in now.files(file_columns()):
        yield from _file(name, sha256, saved)


def _header(now: FrozenDatabase, saved: Saved, installation: str) -> dict[str, Any]:
    return {
        "format": frames.FORMAT,
        "portal": VERSION,
        "site": settings.SITE_URL,
        "installation": installation,
        "at": saved.at.astimezone(UTC).isoformat(timespec="seconds"),
        "engine": now.vendor,
        "migrations": migrations_of(now.connection),
        "settings": settings_that_are_set(),
        "keys": key_ids(),
    }


def _text(name: str, text: str) -> Iterator[bytes]:
    for start in range(0, len(text), TEXT_PIECE):
        values = {"name": name, "text": text[start : start + TEXT_PIECE]}
        yield frames.json_frame(frames.TEXT, values)


def _table(now: FrozenDatabase, table: Table, saved: Saved) -> Iterator[bytes]:
    yield frames.json_frame(frames.TABLE, asdict(table))
    before = saved.rows

    def counted() -> Iterator[list[Any]]:
        for row in now.rows(table):
            saved.rows += 1
            yield row

    yield from frames.row_frames(counted())
    values = {"rows": saved.rows - before, "last": now.last_key(table)}
    yield frames.json_frame(frames.TABLE_END, values)


def _file(name: str, sha256: str, saved: Saved) -> Iterator[bytes]:
    yield frames.json_frame(frames.FILE, {"name": name})
    digest, size = hashlib.sha256(), 0
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        saved.missing.append(name)
        yield frames.json_frame(frames.FILE_END, {"missing": True})
        return
    with file:
        while piece := file.read(frames.PIECE):
            digest.update(piece)
            size += len(piece)
            yield frames.frame(frames.DATA, piece)
    if sha256 and digest.hexdigest() != sha256:
        saved.altered.append(name)
    saved.files += 1
    saved.file_bytes += size
    yield frames.json_frame(frames.FILE_END, {"sha256": digest.hexdigest(), "size": size})


def _end(saved: Saved, digest: str) -> bytes:
    values = {"digest": digest, "rows": saved.rows, "files": saved.files, "key": public_key_id()}
    signature = sign(frames.canonical(values))
    return frames.json_frame(frames.END, values | {"signature": signature})


# --- Making ---

Recipients = list[x25519.Recipient]
LONGEST_REASON = 500


class TakenSlot(Exception):
    """Another process makes the backup of this time."""


def make_backup(
    target: Target, recipients: Recipients, *, slot: str = ""
) -> tuple[Backup, dict[str, str]]:
    """Write a backup of the data to the target. Without recipients it is in clear. Returns it with the
    files that it lacks, by their names: missing or altered. Raises Refused, and TakenSlot if another
    one has this slot."""
    saved = Saved()
    row = _begun(target, slot=slot)
    with _failure_recorded(row), files_away_refused():
        name = target.named(name_for(saved.at, is_encrypted=bool(recipients)))
        with target.writing(name) as writing:
            write_out(saved_frames(saved), writing, recipients)
        row.at, row.size, row.sha256 = saved.at, writing.size, writing.hash.hexdigest()
        row.rows, row.files, row.missing = saved.rows, saved.files, len(saved.missing)
        row.target = (
            f"{target.label.rstrip('/')}/{name}" if target.label.endswith("/") else target.label
        )
        lost = note_all(
            dict.fromkeys(saved.missing, FileProblem.Kind.MISSING.value)
            | dict.fromkeys(saved.altered, FileProblem.Kind.ALTERED.value)
        )
        row.is_complete = not lost
        row.finished_at = timezone.now()
        row.save()
        keep_beside(target)
    return row, lost


def make_key_backup(target: Target, recipients: Recipients) -> Backup:
    """Write all keys, always encrypted. Raises Refused."""
    assert recipients, "Keys are never written in clear."
    keys = keys_in_use()
    row = _begun(target, kind=Backup.Kind.KEYS)
    with _failure_recorded(row):
        name = target.named(f"keys-{row.at:%Y%m%dT%H%M%SZ}.json.age")
        with target.writing(name) as writing:
            write_out(iter([key_file.written(keys)]), writing, recipients)
        row.size, row.sha256 = writing.size, writing.hash.hexdigest()
        row.keys = [key.label for key in keys]
        row.finished_at = timezone.now()
        row.save()
    return row


def _begun(target: Target, *, slot: str = "", kind: str = Backup.Kind.DATA) -> Backup:
    try:
        return Backup.objects.create(kind=kind, at=timezone.now(), target=target.label, slot=slot)
    except IntegrityError:
        raise TakenSlot from None


@contextmanager
def _failure_recorded(row: Backup) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        if row.finished_at is None:
            row.failure = (str(error) or type(error).__name__)[:LONGEST_REASON]
            row.finished_at = timezone.now()
            with suppress(DatabaseError):  # it may be what failed
                row.save(update_fields=["failure", "finished_at"])
        raise


def delete_superfluous(
    target: Target, keep: tuple[int, int, int], say: Callable[[str], object] = lambda _name: None
) -> int:
    """Delete the backups that are not kept any more; return how many. Those that lack files are counted
    by themselves, so that none of them ever takes the place of a complete one."""
    there = target.names()
    lacking = Backup.objects.made().filter(is_complete=False).values_list("target", flat=True)
    incomplete = {each.rpartition("/")[2] for each in lacking}
    names = superfluous([name for name in there if name not in incomplete], keep)
    names += superfluous([name for name in there if name in incomplete], keep)
    for name in names:
        target.delete(name)
        say(name)
    return len(names)


# --- Makes a backup a day at BACKUP_TARGET, and keeps the copy of the ledger there up to date ---
#
# It is a process of its own (`manage.py backup --scheduled`), since a backup of many files takes
# long and no document should wait for it. Of two such processes, one makes the backup of a day.

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
