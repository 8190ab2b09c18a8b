"""Ends the processes that make documents as the kernel does when the machine lacks memory."""

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from reports.pdf import rendered
from reports.render_process import warm_server


@contextmanager
def renderers_killed(most=100, victim="renderer"):
    """Kill each renderer that starts meanwhile, or the process that it is forked from."""
    with rendered("<p>Bonjour", lambda stage, page: None):
        pass  # the process that it is forked from has started, which has other children at first
    over, killed = threading.Event(), []

    def kill():
        while not over.is_set() and len(killed) < most:
            for pid in set(children()) - set(killed):
                killed.append(pid)
                target = pid if victim == "renderer" else warm_server.process.pid
                with suppress(ProcessLookupError):
                    os.kill(target, signal.SIGKILL)
            time.sleep(0.002)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def children(parent=None) -> list[int]:
    """Processes that make documents and are still there, of this process or of another one."""
    if parent is None and warm_server.process is None:
        return []
    parent = parent or warm_server.process.pid
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if f"PPid:\t{parent}\n" in status.read_text():
                found.append(int(status.parent.name))
    return found
