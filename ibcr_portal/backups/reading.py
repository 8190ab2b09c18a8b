"""Reads a backup frame by frame, and trusts nothing in it: what a frame says is compared with what the
others do, and a name of a file leads nowhere but into the folder of the portal's files."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, NoReturn

from pyrage import x25519

from accounts.checkpoints import is_signature
from ibcr_portal.backups import frames
from ibcr_portal.backups.encryption import read_in
from ibcr_portal.backups.frames import Damaged, FrameParser
from ibcr_portal.backups.tables import KINDS, Column, Table, WrongValue, stored

Identities = list[x25519.Identity]

LONGEST_NAME = 200
# Of what the portal itself keeps in the folder, and no row names.
RESERVED = re.compile(r"(quarantine|restore-[^/]*|installation\.id)(/|$)")
PART = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]+")
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


@dataclass
class BackupFound:
    """What a backup says of itself, and what was counted in it."""

    header: dict[str, Any] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    texts: dict[str, list[str]] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    largest_file: int = 0
    missing: list[str] = field(default_factory=list)
    digest: str = ""
    is_signed: bool = False
    """Whether it was signed with the key of this portal's access log."""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.header["at"])

    def text(self, name: str) -> str:
        return "".join(self.texts.get(name, ()))


class Taker:
    """What becomes of the rows and files of a backup. This one does nothing with them."""

    def table(self, table: Table) -> None: ...

    def rows(self, table: Table, rows: list[list[Any]]) -> None: ...

    def table_end(self, table: Table, last: int) -> None: ...

    def file(self, name: str) -> None: ...

    def data(self, content: bytes) -> None: ...

    def file_end(self, name: str, *, sha256: str) -> None:
        """The hash is empty if the file was missing when the backup was made."""


class BackupReader:
    """Raises Damaged with a sentence at the first thing that is not as it has to be."""

    def __init__(self, vendor: str, taker: Taker) -> None:
        self.vendor = vendor
        self.taker = taker
        self.found = BackupFound()
        self.current: Table | None = None
        self.file_name = ""
        self.file_hash = hashlib.sha256()
        self.file_size = 0
        self.names: set[str] = set()
        self.parser = FrameParser(self._take)
        self.steps = {
            frames.HEADER: self._header,
            frames.TABLE: self._table,
            frames.ROWS: self._rows,
            frames.TABLE_END: self._table_end,
            frames.TEXT: self._text,
            frames.FILE: self._file,
            frames.DATA: self._data,
            frames.FILE_END: self._file_end,
            frames.END: self._end,
        }

    def read(self, source: BinaryIO, identities: Identities) -> BackupFound:
        source.seek(0)
        read_in(source, self.parser, identities)
        return self.found

    def _take(self, letter: int, content: bytes) -> None:
        if bool(self.found.header) == (letter == frames.HEADER):
            refuse()
        try:
            self.steps[letter](content)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Damaged("It is damaged.") from error

    def _header(self, content: bytes) -> None:
        header = frames.values_of(content)
        if type(header["format"]) is not int:
            refuse()
        if header["format"] > frames.FORMAT:
            raise Damaged(
                "It is in a format that this version of the portal does not know: use the version "
                f"that made it ({str(header.get('portal'))[:20]}) or a later one."
            )
        if datetime.fromisoformat(header["at"]).tzinfo is None:
            refuse()
        for name in ("migrations", "settings", "keys"):
            if type(header[name]) is not list:
                refuse()
        self.found.header = header

    def _text(self, content: bytes) -> None:
        values = frames.values_of(content)
        self.found.texts.setdefault(str(values["name"]), []).append(str(values["text"]))

    def _table(self, content: bytes) -> None:
        values = frames.values_of(content)
        columns = tuple(Column(**each) for each in values["columns"])
        table = Table(values["name"], values["key"], columns)
        names = [table.name, *table.names]
        if not all(NAME.fullmatch(name) for name in names) or table.key not in table.names:
            refuse()
        if any(column.kind not in KINDS.values() for column in columns):
            refuse()
        if self.current or self.file_name or table.name in self.found.rows:
            refuse()
        self.current = table
        self.found.tables.append(table)
        self.found.rows[table.name] = 0
        self.taker.table(table)

    def _rows(self, content: bytes) -> None:
        table = self.current or refuse()
        rows = []
        for row in frames.rows_in(content):
            if len(row) != len(table.columns):
                refuse()
            rows.append(self._stored(table, row))
        self.found.rows[table.name] += len(rows)
        self.taker.rows(table, rows)

    def _stored(self, table: Table, row: list[Any]) -> list[Any]:
        try:
            return [
                stored(value, column, self.vendor)
                for value, column in zip(row, table.columns, strict=True)
            ]
        except WrongValue as error:
            raise Damaged(f"A value of {table.name}.{error} is none.") from error

    def _table_end(self, content: bytes) -> None:
        table = self.current or refuse()
        values = frames.values_of(content)
        if values["rows"] != self.found.rows[table.name]:
            raise Damaged(f"Rows of {table.name} are missing.")
        self.current = None
        last = values["last"]
        if type(last) is not int or not 0 <= last < 2**63:
            refuse()
        self.taker.table_end(table, last)

    def _file(self, content: bytes) -> None:
        name = frames.values_of(content)["name"]
        if not is_safe(name):
            raise Damaged(f"It names a file that cannot be one of the portal: {name!r:.100}.")
        if self.current or self.file_name or name in self.names:
            refuse()
        self.names.add(name)
        self.file_name = name
        self.file_hash, self.file_size = hashlib.sha256(), 0
        self.taker.file(name)

    def _data(self, content: bytes) -> None:
        if not self.file_name:
            refuse()
        self.file_hash.update(content)
        self.file_size += len(content)
        self.taker.data(content)

    def _file_end(self, content: bytes) -> None:
        values = frames.values_of(content)
        name, self.file_name = self.file_name or refuse(), ""
        sha256 = self.file_hash.hexdigest()
        if values.get("missing") is True and not self.file_size:
            self.found.missing.append(name)
            sha256 = ""
        elif (values["sha256"], values["size"]) != (sha256, self.file_size):
            raise Damaged(f"The file {name} in it was altered.")
        else:
            self.found.files += 1
            self.found.file_bytes += self.file_size
            self.found.largest_file = max(self.found.largest_file, self.file_size)
        self.taker.file_end(name, sha256=sha256)

    def _end(self, content: bytes) -> None:
        values = frames.values_of(content)
        signature = str(values.pop("signature"))
        digest = self.parser.hash.hexdigest()
        if self.current or self.file_name or values["digest"] != digest:
            raise Damaged("It was altered: its hash does not fit.")
        totals = (sum(self.found.rows.values()), self.found.files)
        if totals != (values["rows"], values["files"]):
            raise Damaged("It is not whole: something is missing.")
        self.found.digest = digest
        self.found.is_signed = is_signature(signature, frames.canonical(values))


def refuse() -> NoReturn:
    raise Damaged("It is damaged.")


def is_safe(name: object) -> bool:
    """Whether a file can have this name: a path below the folder, of plain parts."""
    if type(name) is not str or not 0 < len(name) <= LONGEST_NAME or RESERVED.match(name):
        return False
    parts = name.split("/")
    return all(PART.fullmatch(part) and part not in {".", ".."} for part in parts)
