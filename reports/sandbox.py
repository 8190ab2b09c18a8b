"""Common parts of the programs that run in a process of their own, with limits on time and memory.

Whatever a document does to them affects only that process. They know no Django and no database.
"""

import ctypes
import errno
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1
MEGABYTE = 1 << 20
LARGEST_FILE = 200 * MEGABYTE
FILES_AT_ONCE = 200  # Linux passes at most 253 in one message

# Reasons of failures, as in `kernel.jobs.Job.Failure`.
TOO_LARGE, DISK_FULL, BROKEN = "too_large", "disk_full", "broken"
NO_LIBRARIES = "no_libraries"

Send = Callable[..., None]


def limited(options: dict[str, Any], work: Callable[[dict[str, Any], Send], int]) -> int:
    """Do the work within the limits that `reports.render_process.RenderProcess` set.

    Progress, the number of pages and the reason of a failure are written in lines of JSON to the
    file `messages`. This is no context manager: once memory has run out there is none for its
    bookkeeping.
    """
    die_with_parent(options["parent"])
    limit(options["cpu_seconds"], options["memory_mb"])
    with os.fdopen(options["messages"], "w", buffering=1) as messages:

        def send(**message: Any) -> None:
            messages.write(json.dumps(message) + "\n")

        try:
            pages = work(options, send)
        except SystemExit:  # the reason is written already
            raise
        except BaseException as error:
            send(failure=reason(error))
            raise
        send(pages=pages)
    return 0


def limit(cpu_seconds: int, memory_mb: int) -> None:
    """Set the limits. Beyond the soft limit of time the signal SIGXCPU ends the process;
    allocations beyond the limit of memory fail."""
    os.nice(10)  # the portal's pages have priority
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent(parent: int) -> None:
    """End this process if its worker is killed, on systems that support it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the worker died before this call
        sys.exit(1)


def reason(error: BaseException) -> str:
    # Of a library that got no memory Python may say no more than that it failed without a reason.
    if isinstance(error, MemoryError | RecursionError | SystemError):
        return TOO_LARGE
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DISK_FULL
        if error.errno in (errno.EFBIG, errno.ENOMEM):
            return TOO_LARGE
    return BROKEN
