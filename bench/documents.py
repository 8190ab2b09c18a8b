#!/usr/bin/env python3
"""Measures how fast documents are made, compared with raw and naive WeasyPrint: `make bench`.

It builds synthetic projects in a database of its own and prints a table. `--full` repeats more
often; `--write` saves the table in docs/figures.md; names of parts (renders, workers, pages,
requests) measure these alone; `throughput`, which is not among them, is `make bench-workers`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.clock import table  # noqa: E402  (the path comes first)
from bench.ground import database, environment, redis  # noqa: E402
from bench.record import keep, machine  # noqa: E402  (the path comes first)

HEAD = ("what", "figure", "aim", "how")
PARTS = ("renders", "workers", "pages", "requests")


def main(arguments: list[str]) -> int:
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make bench`: it starts PostgreSQL and Redis.")
    parts = [argument for argument in arguments if argument in (*PARTS, "throughput")]
    is_full = "--full" in arguments
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        database() as url,
        redis() as broker,
    ):
        rows = measure(folder, url, broker, parts or list(PARTS), is_full)
    is_throughput = parts == ["throughput"]
    command = (
        "make bench-workers" if is_throughput else f"make bench{' ARGS=--full' if is_full else ''}"
    )
    text = f"{machine(command, 'WeasyPrint', 'Django')}\n\n{table(HEAD, rows)}"
    print(text)
    if "--write" in arguments:
        keep("make bench-workers" if is_throughput else "make bench", text)
    return 0


def measure(folder: str, url: str, broker: str, parts: list[str], is_full: bool) -> list[list[str]]:
    command = [sys.executable, "-m", "bench.documents_stage", "full" if is_full else "quick"]
    done = subprocess.run(
        [*command, *parts],
        cwd=ROOT,
        env=environment(folder, url, broker),
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"The run broke off with {done.returncode}.")
    rows: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
