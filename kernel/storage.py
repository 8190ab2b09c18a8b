"""Where uploaded files and documents are kept: in a folder of this machine, or in an object storage
that several hosts share (`kernel.object_storage`). Nothing but these classes knows which."""

import errno
import logging
import os
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _

from kernel.refusal import Refusal

logger = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT)


class StorageUnavailable(Refusal):
    """No file can be read or kept just now: people try again, and work in the background waits."""


class StorageAway(StorageUnavailable):
    def __init__(self) -> None:
        super().__init__(
            _(
                "The storage of files does not respond, so no file can be read or kept just now. "
                "Try again in a few minutes; if that does not help, tell your administrator."
            )
        )


class StorageFull(StorageUnavailable):
    def __init__(self) -> None:
        super().__init__(
            _("The server's disk is full, so no file can be kept. Tell your administrator.")
        )


class DiskStorage(FileSystemStorage):
    """A folder. A row names a file only once all of it is on the disk: after a power cut there is
    no row with half a file."""

    def _save(self, name: str, content: "File[Any]") -> str:
        try:
            name = super()._save(name, content)  # type: ignore[misc]
            self._flush(Path(self.location) / name)
        except OSError as error:
            if error.errno not in FULL:
                raise
            (Path(self.location) / name).unlink(missing_ok=True)
            raise StorageFull from error
        return name

    def _flush(self, file: Path) -> None:
        """Have the disk write the file, and the folder that lists it."""
        for one in (file, file.parent):
            opened = os.open(one, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)

    def delete_or_raise(self, name: str) -> None:
        self.delete(name)

    def answers(self) -> bool:
        folder = Path(self.location)
        while not folder.exists():  # it is made with the first file
            folder = folder.parent
        return os.access(folder, os.W_OK | os.X_OK)


def storage_answers() -> bool:
    """Return whether files can be read and kept: for the pages and commands that watch the portal."""
    return bool(default_storage.answers())  # type: ignore[attr-defined]
