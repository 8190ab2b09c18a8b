"""The table of mistakes names ways that exist, and that somebody may use."""

import csv
import re
from pathlib import Path

from tests.browser.mistakes import PLAYS

TABLE = Path("docs/rules/mistakes.md")
ROW = re.compile(r"^\| (?P<cells>[^-].*) \|$", re.MULTILINE)


def rows():
    found = [match["cells"].split(" | ") for match in ROW.finditer(TABLE.read_text())]
    assert found[0] == [
        "Mistake",
        "How it is undone",
        "Address",
        "Until when",
        "Who is notified",
    ]
    return found[1:]


def test_thirty_mistakes_say_how_until_when_and_who_is_notified():
    assert len(rows()) >= 30
    assert [row for row in rows() if len(row) != 5 or not all(row)] == []


def test_each_way_is_an_address_that_somebody_may_use():
    with Path("tests/access.csv").open() as file:
        posted = {
            row["address"]
            for row in csv.DictReader(file)
            if row["method"] == "POST" and "yes" in row.values()
        }

    assert {row[2].strip("`") for row in rows()} - posted == set()


def test_each_mistake_is_played_in_the_browser():
    """By `tests/browser/test_mistakes.py`."""
    assert set(PLAYS) == {row[0] for row in rows()}
