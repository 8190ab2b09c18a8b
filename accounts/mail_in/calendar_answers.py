"""Answers that calendars give to an invitation: iTIP replies (RFC 5546) in mail (RFC 6047).

Read line by line and not by icalendar, which refuses files over details that say nothing here.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ANSWERS = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined"}
DELEGATED = "delegated"
COUNTER = "COUNTER"  # an answer that proposes another time
METHODS = {"REPLY", COUNTER}
MOST_LINES = 5_000

# name, then parameters whose quoted values may hold colons and semicolons, then the value
LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)'
)
PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
ATTENDEE = re.compile(r"(?i)^ATTENDEE\b.*[:;](?:mailto:)([^\s;:\"]+)\s*$")
PARTSTAT = re.compile(r"(?i);PARTSTAT=\"?([A-Za-z-]+)")
ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True)
class CalendarAnswer:
    """`answer`: accepted, tentative, declined or delegated. `attendee`: whose answer it says it is, in
    lower case. `proposed`: the beginning that somebody asks for instead; without a zone if the calendar
    named none that is known."""

    answer: str
    attendee: str
    uid: str
    sequence: int = 0
    comment: str = ""
    proposed: datetime | None = None
    # Its comments are the text of the message.
    is_of_microsoft: bool = field(default=False, compare=False)

    @property
    def essence(self) -> tuple[str, str, str]:
        return (self.answer, self.attendee, self.uid)


@dataclass(frozen=True)
class UnclearAnswer:
    """A file of a calendar that is not one answer of one person to one event. Nothing of it counts:
    whoever sends two answers leaves open which one somebody sees."""


def plain(text: str) -> str:
    """Return a text without signs that nobody sees and no database takes."""
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()


@dataclass(frozen=True)
class Property:
    name: str
    parameters: dict[str, str]
    value: str
    inside: str = ""

    @property
    def text(self) -> str:
        return plain(ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value))

    @property
    def address(self) -> str:
        address = re.sub(r"(?i)^mailto:", "", self.value.strip())
        if "@" not in address:
            address = self.parameters.get("EMAIL", "")
        return address.strip().casefold()


def calendar_answer(text: str, method: str, sender: str) -> CalendarAnswer | UnclearAnswer | None:
    """Return the answer in a calendar file, or None if it is none. `method`: that of its type, if it
    names none itself. Of those who answer in a proposal of another time that of the `sender` counts; a
    reply has one (RFC 5546, 3.2.3)."""
    found = properties(text)
    calendar = {one.name: one for one in found if one.name in {"METHOD", "PRODID"}}
    given = (calendar["METHOD"].value.strip() if "METHOD" in calendar else method).upper()
    if given not in METHODS:
        return None
    people = [one for one in found if one.name == "ATTENDEE" and _answer_of(one)]
    own = [one for one in people if one.address == sender]
    if given == COUNTER and own:
        people = own
    # Of a series each event is answered, with one UID.
    answers = {(one.address, _answer_of(one)) for one in people}
    uids = {one.text for one in found if one.name == "UID" and one.inside != "VCALENDAR"}
    if len(answers) != 1 or len(uids) != 1:
        return UnclearAnswer()
    event = {one.name: one for one in reversed(found)}  # the first of a name counts
    comment = event["COMMENT"].text if "COMMENT" in event else ""
    sequence = event["SEQUENCE"].value.strip() if "SEQUENCE" in event else ""
    ((attendee, answer),) = answers
    return CalendarAnswer(
        answer=answer,
        attendee=attendee,
        uid=uids.pop(),
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0,
        comment=comment or plain(people[0].parameters.get("X-RESPONSE-COMMENT", "")),
        proposed=moment_of(event["DTSTART"]) if given == COUNTER and "DTSTART" in event else None,
        is_of_microsoft="MICROSOFT" in calendar["PRODID"].value.upper()
        if "PRODID" in calendar
        else False,
    )


def moment_of(found: Property) -> datetime | None:
    """Return the moment that a property names, in its zone if that is known; None if it is no moment,
    such as a whole day."""
    value = found.value.strip()
    try:
        moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
    except ValueError:
        return None
    if value.endswith("Z"):
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=_zone(found.parameters.get("TZID", "").strip()))


def _zone(name: str) -> ZoneInfo | None:
    """Return a zone by its name, or by the one that Windows has for it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Imported here, since icalendar takes memory that other messages do not need.
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

        known = WINDOWS_TO_OLSON.get(name)
        return ZoneInfo(known) if known else None


def _answer_of(attendee: Property) -> str:
    status = attendee.parameters.get("PARTSTAT", "").strip().upper()
    return DELEGATED if status == "DELEGATED" else ANSWERS.get(status, "")


def _attendee_in(line: str) -> list[Property]:
    """Return who answers in a line that is not written by the rules, such as one with a name in it that
    is not quoted."""
    who = ATTENDEE.search(line[:2_000])
    status = PARTSTAT.search(line[:2_000])
    if not (who and status):
        return []
    return [Property("ATTENDEE", {"PARTSTAT": status[1]}, who[1])]


def properties(text: str) -> list[Property]:
    """Return the properties of the calendar and of its events and tasks, not those of time zones and
    alarms."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff"))
    found: list[Property] = []
    inside: list[str] = []
    for line in unfolded.splitlines()[:MOST_LINES]:
        match = LINE.fullmatch(line.strip())
        if match is None:
            found += _attendee_in(line)
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            del inside[-1:]
        elif not inside or inside[-1] in {"VCALENDAR", "VEVENT", "VTODO"}:
            parameters = {key.upper(): each.strip('"') for key, each in PARAMETER.findall(match[2])}
            found.append(Property(name, parameters, value, inside[-1] if inside else ""))
    return found
