"""The reading of incoming mail against messages in the documented forms of mail programs, which somebody
else wrote: `mail_in/**/*.csv` lists them, with what is right (`file,kind,language,client,expected`)."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.mail_in.reading import Automatic, Bounce, Delay, Result, WrittenReply, read

FOLDER = Path(__file__).parent / "mail_in"
KINDS = ("itip", "reply", "auto", "bounce", "delay")
LEAST = 0.98


def fixtures():
    for index in sorted(FOLDER.glob("**/*.csv")):
        with index.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["kind"] in KINDS:
                    yield index.parent / row["file"], row


def words(text: str) -> str:
    """A text without what a line break or a second space changes."""
    return " ".join(text.split())


def is_right(result: Result, path: Path, row: dict[str, str]) -> bool:
    match row["kind"], result:
        case "itip", CalendarAnswer():
            comment = row.get("comment") or ""
            return result.answer == row["expected"] and words(comment) in words(result.comment)
        case "reply", WrittenReply():
            expected = path.with_suffix(".txt").read_text("utf-8")
            return words(result.text) == words(expected)
        case "auto", Automatic():
            return True
        case "bounce", Bounce():
            return result.address == row["expected"].casefold()
        case "delay", Delay():
            return True
    return False


@pytest.mark.skipif(not [*fixtures()], reason="no messages are there")
def test_nearly_all_messages_are_read_correctly():
    found = [(path, row, read(path.read_bytes())) for path, row in fixtures()]
    wrong = [
        (row["client"], row["language"], path.name, result)
        for path, row, result in found
        if not is_right(result, path, row)
    ]

    score = 1 - len(wrong) / len(found)
    assert score >= LEAST, (Counter(client for client, *_rest in wrong), wrong)
