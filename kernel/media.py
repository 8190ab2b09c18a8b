"""The folder of the portal's files, or the bucket: to which installation it belongs.

It carries the id of the installation whose database names its files. If it carries another one, or
none although the database is not new, nothing in it is tidied up: somebody restored database and
files from different portals, or in the wrong order.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage

from kernel.installation_row import Installation

ID_FILE = "installation.id"


def carried_id() -> str:
    """Return the id that the files carry; nothing if they carry none."""
    if not default_storage.exists(ID_FILE):
        return ""
    with default_storage.open(ID_FILE) as file:
        return str(file.read(100).decode("ascii", errors="replace").strip())


def carry_id(key: uuid.UUID) -> None:
    """Let the files belong to this installation."""
    if carried_id() == str(key):
        return
    if default_storage.exists(ID_FILE):
        default_storage.delete(ID_FILE)
    default_storage.save(ID_FILE, ContentFile(f"{key}\n".encode()))


def belongs_here() -> bool:
    """Whether the files are those of this database. Where neither has an id yet, they get one; so do
    files that are still to come."""
    known = Installation.objects.filter(pk=Installation.ONLY_KEY).first()
    if carried := carried_id():
        return known is not None and carried == str(known.key)
    if known is None or is_empty():
        carry_id((known or Installation.ours()).key)
        return True
    return False


def is_empty() -> bool:
    """Whether there is no file at all."""
    return next(files_below(""), None) is None


def files_below(folder: str) -> Iterator[str]:
    """Yield the names of all files in a folder and those below it."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in files:
        if file:  # some object stores have one for the folder itself
            yield f"{folder}/{file}" if folder else file
    for each in folders:
        yield from files_below(f"{folder}/{each}" if folder else each)


def move(name: str, to: str) -> None:
    """Give a file another name. Raises FileExistsError rather than replace one."""
    if default_storage.exists(to):
        raise FileExistsError(to)
    source, target = _path(default_storage, name), _path(default_storage, to)
    if source and target:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)
        return
    with default_storage.open(name) as file:
        written = default_storage.save(to, file)
    if written != to:
        default_storage.delete(written)
        raise FileExistsError(to)
    default_storage.delete(name)


def _path(storage: Storage, name: str) -> Path | None:
    """Where a file is on this machine, if it is on this machine."""
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        return None
