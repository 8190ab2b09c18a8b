import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Protocol

from kernel.storage import StorageFull, StorageUnavailable


class Refused(Exception):
    """A target cannot be used. The sentence says why."""


@contextmanager
def files_away_refused() -> Iterator[None]:
    """Say in words that the portal's own files are out of reach, wherever a backup goes."""
    try:
        yield
    except StorageUnavailable as error:
        is_full = isinstance(error, StorageFull)
        why = "the disk is full" if is_full else "their storage does not respond"
        raise Refused(f"The files of the portal cannot be read or written: {why}.") from error


class Writing:
    """What is being written to a target, with its size and hash so far."""

    def __init__(self) -> None:
        self.size = 0
        self.hash = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        self.hash.update(data)
        self.put(data)
        return len(data)

    def put(self, data: bytes) -> None:
        raise NotImplementedError

    def flush(self) -> None:
        """What writes in an encrypted form asks for it."""


class Target(Protocol):
    label: str
    """Which target it is, without any secret."""

    def named(self, name: str) -> str:
        """Return the name under which it would keep a backup."""

    def writing(self, name: str) -> AbstractContextManager[Writing]:
        """Open something new. It appears when the block ends without an error. Raises Refused."""

    def probe(self) -> None:
        """Write something, and delete it where that is allowed. Raises Refused."""

    def names(self) -> list[str]:
        """Return the names of what is there."""

    def delete(self, name: str) -> None: ...

    def opened(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open what can be read from its beginning more than once."""

    def read_text(self, name: str) -> str:
        """Return a small text beside the backups, or nothing if there is none."""

    def replace_text(self, name: str, text: str) -> None: ...
