"""A backup is read as something that anybody may have written: whatever is wrong with it, it is refused
with a sentence, and nothing of it is loaded."""

import hashlib
import io
import struct
import zlib
from dataclasses import asdict, replace

import pyrage
import pytest
from django.db import connection

from accounts.checkpoints import public_key_id, sign
from ibcr_portal.backups import frames
from ibcr_portal.backups.encryption import identities_in, new_identity, recipients_of, write_out
from ibcr_portal.backups.frames import Damaged
from ibcr_portal.backups.loading import Loader
from ibcr_portal.backups.reading import BackupReader, Taker
from ibcr_portal.backups.tables import Column, Table

TABLE = Table("projects_project", "id", (Column("id", "integer"), Column("code", "text")))
HEADER = {
    "format": 1,
    "portal": "0.1.0",
    "site": "http://localhost:8000",
    "installation": "7f1e1c32-0000-4000-8000-000000000000",
    "at": "2026-11-28T02:00:00+00:00",
    "engine": "sqlite",
    "migrations": [["kernel", "0001"]],
    "settings": [],
    "keys": [],
}
ROWS = [[1, "HN-01"], [2, None]]


def header(**changed):
    return frames.json_frame(frames.HEADER, HEADER | changed)


def table(rows=ROWS, table=TABLE, count=None, last=2):
    yield frames.json_frame(frames.TABLE, asdict(table))
    yield from frames.row_frames(rows)
    counted = len(rows) if count is None else count
    yield frames.json_frame(frames.TABLE_END, {"rows": counted, "last": last})


def file(name="a/b", content=b"Bonjour", **end):
    yield frames.json_frame(frames.FILE, {"name": name})
    yield frames.frame(frames.DATA, content)
    facts = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    yield frames.json_frame(frames.FILE_END, facts | end)


def backup(*pieces, rows=2, files=1, signed=True) -> bytes:
    body = b"".join(pieces or [header(), *table(), *file()])
    values = {"digest": hashlib.sha256(body).hexdigest(), "rows": rows, "files": files}
    values["key"] = public_key_id()
    signature = sign(frames.canonical(values)) if signed else "AAAA"
    end = frames.json_frame(frames.END, values | {"signature": signature})
    return frames.MAGIC + body + end


class Kept(Taker):
    def __init__(self):
        self.kept, self.content = [], b""

    def rows(self, table, rows):
        self.kept += rows

    def data(self, content):
        self.content += content


def read(content: bytes, identities=()):
    taker = Kept()
    return BackupReader("postgresql", taker).read(io.BytesIO(content), [*identities]), taker


def sentence(content: bytes, identities=()) -> str:
    with pytest.raises(Damaged) as caught:
        read(content, identities)
    return str(caught.value)


def test_a_whole_backup_is_read():
    found, taker = read(backup())

    assert (taker.kept, taker.content) == (ROWS, b"Bonjour")
    assert (found.rows["projects_project"], found.files, found.is_signed) == (2, 1, True)


def test_one_that_others_signed_is_known_as_such():
    assert not read(backup(signed=False))[0].is_signed


@pytest.mark.parametrize("position", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_backup_that_was_cut_off_is_refused(position):
    content = backup()

    assert sentence(content[: int(len(content) * position)]) in {
        "It is not a whole backup: its end is missing.",
        "It is no backup of this portal.",
    }


def test_no_byte_can_be_changed_unnoticed():
    content = backup()
    for place in range(0, len(content), 7):
        altered = bytearray(content)
        altered[place] ^= 1
        try:
            found, _taker = read(bytes(altered))
        except Damaged:
            continue
        assert not found.is_signed, place


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "a\\..\\b",
        "C:/b",
        "",
        "a/\x00b",
        "a\nb",
        "x" * 201,
        "installation.id",
        "quarantine/2026-11-01/a",
        "restore-0123/a",
        7,
        None,
        ["a"],
    ],
)
def test_a_file_goes_nowhere_but_into_the_folder_of_files(name):
    content = backup(header(), *table(), *file(name=name))

    assert sentence(content).startswith("It names a file that cannot be one of the portal")


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([*table(), *file()], "It is damaged."),  # without a header
        ([header(), header(), *table()], "It is damaged."),
        ([header(format=2)], "It is in a format that this version of the portal does not know"),
        ([header(format="1")], "It is damaged."),
        ([header(at="yesterday")], "It is damaged."),
        ([header(migrations=None)], "It is damaged."),
        ([header(), *table(rows=[[1, "a", "b"]])], "It is damaged."),
        ([header(), *table(rows=[["1; DROP TABLE x", "a"]])], "A value of projects_project.id"),
        ([header(), *table(rows=[[1, "a\0b"]])], "A value of projects_project.code"),
        ([header(), *table(rows=[[2**63, "a"]])], "A value of projects_project.id"),
        ([header(), *table(rows=[{"id": 1}])], "A row of it is none."),
        ([header(), *table(count=7)], "Rows of projects_project are missing."),
        ([header(), *table(last=-1)], "It is damaged."),
        ([header(), *table(), *table()], "It is damaged."),
        ([header(), *table(table=Table('x"; --', "id", TABLE.columns))], "It is damaged."),
        ([header(), *table(table=Table("x", "key", TABLE.columns))], "It is damaged."),
        ([header(), *file(), *file()], "It is damaged."),
        ([header(), *file(sha256="0" * 64)], "The file a/b in it was altered."),
        ([header(), *file(size=3)], "The file a/b in it was altered."),
        ([header(), frames.frame(frames.DATA, b"x")], "It is damaged."),
        ([header(), frames.frame(frames.ROWS, zlib.compress(b"[1]"))], "It is damaged."),
        ([header(), frames.frame(ord("?"), b"x")], "It is damaged."),
        ([header(), struct.pack(">BI", frames.DATA, 2**32 - 1)], "It is damaged."),
        ([header(), frames.frame(frames.TABLE, b"[" * 100_000)], "It is damaged."),
    ],
)
def test_what_cannot_be_is_refused(pieces, said):
    assert sentence(backup(*pieces, rows=0, files=0)).startswith(said)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["projects_nothing", "projects_project", "django_migrations"])
def test_a_table_that_is_not_here_or_has_other_columns_is_refused(name):
    other = backup(header(), *table(table=replace(TABLE, name=name)), files=0)
    loader = Loader("staging", is_this_version=True)

    with pytest.raises(Damaged) as caught:
        BackupReader(connection.vendor, loader).read(io.BytesIO(other), [])

    assert str(caught.value) == f"This database has no such table or columns: {name}."


def test_totals_that_do_not_fit_are_refused():
    assert sentence(backup(rows=3)) == "It is not whole: something is missing."
    assert sentence(backup(files=2)) == "It is not whole: something is missing."


def test_a_small_frame_does_not_unfold_into_all_of_the_memory():
    bomb = zlib.compress(b"[" + b" " * (frames.LARGEST + 1000) + b"]", 9)
    pieces = [
        header(),
        frames.json_frame(frames.TABLE, asdict(TABLE)),
        frames.frame(frames.ROWS, bomb),
    ]

    assert sentence(backup(*pieces)) == "Rows of it are damaged or too large."


def test_nothing_comes_after_the_end():
    assert sentence(backup() + b"more of it") == "It is damaged."


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"-- a dump\n" * 100, b"age-encryption.org/v9\n"]
)
def test_other_files_are_refused(content):
    assert sentence(content).startswith("It is")


@pytest.fixture
def encrypted(tmp_path):
    public = new_identity(tmp_path / "identity")
    target = io.BytesIO()
    write_out(iter([backup()]), target, recipients_of([public]))
    return target.getvalue()


def test_an_encrypted_backup_opens_with_its_key_alone(tmp_path, encrypted):
    other = pyrage.x25519.Identity.generate()

    assert read(encrypted, identities_in(tmp_path / "identity"))[1].kept == ROWS
    assert sentence(encrypted).startswith("It is encrypted: say with --identity")
    assert sentence(encrypted, [other]).startswith("It is encrypted for somebody else")


def test_an_encrypted_backup_that_was_altered_or_cut_off_is_refused(tmp_path, encrypted):
    identities = identities_in(tmp_path / "identity")
    altered = bytearray(encrypted)
    altered[-50] ^= 1

    for content in (bytes(altered), encrypted[:-1], encrypted[:-200]):
        assert sentence(content, identities) == "It is damaged: it was cut off or altered."
