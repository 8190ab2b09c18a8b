"""Measures how fast pages answer while documents are rendered, and to a request for a document."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench.clock import p95
from bench.renders import forget
from bench.synthetic import SyntheticProject
from bench.workers import ask, wait_for, workers
from ibcr_portal.management.commands.portal import WEB
from ibcr_portal.processes import Child
from reports.models import About
from reports.services.steps import sign_off

PAUSE = 0.04  # between two pages: people read
HEADERS = {
    "Host": settings.SITE_HOST,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.1",
}


def client_of(user: User) -> Client:
    client = Client(headers=HEADERS)
    client.force_login(user)
    return client


def addresses_of(made: SyntheticProject) -> list[str]:
    things = (made.project, made.report, made.meeting)
    return ["/", *(thing.get_absolute_url() for thing in things)]


# While documents are rendered


@contextmanager
def web_server() -> Iterator[tuple[int, Child]]:
    """Yield the port of a server with two processes, and the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (Path(settings.VAR) / "web.log").open("a") as log:
        server = Child(*WEB, f"--bind=127.0.0.1:{port}", stdout=log, stderr=log)
        try:
            for _try in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port, server
        finally:
            server.terminate()
            server.wait(5)


def read_pages(
    port: int, user: User, addresses: list[str], until: threading.Event
) -> Iterator[tuple[str, int, float]]:
    """Reads page after page until `until` is set: yields address, status and duration in ms."""
    cookies = client_of(user).cookies
    headers = HEADERS | {"Cookie": "; ".join(f"{key}={one.value}" for key, one in cookies.items())}
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not until.is_set():
        for address in addresses:
            began = time.perf_counter()
            server.request("GET", address, headers=headers)
            answer = server.getresponse()
            answer.read()
            yield address, answer.status, (time.perf_counter() - began) * 1000
            time.sleep(PAUSE)


def read_during(
    port: int, user: User, addresses: list[str], work: Callable[[], None]
) -> list[float]:
    """Returns how long a reader waits for each page while the work is done, in ms."""
    done = threading.Event()
    read: list[tuple[str, int, float]] = []
    reader = threading.Thread(
        target=lambda: read.extend(read_pages(port, user, addresses, done)), daemon=True
    )
    reader.start()
    work()
    done.set()
    reader.join()
    wrong = {(address, status) for address, status, _took in read if status != 200}
    if wrong or not read:
        raise SystemExit(f"Pages were not read: {sorted(wrong)}")
    return [took for _address, _status, took in read]


def rows_while_rendering(
    made: SyntheticProject, large: SyntheticProject, rounds: int
) -> list[list[str]]:
    """Two of the largest documents at a time; idle and busy in turn."""
    user, addresses = made.report.written_by, addresses_of(made)
    idle, busy = [], []

    def render() -> None:
        forget(large)
        wait_for(ask([About(large.report)], ("fr", "es")))

    with web_server() as (port, _server), workers(2):
        for _warm in range(2):
            read_during(port, user, addresses, lambda: time.sleep(3))
        for _round in range(rounds):
            idle.append(read_during(port, user, addresses, lambda: time.sleep(12)))
            busy.append(read_during(port, user, addresses, render))
    ratios = [p95(one) / p95(other) for one, other in zip(busy, idle, strict=True)]
    return [
        [
            "Pages while two reports of size L render: p95 ÷ p95 idle",
            f"{median(ratios):.2f}",
            "2.00",
            f"{median(map(p95, busy)):.0f} ms ÷ {median(map(p95, idle)):.0f} ms, "
            f"{min(ratios):.2f}–{max(ratios):.2f}; medians "
            f"{median(map(median, busy)):.0f} and {median(map(median, idle)):.0f} ms; "
            f"{sum(map(len, busy))} and {sum(map(len, idle))} pages",
        ]
    ]


# Requests


def rows_of_requests(all_made: dict[str, SyntheticProject], rounds: int) -> list[list[str]]:
    """In this process, with all middleware: what the server does between question and answer."""
    rows = []
    for name, made in all_made.items():
        client = client_of(made.report.written_by)
        address = reverse("reports:request", args=[made.report.pk])
        asked = {"languages": ["fr", "es", "en"], "audience": "donor"}
        took = []
        for _round in range(3 * rounds + 1):
            forget(made)
            began = time.perf_counter()
            answer = client.post(address, asked)
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 302:
                raise SystemExit(f"{address} answers with {answer.status_code}.")
        forget(made)
        rows.append(
            [
                f"Request for a report of size {name} in three languages",
                f"{median(took[1:]):.0f} ms",
                "100 ms",
                f"{min(took[1:]):.0f}–{max(took[1:]):.0f} ms",
            ]
        )
    return rows


def rows_of_signing(all_made: dict[str, SyntheticProject]) -> list[list[str]]:
    """Sign-off freezes four audiences in three languages; taken back afterwards."""
    rows = []
    for name, made in all_made.items():
        with transaction.atomic():
            report = made.report
            report.take("review", by=report.written_by)
            began = time.perf_counter()
            sign_off(report, by=report.written_by, why="Synthetic")
            took = time.perf_counter() - began
            transaction.set_rollback(True)
        made.report.refresh_from_db()
        rows.append([f"Sign-off of size {name}", f"{took:.2f} s", "1 s", "once"])
    return rows
