"""Reads the fixture e-mails, which have placeholders where the portal's own addresses go.

The placeholders are also found where they are hard to see: in base64, and where a line break of
quoted-printable or of a folded calendar line goes through them.
"""

import base64
import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).parent / "fixtures"

# The signed address of the person, and addresses of the same form that the test makes wrong.
ADDRESS = "reply+TOKEN@portal.example.org"
BAD_ADDRESS = "reply+TOKEN-BAD@portal.example.org"
OTHERS_ADDRESS = "reply+TOKEN-OTHER@portal.example.org"
# The UID of the meeting, and that of a meeting to which the person was not invited.
MEETING = "meeting-UID@portal.example.org"
OTHER_MEETING = "meeting-OTHER@portal.example.org"
PLACEHOLDERS = [ADDRESS, BAD_ADDRESS, OTHERS_ADDRESS, MEETING, OTHER_MEETING]
MEMBER = "member@example.org"

BREAK = rb"(?:(?:=0D=0A)?=\r?\n[ \t]?|=0D=0A=(?:20|09)|\r?\n[ \t])?"
BASE64 = re.compile(
    rb"(^content-transfer-encoding:[ \t]*base64[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)"
    rb"((?:[A-Za-z0-9+/=]+\r?\n)+)",
    re.IGNORECASE | re.MULTILINE,
)


class FixtureLetter(NamedTuple):
    file: Path
    kind: str
    language: str
    client: str
    expected: str  # of a reply, the text that its author wrote
    comment: str
    held_back: bool


class ForgedLetter(NamedTuple):
    file: Path
    why: str


def fixture_letters() -> list[FixtureLetter]:
    return [
        FixtureLetter(
            file := FIXTURES / row["file"],
            row["kind"],
            row["language"],
            row["client"],
            file.with_suffix(".txt").read_text("utf-8")
            if row["kind"] == "reply"
            else row["expected"],
            row["comment"],
            row["held_back"] == "1",
        )
        for row in rows_of(FIXTURES / "index.csv")
    ]


def forged_letters() -> list[ForgedLetter]:
    folder = FIXTURES / "forged"
    return [ForgedLetter(folder / row["file"], row["why"]) for row in rows_of(folder / "index.csv")]


def rows_of(index: Path) -> list[dict[str, str]]:
    with index.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def filled(message: bytes, values: Mapping[str, str]) -> bytes:
    """Returns the message with each placeholder replaced; a value has no `=` and no space."""

    def inside_base64(match: re.Match[bytes]) -> bytes:
        text = replaced(base64.b64decode(match[2]), values)
        end = b"\r\n" if b"\r\n" in match[2] else b"\n"
        encoded = base64.b64encode(text)
        lines = [encoded[start : start + 76] for start in range(0, len(encoded), 76)]
        return match[1] + end.join(lines) + end

    return BASE64.sub(inside_base64, replaced(message, values))


def replaced(text: bytes, values: Mapping[str, str]) -> bytes:
    for placeholder, value in values.items():
        # Some servers write the whole address in capitals.
        for name, new in ((placeholder, value), (placeholder.upper(), value.upper())):
            letters = [re.escape(letter).encode() for letter in name]
            text = re.sub(BREAK.join(letters), lambda match, new=new: broken(match[0], new), text)
    return text


def broken(old: bytes, new: str) -> bytes:
    """Returns the new text with a line break where the old one had its first."""
    first = next((each for each in re.finditer(BREAK, old) if each[0]), None)
    if first is None:
        return new.encode()
    return new[: first.start()].encode() + first[0] + new[first.start() :].encode()


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same; how many blank lines are between them says nothing, since
    messages in HTML have paragraphs instead."""
    return essence(one) == essence(other)


def essence(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.replace("\ufeff", "").splitlines())
    return [line for line in lines if line]
