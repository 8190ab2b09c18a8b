"""The parts of `make deep` on other days: every process of theirs sees another clock."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from scripts.deep import MOMENTS, PARTS, ZONES, parts_called
from scripts.shifted_clock import clock_at, compiler

CHILD = [sys.executable, "-c", "import subprocess; subprocess.run(['date', '--utc', '+%FT%T%:z'])"]


def test_calendar_runs_each_moment_and_two_other_time_zones():
    assert parts_called("calendar") == [*MOMENTS]
    assert {*MOMENTS} <= {*PARTS}
    assert [*ZONES.values()] == ["America/Tegucigalpa", "Pacific/Kiritimati"]
    assert {*ZONES} <= {*MOMENTS}


def test_each_moment_is_the_day_that_its_sentence_says():
    days = {name: datetime.fromisoformat(moment) for name, moment in MOMENTS.items()}

    assert days["calendar-february"].strftime("%A %d") == "Sunday 28"
    assert days["calendar-leap-day"].strftime("%A %d") == "Tuesday 29"
    assert days["calendar-april"].strftime("%A %d") == "Friday 30"
    assert days["calendar-april"].astimezone(UTC).month == 5
    assert days["calendar-wednesday"].strftime("%A") == "Wednesday"
    assert days["calendar-saturday"].strftime("%A") == "Saturday"


@pytest.mark.skipif(not compiler(), reason="needs a C compiler")
@pytest.mark.parametrize("moment", ["2027-11-07T01:50-04:00", "1999-12-31T23:59+00:00"])
def test_the_children_of_a_command_see_the_clock_that_it_got(moment):
    began = datetime.fromisoformat(moment)
    with clock_at(began) as clock:
        said = subprocess.run(
            CHILD, env=os.environ | clock, check=True, capture_output=True, text=True
        )

    seen = datetime.fromisoformat(said.stdout.strip())
    assert timedelta(seconds=-1) <= seen - began < timedelta(minutes=1)
