#!/usr/bin/env python3
"""Measures of how many sentences of a second year's report the translation memory has an answer: on the
loaded demonstration, `python -m bench.remembering` with the portal's settings.

The report on the second year is in `bench/second_year.toml`. Nothing is written: its sentences are
looked up in what the coordination of the project can remember.
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("second_year.toml")
ROOT = FILE.parent.parent


def texts() -> Iterator[str]:
    with FILE.open("rb") as file:
        written = tomllib.load(file)
    for part in written.values():
        yield from part.values()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
    return subprocess.run([sys.executable, "-m", "bench.remembering_stage"], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
