"""Counts requests for Prometheus, where METRICS_TOKEN is set; else nothing is imported.

The processes of one web server count together (`ibcr_portal.web_server`), whichever of them is
asked. What workers do is read from the database instead (`figures.py`), however many there are.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kernel.events import Cost

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Instruments:
    registry: Any
    requests: Any
    seconds: Any
    statements: Any


def load() -> None:
    """Import what counts before processes are forked, which then share its memory."""
    if settings.METRICS_TOKEN:
        import prometheus_client  # noqa: F401, PLC0415  (see above)


@cache
def instruments(pid: int) -> Instruments:
    from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415  (see above)

    registry = CollectorRegistry()
    return Instruments(
        registry=registry,
        requests=Counter(
            "portal_requests",
            "Requests that were answered",
            ["view", "method", "status"],
            registry=registry,
        ),
        seconds=Histogram(
            "portal_request_seconds",
            "How long requests took",
            ["view"],
            buckets=SECONDS,
            registry=registry,
        ),
        statements=Counter(
            "portal_request_statements",
            "Statements of the database in requests",
            ["view"],
            registry=registry,
        ),
    )


def note_request(view: str, method: str, status: int, cost: Cost) -> None:
    if not settings.METRICS_TOKEN:
        return
    found = instruments(os.getpid())
    name = view or "unknown"
    found.requests.labels(name, method if method in METHODS else "other", status).inc()
    found.seconds.labels(name).observe(cost.seconds)
    found.statements.labels(name).inc(cost.statements)


class ProcessCounts:
    """What all processes of this web server counted, also those that ended."""

    def collect(self) -> list[Any]:
        from prometheus_client import multiprocess  # noqa: PLC0415  (see above)

        with nothing_moves(folder_of_counts()):
            return list(multiprocess.MultiProcessCollector(None).collect())  # type: ignore[no-untyped-call]


def counted_registry() -> Any:
    """Return the registry of what was counted, by all processes of this web server."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415  (see above)

    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return instruments(os.getpid()).registry
    registry = CollectorRegistry()
    registry.register(ProcessCounts())
    return registry


def folder_of_counts() -> Path:
    return Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


@contextmanager
def nothing_moves(folder: Path) -> Iterator[None]:
    """Nobody reads the files while one is added to another: what it has would count twice or not."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def add_up(pid: int) -> None:
    """Add what a process that ended counted to one file for all of them. Counters never go down, and
    the folder does not grow with each process that is replaced."""
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415  (see above)

    folder = folder_of_counts()
    with nothing_moves(folder):
        for file in folder.glob(f"*_{pid}.db"):
            kind, _line, _pid = file.name.rpartition("_")
            ended = MmapedDict(str(folder / f"{kind}_ended.db"))  # type: ignore[no-untyped-call]
            try:
                found = list(MmapedDict.read_all_values_from_file(str(file)))  # type: ignore[no-untyped-call]
            except (struct.error, RuntimeError):  # it was killed while it made the file
                found = []
            for key, value, *_rest in found:
                before, _moment = ended.read_value(key)  # type: ignore[no-untyped-call]
                ended.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
            ended.close()  # type: ignore[no-untyped-call]
            file.unlink()
