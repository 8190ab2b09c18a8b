"""Measures how much faster several workers are than one, with a batch of reports and Redis."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO

from django.conf import settings

from bench.renders import AUDIENCE, LANGUAGE, forget
from bench.synthetic import SyntheticProject
from committees.models import Audience
from ibcr_portal.celery import app
from ibcr_portal.management.commands.portal import WORKER
from ibcr_portal.processes import Child
from kernel.jobs import Job
from reports.models import About, DocumentKind, Rendition
from reports.services.requesting import RENDER, request_rendition

PATIENCE = 1_800


@contextmanager
def workers(count: int) -> Iterator[list[Child]]:
    """That many workers, which answer."""
    with (Path(settings.VAR) / "workers.log").open("a") as log:
        running = [worker(log, n) for n in range(count)]
        try:
            while len(app.control.ping(timeout=0.5)) < count:
                time.sleep(0.1)
            yield running
        finally:
            for one in running:
                one.terminate()
                one.wait(5)


def worker(log: IO[str], number: int) -> Child:
    return Child(*WORKER, f"--hostname=bench{number}@%h", stdout=log, stderr=log)


def ask(
    documents: Iterable[About], languages: tuple[str, ...] = (LANGUAGE,), audience: str = AUDIENCE
) -> list[int]:
    return [
        request_rendition(about, language=language, audience=audience, by=None).pk
        for about in documents
        for language in languages
    ]


def wait_for(documents: list[int]) -> None:
    asked = Rendition.objects.filter(pk__in=documents)
    deadline = time.monotonic() + PATIENCE
    while asked.in_hand().exists():
        if time.monotonic() > deadline:
            raise SystemExit("The workers do not get on.")
        time.sleep(0.05)
    if bad := asked.exclude(state=Job.State.READY).count():
        raise SystemExit(f"{bad} of the documents failed.")


def seconds_for(batch: list[SyntheticProject], count: int) -> float:
    """From the request to the last document; the workers have made some before."""
    with workers(count):
        for made in batch[: 2 * count]:
            forget(made)
        wait_for(ask(About(made.report) for made in batch[: 2 * count]))
        for made in batch:
            forget(made)
        began = time.perf_counter()
        wait_for(ask(About(made.report) for made in batch))
        return time.perf_counter() - began


def rows_of(batch: list[SyntheticProject], rounds: int) -> list[list[str]]:
    took: dict[int, list[float]] = {1: [], 2: []}
    for _round in range(rounds):
        for count, seconds in took.items():
            seconds.append(seconds_for(batch, count))
    ratios = [one / two for one, two in zip(took[1], took[2], strict=True)]
    return [
        [
            f"{len(batch)} reports of size S: one worker ÷ two",
            f"{median(ratios):.2f}",
            "at least 1.70",
            f"{median(took[1]):.1f} s ÷ {median(took[2]):.1f} s, "
            f"{min(ratios):.2f}–{max(ratios):.2f}",
        ]
    ]


# 500 documents, over one to three workers: `make bench-workers`

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "500"))
LANGUAGES = ("fr", "es", "en")
PROJECTS = 8
WARMING = 3  # documents for each worker, before those that are timed


def throughput_rows(batch: list[SyntheticProject]) -> list[list[str]]:
    """Say how many documents a minute several workers make, and which processor time that takes.

    Workers in excess of the processors add nothing; so the figure that does not depend on what
    else the machine does is the processor time of a document.
    """
    rows, alone = [], 0.0
    models = _composed(batch[:PROJECTS])
    for count in (1, 2, 3):
        seconds, spent = _seconds_of_many(models, count)
        rate = DOCUMENTS * 60 / seconds
        alone = alone or rate
        rows.append(
            [
                f"{DOCUMENTS} records of decisions over {count} worker{'s' * (count > 1)}",
                f"{rate:.0f} a minute",
                f"{rate / alone:.2f} × one worker",
                f"{spent / seconds:.2f} of {os.cpu_count()} processors used, "
                f"{1000 * spent / DOCUMENTS:.0f} ms of processor time a document",
            ]
        )
    return rows


def _composed(batch: list[SyntheticProject]) -> list[Rendition]:
    """Return the documents, made once: their contents are frozen, and copies render them anew."""
    with workers(os.cpu_count() or 1):
        records = (About(made.meeting, DocumentKind.RECORD) for made in batch)
        first = ask(records, LANGUAGES, Audience.COMMITTEE)
        wait_for(first)
    return list(Rendition.objects.filter(pk__in=first).order_by("pk"))


def _seconds_of_many(models: list[Rendition], count: int) -> tuple[float, float]:
    """Return the seconds from the request to the last document, and the processor time of the workers
    and their renderers."""
    with workers(count) as running:
        _wait_for_copies(models, WARMING * count, f"warming {count}")
        before = sum(_processor_seconds(child.process.pid) for child in running)
        began = time.perf_counter()
        _wait_for_copies(models, DOCUMENTS, f"copy {count}")
        seconds = time.perf_counter() - began
        spent = sum(_processor_seconds(child.process.pid) for child in running) - before
    return seconds, spent


def _wait_for_copies(models: list[Rendition], number: int, name: str) -> None:
    wait_for([_copy(models[n % len(models)], f"{name} {n}") for n in range(number)])


def _copy(model: Rendition, renderer: str) -> int:
    """Ask for the same document again, as if the portal rendered differently by now."""
    copy = Rendition.objects.create(
        snapshot=model.snapshot,
        language=model.language,
        audience=model.audience,
        is_draft=model.is_draft,
        renderer=renderer,
    )
    app.tasks[RENDER].delay(copy.pk)
    return copy.pk


def _processor_seconds(parent: int) -> float:
    """Return the processor time of a process and its children, also of those that have ended."""
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return own + sum(_processor_seconds(int(child)) for child in children)
