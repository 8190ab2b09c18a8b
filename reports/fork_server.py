"""Starts the programs that make documents, each in a process of its own: `python -m
reports.fork_server SOCKET`.

Importing WeasyPrint takes longer than laying out a short document. This process imports it
once and forks for each request that comes by its socket (`reports.render_process`). It never
touches a document itself, so nothing of one document is left for the next. It ends with the
process that started it, or after a time without requests.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from fcntl import F_DUPFD, fcntl
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

from reports import render  # noqa: F401  (for those that are forked)
from reports.sandbox import FILES_AT_ONCE, limited

# After so long without a request, others need the memory more.
IDLE_SECONDS = 600.0
REQUEST_BYTES = 1 << 20


@dataclass
class ForkServer:
    socket: socket.socket
    # Which processes are running, and to which file the end of each is reported.
    running: dict[int, int] = field(default_factory=dict)

    def serve(self) -> None:
        ended, signalled = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
        while True:
            wait = None if self.running else IDLE_SECONDS
            ready, _w, _x = select.select([self.socket.fileno(), ended], [], [], wait)
            if not ready:
                # From now on requests are refused, and another server gets them; one may have come
                # just before.
                self.socket.shutdown(socket.SHUT_RD)
            if ended in ready:
                with suppress(BlockingIOError):
                    os.read(ended, REQUEST_BYTES)
                self._report_ended(os.WNOHANG)
            if self.socket.fileno() in ready or not ready:
                request, files = self._receive()
                if request:
                    self._fork(request, files)
                elif ready:
                    return
            if not ready:
                self._report_ended(0)
                return

    def _receive(self) -> tuple[dict[str, Any], list[int]]:
        """Return the next request with its files; nothing if nobody can ask any more."""
        content, files, _flags, _from = socket.recv_fds(self.socket, REQUEST_BYTES, FILES_AT_ONCE)
        if not content:
            return {}, []
        request: dict[str, Any] = json.loads(content)
        while len(files) < len(request["numbers"]):
            _more, more_files, _flags, _from = socket.recv_fds(self.socket, 1, FILES_AT_ONCE)
            files += more_files
        return request, files

    def _fork(self, request: dict[str, Any], files: list[int]) -> None:
        server = os.getpid()
        pid = os.fork()
        if not pid:
            run(request, files, server)
        messages = request["numbers"].index(request["options"]["messages"])
        self.running[pid] = files.pop(messages)
        for file in files:
            os.close(file)

    def _report_ended(self, flags: int) -> None:
        for pid in list(self.running):
            ended, status = os.waitpid(pid, flags)
            if ended:
                messages = self.running.pop(pid)
                code = os.waitstatus_to_exitcode(status)
                with suppress(BrokenPipeError):  # nobody waits any more
                    os.write(messages, json.dumps({"code": code}).encode() + b"\n")
                os.close(messages)


def run(request: dict[str, Any], files: list[int], server: int) -> NoReturn:
    """Do what was requested, in the process that was forked for it."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        take_over(files, request["numbers"])
        os.write(request["options"]["messages"], b'{"pid": %d}\n' % os.getpid())
        # Two of the programs import what they need now, in a tenth of a second: imported before, it
        # would take 15 MB all the time.
        program = import_module(f"reports.{request['program']}")
        code = limited(request["options"] | {"parent": server}, program.main)
        sys.stdout.flush()
    except SystemExit as end:
        code = int(end.code or 0)
    except MemoryError:  # there may be none for a traceback
        os.write(2, b"MemoryError\n")
    except BaseException:  # nothing may return into the server
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def take_over(files: list[int], numbers: list[int]) -> None:
    """Give the files the numbers by which the request calls them, and close all others."""
    moved = [fcntl(file, F_DUPFD, max(numbers) + 1) for file in files]
    for file, number in zip(moved, numbers, strict=True):
        os.dup2(file, number)
    kept = sorted({0, 1, 2, *numbers})
    for before, after in pairwise([*kept, os.sysconf("SC_OPEN_MAX")]):
        os.closerange(before + 1, after)


if __name__ == "__main__":
    gc.disable()
    with suppress(OSError):  # each document says which library is missing, until it is there
        # Nothing is laid out here: Pango would start a thread, which a fork would not have.
        import weasyprint  # noqa: F401
    gc.freeze()
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve()
