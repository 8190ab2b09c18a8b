"""The measures of `bench/answers.py`, on the database of the environment."""

import argparse
import cProfile
import logging
import os
import pstats
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median

import django

django.setup()

from django.db import connection  # noqa: E402  (Django comes first)
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench import crowd  # noqa: E402
from bench.clock import PageAnswer, answer_of, table  # noqa: E402
from bench.pages import HEADERS  # noqa: E402
from bench.reading import PageToMeasure, pages, prepare  # noqa: E402
from projects.models import Project  # noqa: E402

HEAD = ("page", "× bare", "goal", "ms", "statements", "goal", "kB", "goal", "")
Row = tuple[PageToMeasure, float, float, int, float]


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


def measure(page: PageToMeasure, bare: BarePage, rounds: int) -> Row:
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
    multiple = median(ours) / median(theirs)
    return page, multiple, median(ours) * 1000, statements, answer.size / 1000


def read(client: Client, page: PageToMeasure) -> PageAnswer:
    answer = answer_of(client, page.address)
    if answer.status != 200:
        sys.exit(f"{page.name}: {page.address} answers with {answer.status}.")
    return answer


def written(rows: Iterable[Row]) -> str:
    """Return the table, with what misses its goal marked."""
    lines = []
    for page, multiple, ms, statements, size in rows:
        goal, most_statements, most_size = page.goals
        missed = (goal and multiple > goal) or statements > most_statements or size > most_size
        lines.append(
            (
                page.name,
                f"{multiple:.1f}",
                f"{goal or '–'}",
                f"{ms:.0f}",
                f"{statements}",
                f"{most_statements}",
                f"{size:.1f}",
                f"{most_size}",
                "missed" if missed else "",
            )
        )
    return table(HEAD, lines)


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
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--crowd", action="store_true")
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    with bare_page(chosen.bare) as bare:
        for is_large in sorted({False, chosen.large}):
            prepare(is_large=is_large)
            found = [page for page in pages() if page.is_named(chosen.words)]
            if chosen.profile:
                for page in found:
                    profile(page)
                continue
            print(f"\n{Project.objects.count()} projects\n")
            print(written(measure(page, bare, chosen.rounds) for page in found), flush=True)
    if chosen.crowd:
        print(f"\n{table(('what', 'figure', 'goal', 'how'), crowd.rows_of(found))}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
