#!/usr/bin/env python3
"""Measures how fast documents are made, compared with raw and naive WeasyPrint: `make bench`.

It builds synthetic projects in a database of its own and prints a table. `--full` repeats more
often; `--write` saves the table in docs/figures.md; names of parts (renders, workers, pages,
requests, lists) measure these alone.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.clock import table  # noqa: E402  (the path comes first)
from scripts.services import answers, dies_with_parent, free_port, redis_program  # noqa: E402

FIGURES = ROOT / "docs" / "figures.md"
HEAD = ("what", "figure", "aim", "how")
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
PARTS = ("renders", "workers", "pages", "requests", "lists")


def main(arguments: list[str]) -> int:
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make bench`: it starts PostgreSQL and Redis.")
    parts = [argument for argument in arguments if argument in PARTS]
    is_full = "--full" in arguments
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        database() as url,
        redis(folder) as broker,
    ):
        rows = measure(folder, url, broker, parts or list(PARTS), is_full)
    text = f"{machine(is_full)}\n\n{table(HEAD, rows)}"
    print(text)
    if "--write" in arguments:
        keep(text)
    return 0


def measure(folder: str, url: str, broker: str, parts: list[str], is_full: bool) -> list[list[str]]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": broker,
        "PORTAL_VAR": folder,
        "STATIC_ROOT": str(ROOT / "var" / "static"),
        "SECRET_KEY": "only for this run ".ljust(60, "."),
        "ACCESS_LOG_KEY": "of its access log ".ljust(60, "."),
        "SITE_URL": "https://portal.example.org",
        "TRUSTED_PROXIES": "1",
        "EMAIL_URL": f"filemail:///{folder}/mail",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "ibcr_portal.settings",
    }
    command = [sys.executable, "-m", "bench.documents_stage", "full" if is_full else "quick"]
    done = subprocess.run(
        [*command, *parts], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"The run broke off with {done.returncode}.")
    rows: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return rows


@contextmanager
def database() -> Iterator[str]:
    """On the server of the environment, named after this process."""
    server, name = os.environ["DATABASE_URL"], f"portal_bench_{os.getpid()}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rsplit('/', 1)[0]}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@contextmanager
def redis(folder: str) -> Iterator[str]:
    """A broker of its own: that of the environment may have messages of others."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(
        [redis_program(), *options], stdout=subprocess.DEVNULL, preexec_fn=dies_with_parent()
    )
    try:
        while not answers(port):
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


def machine(is_full: bool) -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"`make bench{' ARGS=--full' if is_full else ''}`, {date.today():%-d %B %Y}, "
        f"{os.cpu_count()} cores, Python {python}, WeasyPrint {version('weasyprint')}, "
        f"Django {version('django')}."
    )


def keep(text: str) -> None:
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    kept = FIGURES.read_text("utf-8")
    if not marked.search(kept):
        sys.exit(f"{FIGURES} has no place for the table: {BEGIN} … {END}.")
    FIGURES.write_text(marked.sub(lambda _old: f"{BEGIN}\n{text}\n{END}", kept), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
