"""Child processes that never outlive their parent, however it dies.

A parent starts `python -m ibcr_portal.processes FD MODULE …`: the child runs MODULE, and one
thread of it waits at the other end of a pipe that the parent holds open and never writes to.
When the parent is gone, even by kill -9, the pipe ends and the child's whole group with it.
Linux alone has a signal for that (PR_SET_PDEATHSIG), and it would spare the grandchildren.
"""

import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any


class Child:
    """A Python module that runs as a process group of its own, tied to this process."""

    def __init__(
        self, module: str, *arguments: str, within: Sequence[str] = (), **options: Any
    ) -> None:
        """`within` is a command that starts another one in its place, such as `nice` or `nsenter`."""
        watched, held = os.pipe()
        self.held: int | None = held
        self.process = subprocess.Popen(
            [
                *(*within, sys.executable, "-m", "ibcr_portal.processes", str(watched)),
                *(module, *arguments),
            ],
            pass_fds=[watched],
            process_group=0,  # Ctrl-C reaches the parent alone, which stops all in order
            **options,
        )
        os.close(watched)

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def terminate(self) -> None:
        """Ask to stop."""
        if self.running:
            self.process.terminate()

    def wait(self, seconds: float) -> None:
        """Give it this long to stop by itself, then end whatever is left of its group."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(seconds, 0))
        self.kill()

    def kill(self) -> None:
        """End the group: a child that died on its own may have left children behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.held is not None:
            os.close(self.held)
            self.held = None


def run_tied(watched: int, module: str, arguments: list[str]) -> None:
    threading.Thread(target=end_with_parent, args=[watched], daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent(watched: int) -> None:
    os.read(watched, 1)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[1]), False)
    run_tied(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
