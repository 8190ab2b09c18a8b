"""The measures of `bench/documents.py`, on the database and broker of the environment.

The last line on standard output is the rows of the table, as JSON.
"""

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402  (Django comes first)

from accounts.models import User  # noqa: E402
from bench import pages, renders, workers  # noqa: E402
from bench.sizes import SIZES  # noqa: E402
from bench.synthetic import SyntheticProject, build, institutions  # noqa: E402

BATCH = 20
QUICK = {"S": 5, "M": 3, "L": 1, "rounds": 1}
FULL = {"S": 15, "M": 9, "L": 5, "rounds": 3}
PARTS = ("renders", "workers", "pages", "requests")


def main(parts: list[str], is_full: bool) -> list[list[str]]:
    rounds = FULL if is_full else QUICK
    call_command("migrate", verbosity=0)
    by = User.objects.create(
        email="synthetic@example.org", full_name="Synthetic coordinator", language="fr"
    )
    partners = institutions(40)
    if parts == ["throughput"]:
        batch = [build(SIZES["XS"], f"SYN-XS{n:02}", partners, by) for n in range(BATCH)]
        return workers.throughput_rows(batch)
    sizes = {
        name: build(SIZES[name], f"SYN-{name}", partners, by, photo=renders.kept) for name in "SML"
    }
    parts_of = {
        "renders": lambda: _renders(sizes, rounds),
        "requests": lambda: [
            *pages.rows_of_requests(sizes, rounds["rounds"]),
            *pages.rows_of_signing(sizes),
        ],
        "workers": lambda: _workers(partners, by, rounds["rounds"]),
        "pages": lambda: pages.rows_while_rendering(sizes["M"], sizes["L"], rounds["rounds"]),
    }
    return [row for part in PARTS if part in parts for row in _timed(part, parts_of[part])]


def _timed(part: str, measure: Callable[[], list[list[str]]]) -> list[list[str]]:
    began = time.monotonic()
    rows = measure()
    print(f"  {part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return rows


def _renders(sizes: dict[str, SyntheticProject], rounds: dict[str, int]) -> list[list[str]]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        photographs = renders.Photographs(Path(folder))
        return [
            row
            for name, made in sizes.items()
            for row in renders.rows_of(
                renders.measure(made, photographs, SIZES[name].photos, rounds[name])
            )
        ]


def _workers(partners: list, by: User, rounds: int) -> list[list[str]]:
    batch = [build(SIZES["S"], f"SYN-S{n:02}", partners, by) for n in range(BATCH)]
    return workers.rows_of(batch, rounds)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(main(sys.argv[2:], sys.argv[1] == "full")))
