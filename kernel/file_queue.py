"""The queue in files of the embedded portal: kombu's, made safe for several processes at once.

kombu writes a message under the name by which readers find it. One that read it too early got an empty
text, ended with a `JSONDecodeError`, and the message was lost. Its tables of who reads which queue were
written like that, too. (https://github.com/celery/kombu/issues/1551)
"""

import fcntl
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class FileChannel(filesystem.Channel):
    """Messages appear and vanish whole, by the renaming of a file within one folder."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        path = Path(self.data_folder_out, name)
        draft = path.with_suffix(".draft")
        draft.write_text(dumps(message))
        draft.rename(path)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).iterdir()):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another process has it
                continue
            payload = taken.read_bytes()
            taken.unlink()
            try:
                return loads(payload)
            except ValueError:
                # A power cut can leave a file empty. The work is in the database, and is found again.
                logger.warning("A message of the queue %s cannot be read and was left out.", queue)
        raise Empty

    def get_table(self, exchange: str) -> list[Any]:
        with self._tables_locked(fcntl.LOCK_SH):
            return list(super().get_table(exchange))

    def _queue_bind(self, *arguments: Any) -> None:
        with self._tables_locked(fcntl.LOCK_EX):
            super()._queue_bind(*arguments)

    def _delete(self, *arguments: Any, **kwargs: Any) -> None:
        with self._tables_locked(fcntl.LOCK_EX):
            super()._delete(*arguments, **kwargs)

    @contextmanager
    def _tables_locked(self, how: int) -> Iterator[None]:
        """kombu locks a table only after it has created or emptied the file."""
        with (self.control_folder / "lock").open("a") as file:
            fcntl.flock(file, how)  # until it is closed
            yield


class FileTransport(filesystem.Transport):
    Channel = FileChannel
