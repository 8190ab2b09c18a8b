"""Measures the time and memory of processes, and prints the results as a table."""

import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.test import Client

MEGABYTE = 1 << 20
Row = Sequence[str]
T = TypeVar("T")


@dataclass(frozen=True)
class Measurement:
    """The time by the clock and of the processor, the peak of memory and the size of the result."""

    seconds: float
    cpu: float
    peak_mb: float = 0
    size: int = 0


def run_process(
    module: str, *arguments: str, source: bytes, folder: Path, **options: Any
) -> Measurement:
    """A Python module in a process of its own that reads the source and writes a PDF."""
    given, made = folder / "given.html", folder / "made.pdf"
    given.write_bytes(source)
    with given.open("rb") as stdin, made.open("wb") as stdout:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], stdin=stdin, stdout=stdout, **options
        )
        peak_mb = 0.0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            time.sleep(0.02)
        seconds = time.perf_counter() - began
    _pid, status, used = ended
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module} {arguments} ended with {process.returncode}.")
    cpu = used.ru_utime + used.ru_stime
    return Measurement(seconds, cpu, peak_mb, made.stat().st_size)


def _peak_mb(pid: int) -> float:
    """Returns the most memory that the process has held so far, in MB.

    `wait4` would report the peak of this process where it is the larger one: a child inherits it.
    """
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


@dataclass(frozen=True)
class PageAnswer:
    """What a page answered, compressed as it goes over the wire, and the processor time of it in
    seconds: of this thread, so that neither the database nor other work counts."""

    status: int
    seconds: float
    size: int


def answer_of(client: "Client", address: str) -> PageAnswer:
    began = time.thread_time()
    response = client.get(address)
    took = time.thread_time() - began
    return PageAnswer(response.status_code, took, len(response.content))


def run_here(work: Callable[[], T]) -> tuple[Measurement, T]:
    """Measures work of this process and of the children that it waits for; returns its result too."""
    before, began = _cpu(), time.perf_counter()
    result = work()
    return Measurement(time.perf_counter() - began, _cpu() - before), result


def _cpu() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def p95(values: Iterable[float]) -> float:
    """Return the least of the values that 95 % of them do not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def ratio(
    ours: Sequence[Measurement], theirs: Sequence[Measurement], what: str = "seconds"
) -> float:
    """The median of the ratios of neighbours, which drift together with the machine."""
    return statistics.median(_ratios(ours, theirs, what))


def spread(
    ours: Sequence[Measurement], theirs: Sequence[Measurement], what: str = "seconds"
) -> str:
    ratios = _ratios(ours, theirs, what)
    return f"{min(ratios):.2f}–{max(ratios):.2f}"


def _ratios(ours: Sequence[Measurement], theirs: Sequence[Measurement], what: str) -> list[float]:
    pairs = zip(ours, theirs, strict=True)
    return [getattr(one, what) / getattr(other, what) for one, other in pairs]


def median(runs: Sequence[Measurement], what: str = "seconds") -> float:
    values: list[float] = [getattr(run, what) for run in runs]
    return statistics.median(values)


def table(head: Row, rows: Iterable[Row]) -> str:
    """In Markdown; all columns but the first and the last are numbers."""
    lines = [head, ["---", *("---:" for _column in head[1:-1]), "---"], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
