"""Makes a backup as frames, one after the other: the whole of it is never in memory."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.checkpoints import own_checkpoints
from accounts.log_keys import public_key_id, sign
from ibcr_portal.backups import frames
from ibcr_portal.backups.keys import key_ids
from ibcr_portal.backups.ledgers import own_ledger
from ibcr_portal.backups.moment import FrozenDatabase, moment
from ibcr_portal.backups.surroundings import settings_that_are_set
from ibcr_portal.backups.tables import Table, file_columns, migrations_of, tables
from ibcr_portal.version import VERSION
from kernel.media import belongs_here
from kernel.models import Installation

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
