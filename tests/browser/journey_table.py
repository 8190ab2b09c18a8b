"""docs/journeys.md: what each page of the journeys costs, as `pytest --write-journeys` wrote it."""

import re

from django.conf import settings

from tests.browser.slow_line import FIRST, MOST_SECONDS, NEXT

PAGE = settings.BASE_DIR / "docs" / "journeys.md"
JOURNEYS = 4
MEASURED = ("with JavaScript", "without")
# Texts and keys differ from one day to the next, and compressed pages by more than they do.
TOLERANCE_KB = 1.0
HEAD = """# Journeys on a slow line

This page records what people without an account transfer on a telephone of 360 px, at 100 kB a second
and 400 ms to each answer, and after how many seconds a page shows its first content.

`tests/browser/test_journeys.py` (`make deep PART=journeys`) plays each journey in Chromium with
JavaScript, without it, and over a line that is cut twice at each form: before it went out, and after the
portal got it but before its answer. Nothing that was typed is lost then, and nothing is counted twice. No
page sticks out, has a target below 24 px, complains in the console, or weighs more than
{first:.0f} kB on the first visit and {next:.0f} kB afterwards; content shows within {seconds} s, also on a machine
that is busy. `make journeys` writes the page anew; the test compares the bytes.

The progress has a photograph, and its time is mostly that of sending it: a script makes it smaller
first, and without JavaScript all of it goes over the line.
"""


class JourneyTable:
    """What was measured so far, by journey and way."""

    def __init__(self) -> None:
        self.shown: dict[str, dict[str, list]] = {}

    def note(self, journey, way, shown) -> None:
        self.shown.setdefault(journey, {})[way] = shown

    @property
    def is_whole(self) -> bool:
        measured = [set(MEASURED) <= set(ways) for ways in self.shown.values()]
        return len(measured) == JOURNEYS and all(measured)

    def rows(self) -> dict[tuple[str, str], list]:
        return {
            (journey, pages[0].name): pages
            for journey, ways in self.shown.items()
            for pages in zip(*(ways[way] for way in MEASURED), strict=True)
        }

    def page(self) -> str:
        parts = [HEAD.format(first=FIRST / 1000, next=NEXT / 1000, seconds=MOST_SECONDS)]
        for journey in self.shown:
            parts.append(
                f"\n## {journey}\n\n| Page | kB | s | Without JavaScript, kB | s |\n"
                "| --- | ---: | ---: | ---: | ---: |\n"
            )
            for (of, name), (one, other) in self.rows().items():
                if of == journey:
                    cells = f"{one.bytes / 1000:.1f} | {one.seconds:.1f} | "
                    cells += f"{other.bytes / 1000:.1f} | {other.seconds:.1f}"
                    parts.append(f"| {name} | {cells} |\n")
        return "".join(parts)

    def faults(self, page: str) -> list[str]:
        """What the page says otherwise."""
        said, journey = {}, ""
        for line in page.splitlines():
            journey = line[3:] if line.startswith("## ") else journey
            if found := re.match(
                r"\| ([^|]+) \| ([\d.]+) \| [\d.]+ \| ([\d.]+) \| [\d.]+ \|", line
            ):
                said[journey, found[1]] = [float(found[2]), float(found[3])]
        rows = self.rows()
        faults = [f"{'/'.join(key)}: is missing" for key in rows.keys() ^ said.keys()]
        for key in rows.keys() & said.keys():
            now = [shown.bytes / 1000 for shown in rows[key]]
            if any(abs(a - b) > TOLERANCE_KB for a, b in zip(now, said[key], strict=True)):
                faults.append(f"{'/'.join(key)}: {now} kB, and not {said[key]}")
        return faults
