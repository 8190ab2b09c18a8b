"""Verifies a portal after a restore, as a table: what was looked at, how many, and what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.files.storage import default_storage

from accounts.checkpoints import own_checkpoints
from accounts.log_check import check_log
from accounts.models import AccessEvent
from committees.models import Minutes
from ibcr_portal.backups.keys import keys_in_use, unreadable_without
from ibcr_portal.backups.loading import hash_of_file
from ibcr_portal.backups.reading import BackupFound
from ibcr_portal.backups.restoring import Restored
from reports.models import Rendition, Snapshot

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
