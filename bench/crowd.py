"""Measures a real web server and worker: how many pages 20 people read in a minute, how much memory
the processes hold after all pages, and how long a document of one page takes."""

import os
import re
import selectors
import socket
import time
from collections import Counter
from pathlib import Path

from django.test import Client

from accounts.models import User
from bench.clock import Row
from bench.pages import HEADERS, web_server
from bench.reading import PageToMeasure
from bench.workers import wait_for, workers
from committees.models import Meeting
from reports.models import About, DocumentKind, Rendition, Snapshot
from reports.services.requesting import request_rendition

PEOPLE, SECONDS, WARM_SECONDS = 20, 60, 20
MEMORY, REQUESTS, DOCUMENT = 120, 60, 1.5  # goals: MB, requests a second, seconds


def rows_of(pages: list[PageToMeasure]) -> list[Row]:
    with web_server() as (port, server):
        read_for(port, pages, WARM_SECONDS)
        processes = children_of(server.process.pid)
        before, ours = sum(map(processor_seconds, processes)), time.process_time()
        answers = read_for(port, pages, SECONDS)
        spent, ours = sum(map(processor_seconds, processes)) - before, time.process_time() - ours
        web = [memory_of(pid) for pid in processes]
    good = answers[200] / SECONDS
    errors = answers.total() - answers[200]
    with workers(1) as running:
        took = seconds_of_a_document()
        worker = memory_of(running[0].process.pid)
    return [
        _row("Memory of a web process (PSS)", max(web), MEMORY, " MB", "after all pages"),
        _row("Memory of a worker (PSS)", worker, MEMORY, " MB", "after some documents"),
        (
            f"{PEOPLE} people for {SECONDS} s",
            f"{good:.0f} pages a second",
            f"{REQUESTS}",
            "missed" if good < REQUESTS or errors else "",
            f"{errors} errors; two web processes of {spent / SECONDS:.2f} processors, "
            f"{1000 * spent / max(answers.total(), 1):.0f} ms a page; readers: {ours / SECONDS:.2f}",
        ),
        _row("Document of one page", took, DOCUMENT, " s", "from request to ready"),
    ]


def _row(what: str, figure: float, goal: float, unit: str, how: str) -> Row:
    digits = 0 if goal > DOCUMENT else 2
    missed = "missed" if figure > goal else ""
    return what, f"{figure:.{digits}f}{unit}", f"{goal}{unit}", missed, how


def read_for(port: int, pages: list[PageToMeasure], seconds: float) -> Counter[int]:
    """Let people read all pages in turn, each beginning elsewhere; count the answers by status.

    They share one thread and parse nothing but the length of an answer, since they take their time
    from the processors of the server.
    """
    requests = [_request_for(page) for page in pages]
    counts: Counter[int] = Counter()
    people = [_Person(port, requests, person * len(pages) // PEOPLE) for person in range(PEOPLE)]
    with selectors.DefaultSelector() as waiting:
        for person in people:
            waiting.register(person.socket, selectors.EVENT_READ, person)
            person.ask()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for key, _events in waiting.select(timeout=1):
                if status := key.data.read():
                    counts[status] += 1
                    key.data.ask()
    for person in people:
        person.socket.close()
    return counts


def _request_for(page: PageToMeasure) -> bytes:
    headers = HEADERS | {"Cookie": cookies_of(page.reader), "Accept-Encoding": "gzip"}
    lines = [f"GET {page.address} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


class _Person:
    """Somebody with a connection that stays open, and the page that they read next."""

    def __init__(self, port: int, requests: list[bytes], first: int) -> None:
        self.requests, self.next = requests, first
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.answer = b""

    def ask(self) -> None:
        self.answer = b""
        self.socket.sendall(self.requests[self.next % len(self.requests)])
        self.next += 1

    def read(self) -> int:
        """Read what has come; return the status once all has."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise SystemExit("The web server closed a connection.")
        self.answer += part
        head, _end, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not length or len(body) < int(length[1]):
            return 0
        return int(head[9:12])


def cookies_of(user: User | None) -> str:
    client = Client(headers=HEADERS)
    if user:
        client.force_login(user)
    return "; ".join(f"{key}={one.value}" for key, one in client.cookies.items())


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Return the proportional share of memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def seconds_of_a_document() -> float:
    """Return how long the agenda of a meeting takes: the median of five, after two others."""
    meeting = Meeting.objects.filter(committee__project__code="PLAN-50")[0]
    about, took = About(meeting, DocumentKind.AGENDA), []
    for language in ("fr", "es", "en", "fr", "es", "en", "fr"):
        Rendition.objects.filter(snapshot__meeting=meeting).delete()
        Snapshot.objects.filter(meeting=meeting).delete()
        began = time.perf_counter()
        asked = request_rendition(about, language=language, audience="committee", by=None)
        wait_for([asked.pk])
        took.append(time.perf_counter() - began)
    return sorted(took[2:])[2]
