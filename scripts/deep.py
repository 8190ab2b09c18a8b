#!/usr/bin/env python3
"""The long tests, and what was run: `make deep` runs all parts, `make deep PART="axe leaks"` those.

Each part takes 15 minutes at most on two cores. A test says which part it belongs to:
@pytest.mark.deep(part="leaks"). `PART=axe` runs every part whose name begins with "axe-".

The parts "calendar-…" run what `make check` runs, once each at a moment at which computations of days
go wrong, and "django-newest" on another Django. They have no tests of their own.
"""

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from scripts.shifted_clock import clock_at

SERVICES = ["scripts/services.py", "run", "--"]
PROCESSES = (os.cpu_count() or 1) + 1  # as in scripts/test, which says why
PYTEST = [sys.executable, "-m", "pytest", f"--numprocesses={PROCESSES}", "--dist=loadscope"]
CASES = ["--cases=1"]
ON_BOTH_TIERS = ("workers", "cases")
PARTS = {
    "access": "every address for every role, by GET and POST, against the table of access",
    "axe-fr": "every page in French, in two widths: barriers, overflow, foreign words",
    "axe-es": "the same in Spanish",
    "axe-en": "the same in English",
    "browser": "the ways through the portal that `make check` does not take, and bytes on the wire",
    "journeys": "four people without an account on a slow line, without JavaScript, and over a line "
    "that is cut (docs/journeys.md)",
    "states": "75 states of pages in three languages: errors, open menus, long words, refusals, and more",
    "workers": "workers, portals and servers that are killed, on both tiers",
    "services": "the portal while services of others are silent and 500 messages wait",
    "hostile": "600 crossed ids, 2,000 malformed requests, 25 forms sent twice, 25 pairs who save at "
    "once, 21 attacks on the access log",
    "doctor": "ways of breaking an installation, one at a time, and what doctor says about each",
    "settings": "eight ways of signing in with each optional setting alone",
    "search": "200 questions of nine roles to the search, against what the pages show to each of them",
    "leaks": "a secret in every text, searched in every page and file for each reader",
    "forget": "a person in every text, file, message and document, forgotten before and after a restore",
    "restore": "backup, wipe, restore and compare on both engines and across, while writes go on; "
    "pages of a portal that was brought up from 1.0",
    "cases": "the cases of tests on the database, and of documents, that `make check` leaves out",
    "samples": "docs/samples made anew, and compared with the files in the repository",
    "properties": "every property with 300 examples instead of 15",
    "django-newest": "what `make check` runs, without browsers, on the newest Django that can be installed",
    "calendar-new-year": "the end of the year in Tegucigalpa, with browsers",
    "calendar-february": "a Sunday, the last day of a February of 28 days",
    "calendar-leap-day": "Tuesday 29 February, the last day of the weekly summary",
    "calendar-spring": "the night in which Montréal skips an hour",
    "calendar-autumn": "the night in which Montréal has an hour twice",
    "calendar-april": "a Friday, the last day of a month of 30 days, when UTC has the next month",
    "calendar-january": "the end of January, when the same day of the next month does not exist",
    "calendar-wednesday": "the morning of a day in the middle of a week and a month, on a system whose "
    "own time zone is behind UTC",
    "calendar-saturday": "the night of a day on which nobody works, on a system whose own time zone has "
    "the next day for most of the day",
}
# When the clock begins to run. The tests' organisation lives in Tegucigalpa, six hours behind UTC.
MOMENTS = {
    "calendar-new-year": "2026-12-31T23:40-06:00",
    "calendar-february": "2027-02-28T09:00-06:00",
    "calendar-leap-day": "2028-02-29T10:00-06:00",
    "calendar-spring": "2027-03-14T01:50-05:00",
    "calendar-autumn": "2027-11-07T01:50-04:00",
    "calendar-april": "2027-04-30T18:30-06:00",
    "calendar-january": "2028-01-31T14:00-06:00",
    "calendar-wednesday": "2027-06-16T08:00-06:00",
    "calendar-saturday": "2027-09-18T02:00-06:00",
}
# The time zone of the system, where it is not that of the machine.
ZONES = {"calendar-wednesday": "America/Tegucigalpa", "calendar-saturday": "Pacific/Kiritimati"}
WITH_BROWSERS = "calendar-new-year"


def main(names: list[str]) -> int:
    if unknown := [name for name in names if not parts_called(name)]:
        sys.exit(f"No part {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    parts = [part for name in names for part in parts_called(name)] or [*PARTS]
    outcomes = [(part, run(part)) for part in parts]
    print("\n== What was run")
    for name, (tests, failed, seconds) in outcomes:
        print(f"{name:<20} {tests:>4} tests, {failed} failed, {seconds // 60} min {seconds % 60} s")
    return any(failed or not tests for _, (tests, failed, _) in outcomes)


def parts_called(name: str) -> list[str]:
    return [part for part in PARTS if part == name or part.startswith(f"{name}-")]


def run(name: str) -> tuple[int, int, int]:
    """Runs one part; returns how many tests ran, how many failed, and the seconds they took."""
    print(f"\n== {name}: {PARTS[name]}", flush=True)
    if name == "properties":
        return pytest(SERVICES, "hypothesis", "--hypothesis-profile=full")
    if name == "django-newest":
        return run_on_newest_django()
    if name.startswith("calendar-"):
        return run_on_another_day(name)
    marked = f"deep(part='{name}')"
    options = CASES if name == "cases" else []
    outcomes = [pytest(SERVICES, marked, *options)]
    if name in ON_BOTH_TIERS:
        outcomes.append(pytest([], f"{marked} and sqlite", *options, PORTAL_TEST_TIER="sqlite"))
    tests, failed, seconds = map(sum, zip(*outcomes, strict=True))
    return tests, failed, seconds


def run_on_newest_django() -> tuple[int, int, int]:
    """Runs what `make check` runs, without browsers, with a Django that comes before ours on the path.

    What it will drop later is listed at the end and fails nothing."""
    folder = Path("var/django-newest").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    install = [sys.executable, "-m", "pip", "install", "--quiet", f"--target={folder}", "django"]
    subprocess.run(install, check=True)
    allowed = [f"-Wdefault::{kind}" for kind in ("DeprecationWarning", "PendingDeprecationWarning")]
    return pytest(SERVICES, "not deep and not browser", *CASES, *allowed, PYTHONPATH=str(folder))


def run_on_another_day(name: str) -> tuple[int, int, int]:
    """Runs what `make check` runs, without browsers but for one part, at a moment and in a time zone."""
    marked = "not deep" if name == WITH_BROWSERS else "not deep and not browser"
    zone = {"TZ": ZONES[name]} if name in ZONES else {}
    with clock_at(datetime.fromisoformat(MOMENTS[name])) as clock:
        return pytest(SERVICES, marked, *CASES, **zone, **clock)


def pytest(
    services: list[str], marked: str, *options: str, **environment: str
) -> tuple[int, int, int]:
    report = Path("var/deep.xml")
    report.unlink(missing_ok=True)
    command = [*services, *PYTEST, "-m", marked, f"--junitxml={report}", *options]
    status = subprocess.run(command, env=os.environ | environment).returncode
    if not report.exists():
        return 0, 1, 0
    testsuite = ElementTree.parse(report).getroot().find("testsuite")
    assert testsuite is not None  # pytest writes one in each report
    suite = testsuite.attrib
    failed = int(suite["failures"]) + int(suite["errors"])
    return int(suite["tests"]), failed or int(status != 0), round(float(suite["time"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
