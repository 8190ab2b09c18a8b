"""What the programs have in common that run in a process of their own, with limits on time and
memory: whatever a document does to them, it happens to that process. No Django, no database."""

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

# What went wrong, in the words of `kernel.jobs.Job.Failure`.
TOO_LARGE, DISK_FULL, BROKEN = "too_large", "disk_full", "broken"
NO_LIBRARIES = "no_libraries"

Tell = Callable[..., None]


def limited(options: dict[str, Any], work: Callable[[dict[str, Any], Tell], int]) -> int:
    """Do the work within the limits that `reports.pdf.Process` set; what is told of it, how many
    pages it gave and why it failed, goes in lines of JSON to the file `told`.

    No context manager: once memory has run out there is none for its bookkeeping.
    """
    die_with_parent(options["parent"])
    limit(options["cpu_seconds"], options["memory_mb"])
    with os.fdopen(options["told"], "w", buffering=1) as told:

        def tell(**news: Any) -> None:
            told.write(json.dumps(news) + "\n")

        try:
            pages = work(options, tell)
        except SystemExit:  # it has told why
            raise
        except BaseException as error:
            tell(failure=reason(error))
            raise
        tell(pages=pages)
    return 0


def limit(cpu_seconds: int, memory_mb: int) -> None:
    """Past the soft limit of time comes SIGXCPU, which ends the process; memory just runs out."""
    os.nice(10)  # pages of the portal come first
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent(parent: int) -> None:
    """A worker that is killed leaves no renderer behind (where the system can do that)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        sys.exit(1)


def reason(error: BaseException) -> str:
    if isinstance(error, MemoryError | RecursionError):
        return TOO_LARGE
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DISK_FULL
        if error.errno in (errno.EFBIG, errno.ENOMEM):
            return TOO_LARGE
    return BROKEN
