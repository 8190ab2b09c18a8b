"""Whether the files that rows name are there, and are as their rows say.

`manage.py verify_files` and each backup read all of them. Besides, some are read every hour, so that
each was read within a hundred days, by whatever else it is missed: nobody may open a file for years.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from ibcr_portal.backups.keys import keys_in_use
from ibcr_portal.backups.tables import file_columns, files_statement
from ibcr_portal.key_file import LOG, SECRET, Key
from ibcr_portal.models import FileCheck, FileProblem, KnownKey
from kernel.files import sha256_of

AT_ONCE = 2000
# Every hour this share of all files is looked at, but some in any case, and no longer than this.
HOURS = 24 * 100
LEAST, SECONDS = 20, 60.0


@dataclass(frozen=True)
class NamedFile:
    """A file as rows name it. The hash is empty and the size 0 where they do not know them."""

    name: str
    sha256: str
    size: int


def named_files(after: str = "", most: int = AT_ONCE) -> list[NamedFile]:
    """Return the next files by their names."""
    sql = f"{_named()} HAVING name > %s ORDER BY name LIMIT %s"
    return [NamedFile(*row) for row in _fetched(sql, [after, most])]


def every_named_file() -> Iterator[NamedFile]:
    """Yield all of them. No statement stays open while they are read, which may take hours."""
    after = ""
    while some := named_files(after):
        yield from some
        after = some[-1].name


def named(names: list[str]) -> dict[str, NamedFile]:
    """Return those of these files that rows name now."""
    found = (
        NamedFile(*row)
        for start in range(0, len(names), AT_ONCE)
        for row in _fetched(
            f"{_named()} HAVING name IN ({', '.join(['%s'] * len(names[start : start + AT_ONCE]))})",
            names[start : start + AT_ONCE],
        )
    )
    return {file.name: file for file in found}


def count_of_named() -> int:
    ((count,),) = _fetched(f"SELECT COUNT(*) FROM ({_named()}) AS counted", [])
    return int(count)


def _named() -> str:
    return files_statement(file_columns(), connection.ops.quote_name)


def _fetched(sql: str, parameters: Sequence[str | int]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def problem_of(file: NamedFile) -> str:
    """Read a file; return what is wrong with it, or ''. Raises StorageUnavailable."""
    try:
        with default_storage.open(file.name) as content:
            if file.sha256:
                is_right = sha256_of(content) == file.sha256
            else:
                is_right = content.size == (file.size or content.size)
    except FileNotFoundError:
        return FileProblem.Kind.MISSING
    return "" if is_right else FileProblem.Kind.ALTERED


def note_all(found: dict[str, str]) -> dict[str, str]:
    """After all files were read: keep what is wrong, and forget what is right again. A file that no row
    names any more was taken away meanwhile, and is not lost. Returns what needs a person."""
    still = named([*found])
    found = {name: kind for name, kind in found.items() if name in still}
    known = FileProblem.objects.values_list("name", flat=True)
    FileProblem.note(found, mended=[name for name in known if name not in found])
    FileCheck.note(after="", ended_at=timezone.now())
    return unaccepted()


def unaccepted() -> dict[str, str]:
    return dict(FileProblem.objects.unaccepted().values_list("name", "kind"))


def check_some(seconds: float = SECONDS) -> int:
    """Look at the files whose turn it is, and again at those that were wrong. Returns how many."""
    until = time.monotonic() + seconds
    check = FileCheck.ours()
    share = max(LEAST, math.ceil(count_of_named() / HOURS))
    turn = named_files(check.after, share)
    known = [*FileProblem.objects.order_by("since").values_list("name", flat=True)[:share]]
    again = named(known)
    found, read = dict[str, str](), list[str]()
    for file in [*again.values(), *turn]:
        if time.monotonic() > until and read:
            break
        if kind := problem_of(file):
            found[file.name] = kind
        read.append(file.name)
    found = {name: kind for name, kind in found.items() if name in named([*found])}
    mended = {name for name in [*known, *read] if name not in found}
    FileProblem.note(found, mended=mended - (again.keys() - set(read)))
    _go_on(turn, read, is_last=len(turn) < share)
    return len(read)


def _go_on(turn: list[NamedFile], read: list[str], *, is_last: bool) -> None:
    done = [file.name for file in turn if file.name in read]
    if is_last and len(done) == len(turn):
        FileCheck.note(after="", ended_at=timezone.now())
    elif done:
        FileCheck.note(after=done[-1])


# --- Known keys ---
#
# Whether the keys of this process are those with which the data of its database were written.
#
# Their ids are kept in the database (`KnownKey`) when they are used first, by `manage.py update`.
# A key that is another one now was mixed up, most likely in a move: nothing that depends on it can
# be read.

NAMES = (SECRET, LOG)


def note_keys() -> None:
    """Keep the ids of keys that are new here. A SECRET_KEY that was changed as the manual says, with the
    former one among SECRET_KEY_FALLBACKS, takes its place."""
    for name, keys in _in_use().items():
        ids = [key.id for key in keys]
        row, _is_new = KnownKey.objects.get_or_create(name=name, defaults={"key_id": ids[0]})
        if row.key_id in ids[1:]:
            KnownKey.objects.filter(name=name).update(key_id=ids[0])


def accept_keys() -> None:
    """The former ones are lost for ever, and these count from now on."""
    for name, keys in _in_use().items():
        KnownKey.objects.update_or_create(name=name, defaults={"key_id": keys[0].id})


def other_keys() -> list[str]:
    """Return the names of those that are not the ones with which the data were written."""
    used = {name: {key.id for key in keys} for name, keys in _in_use().items()}
    known = KnownKey.objects.filter(name__in=NAMES).values_list("name", "key_id")
    return sorted(name for name, key_id in known if key_id not in used[name])


def _in_use() -> dict[str, list[Key]]:
    """Return the versions of each key, the newest first."""
    keys = sorted(keys_in_use(), key=lambda key: -key.version)
    return {name: [key for key in keys if key.name == name] for name in NAMES}
