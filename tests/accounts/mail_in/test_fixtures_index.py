"""The fixture e-mails are whole, can be read, and are as many as their README says."""

import re
from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256

from tests.accounts.mail_in.fixture_letters import (
    ADDRESS,
    BAD_ADDRESS,
    FIXTURES,
    MEETING,
    MEMBER,
    OTHER_MEETING,
    OTHERS_ADDRESS,
    PLACEHOLDERS,
    filled,
    fixture_letters,
    forged_letters,
    same_text,
)

LETTERS, FORGED = fixture_letters(), forged_letters()
FILES = [each.file for each in [*LETTERS, *FORGED]]
EXPECTED = {
    "itip": {"accepted", "tentative", "declined"},
    "auto": {"dropped"},
    "bounce": {MEMBER},
    "delay": {"none"},
}
VALUES = {
    ADDRESS: "reply+k7x2m9q4w8r1t6y3.person-0042@mail.portal.example.net",
    BAD_ADDRESS: "reply+k7x2m9q4w8r1t6y4.person-0042@mail.portal.example.net",
    OTHERS_ADDRESS: "reply+z9y8x7w6v5u4t3s2.person-0043@mail.portal.example.net",
    MEETING: "meeting-00000000-0000-4000-8000-000000000042@mail.portal.example.net",
    OTHER_MEETING: "meeting-00000000-0000-4000-8000-000000000043@mail.portal.example.net",
}


def content(part: EmailMessage) -> str:
    """The text of a part that has one, decoded as its headers say."""
    if part.get_content_maintype() == "text":
        return part.get_content()
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace") if found else ""


def everything(message: bytes) -> str:
    """The headers and contents of all parts, without the breaks of folded lines."""
    parts = list(message_from_bytes(message, policy=default).walk())
    headers = [f"{name}: {value}" for part in parts for name, value in part.raw_items()]
    return re.sub(r"\r?\n[ \t]", "", "\n".join([*headers, *map(content, parts)]))


def test_there_are_two_hundred_and_fifty():
    kinds = Counter(letter.kind for letter in LETTERS)
    languages = Counter(letter.language for letter in LETTERS)

    assert kinds == {"itip": 60, "reply": 80, "auto": 20, "bounce": 30, "delay": 10}
    assert languages == {"es": 74, "fr": 58, "en": 63, "pt": 5}
    assert len(FORGED) == 50


def test_a_third_of_each_kind_is_held_back_in_a_folder_of_its_own():
    held_back = [letter for letter in LETTERS if letter.held_back]

    assert Counter(letter.kind for letter in held_back) == {
        "itip": 20,
        "reply": 26,
        "auto": 7,
        "bounce": 10,
        "delay": 3,
    }
    assert all(
        letter.held_back == (letter.file.parent == FIXTURES / "held_back") for letter in LETTERS
    )


def test_every_file_is_in_an_index_once_and_there():
    texts = [letter.file.with_suffix(".txt") for letter in LETTERS if letter.kind == "reply"]
    indices = [FIXTURES / "README.md", FIXTURES / "index.csv", FIXTURES / "forged" / "index.csv"]
    there = [path for path in FIXTURES.rglob("*") if path.is_file()]

    assert sorted(there) == sorted([*FILES, *texts, *indices])


def test_every_letter_says_what_is_read_from_it():
    answers = [letter for letter in LETTERS if letter.kind != "reply"]
    texts = [letter.expected for letter in LETTERS if letter.kind == "reply"]

    assert [letter for letter in answers if letter.expected not in EXPECTED[letter.kind]] == []
    assert all(text.strip() and text == text.strip("\n") + "\n" for text in texts)
    assert {letter.kind for letter in LETTERS if letter.comment} == {"itip"}
    assert all(letter.why for letter in FORGED)


def test_no_two_are_the_same():
    assert len({sha256(file.read_bytes()).digest() for file in FILES}) == 250
    assert len({letter.expected for letter in LETTERS if letter.kind == "reply"}) == 80


def test_line_ends_are_kept():
    contents = [file.read_bytes() for file in FILES]
    with_returns = [each for each in contents if b"\r" in each]

    assert len(with_returns) == 55
    assert all(each.count(b"\r\n") == each.count(b"\n") for each in with_returns)


def test_they_are_small():
    sizes = {file.name: file.stat().st_size for file in FIXTURES.rglob("*") if file.is_file()}

    assert sum(sizes.values()) < 700_000
    assert {name for name, size in sizes.items() if name.endswith(".eml") and size > 5_000} == {
        "forged-47-deep-nesting.eml"
    }


def are_filled_in(file) -> bool:
    before = everything(file.read_bytes())
    after = everything(filled(file.read_bytes(), VALUES))
    return not any(each in after for each in PLACEHOLDERS) and (
        {each for each in PLACEHOLDERS if each in before}
        == {each for each, value in VALUES.items() if value in after}
    )


def test_each_can_be_parsed_and_filled_in():
    assert [file for file in FILES if not are_filled_in(file)] == []


def test_every_header_can_be_read():
    """Of forged ones, some cannot: a parser has to bear that."""
    for letter in LETTERS:
        message = message_from_bytes(letter.file.read_bytes(), policy=default)
        headers = [str(value) for part in message.walk() for value in part.values()]
        assert not any("\r" in value or "\n" in value for value in headers), letter.file


def test_each_is_sent_to_the_address_of_the_person():
    for letter in LETTERS:
        message = message_from_bytes(letter.file.read_bytes(), policy=default)
        sender = "" if letter.kind in {"bounce", "delay"} else MEMBER
        assert ADDRESS in [*message.get_all("Delivered-To"), str(message["To"])], letter.file
        assert sender in str(message["From"]), letter.file


def test_a_placeholder_is_found_where_a_line_is_broken_and_in_base64():
    values = {ADDRESS: "reply+abcdef@example.net", MEETING: "meeting-1@example.net"}
    folded = filled(b"UID:meeting-UID@port\r\n al.example.org\r\n", values)
    soft = filled(b"A reply+TO=\nKEN@portal.example.org B\n", values)
    hidden = filled(
        b"Content-Transfer-Encoding: base64\r\n\r\ncmVwbHkrVE9LRU5AcG9ydGFsLmV4YW1wbGUub3Jn\r\n",
        values,
    )

    assert folded == b"UID:meeting-1@exampl\r\n e.net\r\n"
    assert soft == b"A reply+ab=\ncdef@example.net B\n"
    assert (
        hidden == b"Content-Transfer-Encoding: base64\r\n\r\ncmVwbHkrYWJjZGVmQGV4YW1wbGUubmV0\r\n"
    )


def test_texts_are_compared_without_blank_lines():
    assert same_text("Uno  dos\n\n\ntres \n", "Uno dos\ntres")
    assert not same_text("Uno dos\ntres", "Uno dos tres")
