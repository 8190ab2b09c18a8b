#!/usr/bin/env python3
"""Measures how long the timeline of a plan of 300 actions takes to draw: `python
bench/timeline.py`.

The aim is 100 ms for all its pictures of one width. It prints the median of the rounds and fails
above that.
"""

import os
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")
os.environ.setdefault("PORTAL_EMBEDDED", "1")
os.environ.setdefault("SITE_URL", "http://localhost:8000")

import django  # noqa: E402  (the path and the settings come first)

django.setup()

from django.utils.translation import override  # noqa: E402

from kernel.svg import WIDTH  # noqa: E402
from kernel.timeline import BROAD, Bar, pieces, timeline  # noqa: E402

ACTIONS, ROUNDS, LIMIT_MS = 300, 15, 100
FIRST = date(2020, 4, 1)


def bars() -> list[Bar]:
    return [
        Bar(
            f"1.{n} Ateliers en ligne pour la Policía Nacional et les collectifs, série {n}",
            FIRST + timedelta(days=n * 7 % 300),
            FIRST + timedelta(days=n * 7 % 300 + n % 90),
            done=n % 101,
            is_late=n % 7 == 0,
            note="12 jours de retard" if n % 7 == 0 else "",
        )
        for n in range(ACTIONS)
    ]


def drawn_in_ms(width: int) -> float:
    start = time.perf_counter()
    for number, part in enumerate(pieces(bars())):
        timeline("Plan", part, today=FIRST, key=f"t{number}", width=width)
    return (time.perf_counter() - start) * 1000


def main() -> int:
    slow = False
    with override("fr"):
        for width in (WIDTH, BROAD):
            median = statistics.median(drawn_in_ms(width) for _round in range(ROUNDS))
            slow = slow or median > LIMIT_MS
            print(f"{ACTIONS} actions, {width} pixels wide: {median:.0f} ms")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
