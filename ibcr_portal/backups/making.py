"""Makes a backup and writes down that it was made, or why not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, IntegrityError
from django.utils import timezone
from pyrage import x25519

from ibcr_portal import key_file
from ibcr_portal.backups.encryption import write_out
from ibcr_portal.backups.keys import keys_in_use
from ibcr_portal.backups.ledgers import keep_beside
from ibcr_portal.backups.rotation import name_for, superfluous
from ibcr_portal.backups.saving import Saved, saved_frames
from ibcr_portal.backups.targets import Target, files_away_refused
from ibcr_portal.models import Backup, FileProblem
from ibcr_portal.stored_files import note_all

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
