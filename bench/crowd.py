"""Measures a real web server and worker: how many pages 20 people read in a minute, how much memory
the processes hold after all pages, and how long a document of one page takes."""

import http.client
import threading
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

PEOPLE, SECONDS = 20, 60
MEMORY, REQUESTS, DOCUMENT = 120, 60, 1.5  # goals: MB, requests a second, seconds


def rows_of(pages: list[PageToMeasure]) -> list[Row]:
    with web_server() as (port, server):
        answers = read_for(port, pages, SECONDS)
        web = [memory_of(pid) for pid in children_of(server.process.pid)]
    good = answers[200] / SECONDS
    errors = answers.total() - answers[200]
    with workers(1) as running:
        took = seconds_of_a_document()
        worker = memory_of(running[0].process.pid)
    return [
        ("Memory of a web process (PSS)", f"{max(web):.0f} MB", f"{MEMORY} MB", "after all pages"),
        ("Memory of a worker (PSS)", f"{worker:.0f} MB", f"{MEMORY} MB", "after some documents"),
        (
            f"{PEOPLE} people for {SECONDS} s",
            f"{good:.0f} pages a second",
            f"{REQUESTS}",
            f"{errors} errors; two web processes, and the readers on the same machine",
        ),
        ("Document of one page", f"{took:.2f} s", f"{DOCUMENT} s", "from request to ready"),
    ]


def read_for(port: int, pages: list[PageToMeasure], seconds: float) -> Counter[int]:
    """Let people read all pages in turn, each beginning elsewhere; count the answers by status."""
    cookies = {page.reader: cookies_of(page.reader) for page in pages}
    counts: Counter[int] = Counter()
    until = time.monotonic() + seconds

    def read(first: int) -> None:
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        place = first
        while time.monotonic() < until:
            page = pages[place % len(pages)]
            headers = HEADERS | {"Cookie": cookies[page.reader], "Accept-Encoding": "gzip"}
            server.request("GET", page.address, headers=headers)
            answer = server.getresponse()
            answer.read()
            counts[answer.status] += 1
            place += 1

    readers = [
        threading.Thread(target=read, args=[person * len(pages) // PEOPLE])
        for person in range(PEOPLE)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return counts


def cookies_of(user: User | None) -> str:
    client = Client(headers=HEADERS)
    if user:
        client.force_login(user)
    return "; ".join(f"{key}={one.value}" for key, one in client.cookies.items())


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def memory_of(pid: int) -> float:
    """Return the proportional share of memory of a process, in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def seconds_of_a_document() -> float:
    """Return how long the agenda of a meeting takes: the median of five, after two others."""
    meeting = Meeting.objects.filter(committee__project__code="SYN-50")[0]
    about, took = About(meeting, DocumentKind.AGENDA), []
    for language in ("fr", "es", "en", "fr", "es", "en", "fr"):
        Rendition.objects.filter(snapshot__meeting=meeting).delete()
        Snapshot.objects.filter(meeting=meeting).delete()
        began = time.perf_counter()
        asked = request_rendition(about, language=language, audience="committee", by=None)
        wait_for([asked.pk])
        took.append(time.perf_counter() - began)
    return sorted(took[2:])[2]
