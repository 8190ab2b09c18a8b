"""The measures of `bench/answers.py`, on the database of the environment."""

import argparse
import cProfile
import gzip
import logging
import os
import pstats
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django comes first)
from django.db import connection  # noqa: E402  (Django comes first)
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench import crowd  # noqa: E402
from bench.clock import PageAnswer, answer_of, table  # noqa: E402
from bench.pages import HEADERS  # noqa: E402
from bench.reading import PageToMeasure, pages, prepare  # noqa: E402
from bench.record import keep, machine  # noqa: E402
from projects.models import Project  # noqa: E402

FIRST = 60  # kB of the first visit
MORE = 1.5  # times as long as with the projects of the demonstration
Sizes = dict[str, list["Measure"]]


@dataclass(frozen=True)
class Measure:
    """What a page cost: its multiple of the bare page, and the kB of the first visit, with scripts
    and styles, and of a later one."""

    page: PageToMeasure
    multiple: float
    ms: float
    statements: int
    first: float
    later: float

    def missed(self, smaller: "Measure | None" = None) -> list[str]:
        """Return the goals that it misses; with more projects than the other, those of these."""
        goal, most_statements, most_size = self.page.goals
        found = {
            "×": self.multiple > goal if goal and not smaller else False,
            "statements": self.statements > most_statements,
            "kB": self.later > most_size,
            "first visit": self.first > FIRST,
            "many projects": smaller is not None and self.multiple > MORE * smaller.multiple,
        }
        return [name for name, is_missed in found.items() if is_missed]


class BarePage:
    """The child that serves the bare page."""

    def __init__(self, database_url: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "bench.bare"],
            env=os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.child.stdin
        assert self.child.stdout
        self.asked, self.answers = self.child.stdin, self.child.stdout
        self.answers.readline()
        for _warm in range(5):
            self.seconds()

    def seconds(self) -> float:
        self.asked.write("\n")
        self.asked.flush()
        return float(self.answers.readline())


@contextmanager
def bare_page(database_url: str) -> Iterator[BarePage]:
    page = BarePage(database_url)
    try:
        yield page
    finally:
        page.asked.close()
        page.child.wait()


def client_for(page: PageToMeasure) -> Client:
    client = Client(headers=HEADERS | {"accept-encoding": "gzip"})
    if page.reader:
        client.force_login(page.reader)
    return client


def measure(page: PageToMeasure, bare: BarePage, rounds: int) -> Measure:
    """Ask for the page and the bare page in turn: the multiple is that of their medians."""
    client = client_for(page)
    read(client, page)
    with CaptureQueriesContext(connection) as queries:
        answer = read(client, page)
        statements = len(queries)
    ours, theirs = [], []
    for _round in range(rounds):
        theirs.append(bare.seconds())
        ours.append(read(client, page).seconds)
    multiple, size = median(ours) / median(theirs), answer.size / 1000
    first = size + sum(map(size_of_file, files_of(client, page))) / 1000
    return Measure(page, multiple, median(ours) * 1000, statements, first, size)


def files_of(client: Client, page: PageToMeasure) -> set[str]:
    """Return the styles, scripts and pictures that a browser fetches with the page."""
    html = gzip.decompress(client.get(page.address).content).decode()
    return set(re.findall(rf'(?:href|src)="{settings.STATIC_URL}([^"#]+)', html))


def size_of_file(name: str) -> int:
    """Return its size as it goes over the wire: as small as it was compressed."""
    path = settings.STATIC_ROOT / name
    kept = [path.with_name(path.name + ending) for ending in ("", ".br", ".gz")]
    return min(each.stat().st_size for each in kept if each.exists())


def read(client: Client, page: PageToMeasure) -> PageAnswer:
    answer = answer_of(client, page.address)
    if answer.status != 200:
        sys.exit(f"{page.name}: {page.address} answers with {answer.status}.")
    return answer


def written(sizes: Sizes) -> str:
    """Return the table of all pages, with more projects beside the demonstration, and with the goals
    that each misses."""
    (few, small), *more = sizes.items()
    head = ["page", "× bare", "statements", "kB", "first visit, kB", "goals"]
    head += [
        column for number, _rows in more for column in (f"× with {number}", "statements", "kB")
    ]
    lines = []
    for place, one in enumerate(small):
        goal, most_statements, most_size = one.page.goals
        goals = f"{f'{goal} ×, ' if goal else ''}{most_statements} statements, {most_size} kB"
        line = [one.page.name, f"{one.multiple:.1f}", f"{one.statements}", f"{one.later:.1f}"]
        line += [f"{one.first:.0f}", goals]
        missed = one.missed()
        for _number, rows in more:
            other = rows[place]
            line += [f"{other.multiple:.1f}", f"{other.statements}", f"{other.later:.1f}"]
            missed += [word for word in other.missed(one) if word not in missed]
        lines.append([*line, ", ".join(missed)])
    words = f"The first columns are of {few} projects"
    words += f"; with more a page may take {MORE} times as long." if more else "."
    return f"{words}\n\n{table((*head, 'missed'), lines)}"


def profile(page: PageToMeasure) -> None:
    """Print the functions in which the page spends its time, and its statements with their length."""
    client = client_for(page)
    read(client, page)
    with CaptureQueriesContext(connection) as queries:
        read(client, page)
        asked = list(queries)
    profiler = cProfile.Profile()
    profiler.enable()
    for _round in range(5):
        read(client, page)
    profiler.disable()
    print(f"\n== {page.name} (five times)")
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
    for query in asked:
        tables = query["sql"].partition(" FROM ")[2]
        print(f"{len(query['sql']):6} {query['sql'][:60]} … {tables[:140]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bare")
    parser.add_argument("rounds", type=int)
    for name in ("large", "profile", "crowd", "write"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    sizes: Sizes = {}
    with bare_page(chosen.bare) as bare:
        for is_large in sorted({False, chosen.large}):
            prepare(is_large=is_large)
            found = [page for page in pages() if page.is_named(chosen.words)]
            if chosen.profile:
                for page in found:
                    profile(page)
                continue
            rows = sizes[f"{Project.objects.count()}"] = []
            for page in found:
                rows.append(measure(page, bare, chosen.rounds))
                print(f"{rows[-1].multiple:5.1f} × {rows[-1].ms:5.0f} ms  {page.name}", flush=True)
    text = [machine("make bench-pages", "Django"), written(sizes)] if sizes else []
    if chosen.crowd:
        head = ("what", "figure", "goal", "missed", "how")
        text.append(table(head, crowd.rows_of(found)))
    print("\n" + "\n\n".join(text))
    if chosen.write:
        keep("make bench-pages", "\n\n".join(text))


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
