"""Asks for a process that makes a document, and listens to its progress.

The processes are forked from one that is warm (`reports.fork_server`), which starts with the first
document.
"""

import atexit
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from kernel.jobs import Job
from reports import libraries
from reports.sandbox import FILES_AT_ONCE

logger = logging.getLogger(__name__)

BASE = settings.BASE_DIR
SERVER = ["-m", "reports.fork_server"]

# How often the renderer's progress is passed on, and after how long a silence its lease is
# renewed nevertheless.
NEWS_SECONDS = 0.4
HEARTBEAT_SECONDS = 5.0
# How long a process may take to start or, once it was killed, to end.
END_SECONDS = 10.0
WITHOUT_MEMORY = (-signal.SIGABRT, -signal.SIGSEGV)

OnProgress = Callable[[str, int], None]


class RenderFailed(Exception):
    """A document that could not be made; `reason` is one of `kernel.jobs.Job.Failure`, or what the
    program reported."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class RenderProcess:
    """One process that makes a document, with its limits and its progress."""

    source: BinaryIO
    target: BinaryIO
    pages: int = 0
    failure: str = ""
    stage: str = "layout"
    # The program of `reports.fork_server`, its options beside the limits, the files it inherits, and the time it may take.
    program: str = "render"
    options: dict[str, Any] = field(default_factory=dict)
    files: list[BinaryIO] = field(default_factory=list)
    seconds: float | None = None
    page: int = 0
    unread: bytes = b""
    news: bool = field(default=False, init=False)
    pid: int = field(default=0, init=False)
    code: int | None = field(default=None, init=False)
    """With what the process ended."""

    def run(self, on_progress: OnProgress) -> int:
        for file in (self.source, *self.files):  # both continue reading at the present position
            file.flush()
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        messages, sender = os.pipe()
        try:
            with tempfile.TemporaryFile() as complaints:
                try:
                    self._start(sender, complaints)
                finally:
                    os.close(sender)
                try:
                    in_time = self._listen(messages, on_progress)
                finally:
                    self._end(messages)
                self._judge(in_time, complaints)
        finally:
            os.close(messages)
        return self.pages

    def _start(self, sender: int, complaints: BinaryIO) -> None:
        standard = [self.source.fileno(), self.target.fileno(), complaints.fileno()]
        others = [sender, *(file.fileno() for file in self.files)]
        request = {
            "program": self.program,
            "options": options(sender) | self.options,
            "numbers": [0, 1, 2, *others],
        }
        warm_server.ask(request, [*standard, *others])

    def _listen(self, messages: int, on_progress: OnProgress) -> bool:
        """Pass on the progress of the process until it ended; return False if it took too long."""
        seconds = settings.RENDER_SECONDS if self.seconds is None else self.seconds
        deadline = time.monotonic() + seconds
        spoken = 0.0
        while (now := time.monotonic()) < deadline:
            quiet = now - spoken
            if quiet >= HEARTBEAT_SECONDS or (self.news and quiet >= NEWS_SECONDS):
                on_progress(self.stage, self.page)
                spoken, self.news = now, False
            ready, _w, _x = select.select([messages], [], [], NEWS_SECONDS)
            if ready and not self._read(messages):
                return True
        return False

    def _read(self, messages: int) -> bool:
        """Read some lines; return False at the end of the output."""
        more = os.read(messages, 1 << 16)
        *lines, self.unread = (self.unread + more).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.pid = self.pid or message.get("pid", 0)
            self.code = message.get("code", self.code)
            self.pages = message.get("pages", self.pages)
            self.failure = message.get("failure", self.failure)
            self.stage = message.get("stage", self.stage)
            self.page = max(message.get("page", 0), self.page)
            self.news = True
        return bool(more)

    def _end(self, messages: int) -> None:
        """End the process if it is still there, and wait until it is gone."""
        is_killed = False
        while self.code is None:
            if self.pid and not is_killed:
                is_killed = True
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            ready, _w, _x = select.select([messages], [], [], END_SECONDS)
            if not ready or not self._read(messages):
                return

    def _judge(self, in_time: bool, complaints: BinaryIO) -> None:
        if self.pages and not self.failure:
            return
        complaints.seek(0)
        last = complaints.read()[-2000:].decode(errors="replace")
        logger.error("The renderer ended with %s (in time: %s): %s", self.code, in_time, last)
        if not in_time or self.code == -signal.SIGXCPU:
            raise RenderFailed(Job.Failure.TOO_LONG)
        # The kernel ended it, or the process that it was forked from, with which it ends.
        if self.code == -signal.SIGKILL or (self.code is None and self.pid):
            raise RenderFailed(Job.Failure.KILLED)
        # Ways in which libraries end without memory, some of which do not look at what they were not
        # given, and Python if it cannot even report it.
        if self.code in WITHOUT_MEMORY or last.rstrip().endswith("MemoryError"):
            raise RenderFailed(Job.Failure.TOO_LARGE)
        raise RenderFailed(self.failure or Job.Failure.BROKEN)


class WarmServer:
    """The fork server of this process. It starts with the first request, and anew if it ended or if
    the environment is another."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.started_for: tuple[int, dict[str, str]] | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.socket: socket.socket | None = None

    def ask(self, request: dict[str, Any], files: list[int]) -> None:
        content = json.dumps(request).encode()
        with self.lock:
            try:
                self._send(content, files)
            except (BrokenPipeError, ConnectionResetError):  # it was idle for long, or was killed
                self.stop()
                self._send(content, files)

    def _send(self, content: bytes, files: list[int]) -> None:
        server = self._running()
        for start in range(0, len(files), FILES_AT_ONCE):
            part = files[start : start + FILES_AT_ONCE]
            socket.send_fds(server, [content if not start else b"+"], part)

    def _running(self) -> socket.socket:
        wanted = (os.getpid(), environment())
        if self.socket is None or self.started_for != wanted:
            self.stop()
            # Each request keeps its limits, unlike in a stream.
            self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self.process = subprocess.Popen(
                    [sys.executable, *SERVER, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    cwd=BASE,
                    env=wanted[1],
                )
            self.started_for = wanted
        return self.socket

    def stop(self) -> None:
        if self.socket:
            self.socket.close()
        if self.process and self.started_for and self.started_for[0] == os.getpid():
            self.process.wait()
        self.socket = self.process = None


warm_server = WarmServer()
atexit.register(warm_server.stop)


def options(sender: int) -> dict[str, int]:
    return {
        "messages": sender,
        "cpu_seconds": settings.RENDER_CPU_SECONDS,
        "memory_mb": settings.RENDER_MEMORY_MB,
    }


def environment() -> dict[str, str]:
    """Return only the variables that fonts and libraries need, so that the renderer's memory holds
    no secret."""
    folder = Path(settings.VAR) / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "XDG_CACHE_HOME": str(folder),
        "FONTCONFIG_FILE": str(BASE / "reports" / "fonts.conf"),
        "PYTHONDONTWRITEBYTECODE": "1",
    } | libraries.environment()
