"""A sign of life of a worker that costs nothing to read: it touches a file while its loop runs.

A worker makes one document at a time, and meanwhile its loop rests: the file is then as old as the
document takes. `celery inspect ping` would import the portal each time.
"""

import tempfile
from pathlib import Path
from typing import Any

from celery.bootsteps import StartStopStep
from django.conf import settings

FOLDER = Path(tempfile.gettempdir())
SECONDS = 15.0


class SignOfLife(StartStopStep):
    requires = {"celery.worker.components:Timer"}

    def __init__(self, parent: Any, file: Path | None = None, **kwargs: Any) -> None:
        # Of several workers in one container each has its own.
        self.file = file or FOLDER / f"alive-{parent.hostname.partition('@')[0]}"
        self.enabled = not settings.EMBEDDED  # there the workers are watched as processes

    def start(self, parent: Any) -> None:
        self.file.touch()
        self.timer = parent.timer.call_repeatedly(SECONDS, self.file.touch)

    def stop(self, parent: Any) -> None:
        self.timer.cancel()
        self.file.unlink(missing_ok=True)
