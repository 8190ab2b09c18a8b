#!/usr/bin/env python3
"""Measures the search on 500 projects with 5,000 meetings: `make bench-search`.

It builds what `make bench-pages ARGS=--large` builds, indexes it, asks 200 questions as three readers,
and prints how long they took, how large the index is beside its text, and how long it takes to write.
`--keep NAME` leaves the database for the next time.
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
    parser.add_argument("--keep", default="", metavar="NAME")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    os.environ |= {key: value for key, value in read_env_file().items() if key not in os.environ}
    if "DATABASE_URL" not in os.environ:
        sys.exit("Run `make bench-search`, or `scripts/services.py start` first.")
    options = ["--write"] if chosen.write else []
    with (
        tempfile.TemporaryDirectory(prefix="portal-bench-") as folder,
        database(chosen.keep, keep=bool(chosen.keep)) as url,
        redis() as broker,
    ):
        command = [sys.executable, "-m", "bench.searching_stage", *options]
        return subprocess.run(command, cwd=ROOT, env=environment(folder, url, broker)).returncode


if __name__ == "__main__":
    sys.exit(main())
