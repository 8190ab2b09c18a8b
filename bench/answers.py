#!/usr/bin/env python3
"""Measures what pages cost, as multiples of a bare Django page: `make bench-pages`.

    python bench/answers.py [--large] [--crowd] [--write] [--keep NAME] [--profile] [PART OF A NAME …]

It builds the demonstration and a synthetic project with a meeting of 30 items and 30 people and
plans of 50 and 300 actions, asks for each page and the bare page in turn, and prints a table.
The last column names the goals that a page misses. `--write` saves the tables in docs/figures.md.
`--large` adds 500 projects with 5,000 meetings and 50,000 attendances, and measures them all again;
`--crowd` lets 20 people read for a minute, and measures the memory of the processes; `--profile`
prints where the time of each page goes; words choose pages by their names. `--keep`
leaves the database for the next time, which then starts at once.

Without DATABASE_URL it uses the servers of `scripts/services.py start`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.ground import database, environment, redis  # noqa: E402  (the path comes first)
from scripts.services import read_env_file  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--keep", default="", metavar="NAME")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--crowd", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--rounds", default="7")
    parser.add_argument("words", nargs="*")
    chosen = parser.parse_args()
    os.environ |= {key: value for key, value in read_env_file().items() if key not in os.environ}
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make bench-pages`, or `scripts/services.py start` first.")
    options = [
        f"--{name}" for name in ("large", "profile", "crowd", "write") if getattr(chosen, name)
    ]
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        database(chosen.keep, keep=bool(chosen.keep)) as url,
        database(f"portal_bare_{os.getpid()}") as bare,
        redis() as broker,
    ):
        command = [sys.executable, "-m", "bench.answers_stage", bare, chosen.rounds, *options]
        done = subprocess.run(
            [*command, *chosen.words], cwd=ROOT, env=environment(folder, url, broker)
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
