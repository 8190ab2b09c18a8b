"""Backups in files of this machine, or of one whose folder it has mounted."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ibcr_portal.backups.targets.base import Refused, Writing

# Of something that is not complete; what is older was left by a process that died.
UNFINISHED = ".unfinished-"
LEFT_SECONDS = 24 * 3600


class _FileWriting(Writing):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file = file

    def put(self, data: bytes) -> None:
        self.file.write(data)


class FolderTarget:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.label = f"{folder}/"

    def named(self, name: str) -> str:
        return name

    @contextmanager
    def writing(self, name: str) -> Iterator[Writing]:
        target = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                raise Refused(f"{target} is there already, and no backup replaces another one.")
            self._remove_left()
            draft = self.folder / f"{UNFINISHED}{secrets.token_hex(4)}-{name}"
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise Refused(f"{target}: {error.strerror}.") from error
        try:
            with os.fdopen(handle, "wb") as file:
                yield _FileWriting(file)
                file.flush()
                os.fsync(file.fileno())
            _appear(draft, target)
        except OSError as error:
            raise Refused(f"{target}: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)

    def probe(self) -> None:
        probe = self.folder / f"{UNFINISHED}{secrets.token_hex(4)}-probe"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(bytes(4096))
            probe.unlink()
        except OSError as error:
            raise Refused(f"{self.label}: {error.strerror}.") from error

    def names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.folder.iterdir() if path.is_file())
        except FileNotFoundError:
            return []

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        with (self.folder / name).open("rb") as file:
            yield file

    def read_text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def replace_text(self, name: str, text: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{UNFINISHED}{secrets.token_hex(4)}-{name}"
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)

    def _remove_left(self) -> None:
        for path in self.folder.glob(f"{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                    path.unlink()


class FileTarget(FolderTarget):
    """One file, whatever the time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self.path = path
        self.label = str(path)

    def named(self, name: str) -> str:
        return self.path.name


def _appear(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)  # fails where another process was first
    except FileExistsError:
        raise Refused(f"{target} is there already, and no backup replaces another one.") from None
    except OSError:  # some network drives know no links
        if target.exists():
            raise Refused(
                f"{target} is there already, and no backup replaces another one."
            ) from None
        draft.rename(target)
