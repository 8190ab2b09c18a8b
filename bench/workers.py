"""Measures how much faster two workers are than one, with a batch of reports and Redis."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO

from django.conf import settings

from bench.renders import AUDIENCE, LANGUAGE, forget
from bench.synthetic import SyntheticProject
from ibcr_portal.celery import app
from ibcr_portal.management.commands.portal import WORKER
from ibcr_portal.processes import Child
from kernel.jobs import Job
from reports.models import About, Rendition
from reports.services.requesting import request_rendition

PATIENCE = 600


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


def ask(batch: list[SyntheticProject], languages: tuple[str, ...] = (LANGUAGE,)) -> list[int]:
    return [
        request_rendition(About(made.report), language=language, audience=AUDIENCE, by=None).pk
        for made in batch
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
        wait_for(ask(batch[: 2 * count]))
        for made in batch:
            forget(made)
        began = time.perf_counter()
        wait_for(ask(batch))
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
