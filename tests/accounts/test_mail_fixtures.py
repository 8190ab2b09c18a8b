"""The reading of incoming mail against 200 messages in the documented forms of mail programs, which
somebody else wrote (`mail_in/fixtures/README.md`)."""

from collections import Counter

from accounts.mail_in.calendar_answers import CalendarAnswer
from accounts.mail_in.reading import Automatic, Bounce, Delay, Result, WrittenReply, read
from tests.accounts.mail_in.fixture_letters import (
    ADDRESS,
    MEETING,
    MEMBER,
    FixtureLetter,
    filled,
    fixture_letters,
    same_text,
)

LEAST = 0.98
VALUES = {
    ADDRESS: "reply+k7x2m9q4w8r1t6y3@portal.example.net",
    MEETING: "meeting-42@portal.example.net",
}


def is_right(result: Result, letter: FixtureLetter) -> bool:
    match letter.kind, result:
        case "itip", CalendarAnswer(answer, attendee, uid):
            is_about = (answer, attendee, uid) == (letter.expected, MEMBER, VALUES[MEETING])
            return is_about and same_text(result.comment, letter.comment)
        case "reply", WrittenReply(text):
            return same_text(text, letter.expected)
        case "bounce", Bounce(address):
            return address == letter.expected
        case ("auto", Automatic()) | ("delay", Delay()):
            return True
    return False


def test_nearly_all_messages_are_read_correctly():
    letters = fixture_letters()
    results = [read(filled(letter.file.read_bytes(), VALUES)) for letter in letters]

    wrong = [
        (letter.file.name, result)
        for letter, result in zip(letters, results, strict=True)
        if not is_right(result, letter)
    ]

    assert len(letters) == 200
    assert 1 - len(wrong) / len(letters) >= LEAST, (
        Counter(name.split("-")[0] for name, _result in wrong),
        wrong,
    )
