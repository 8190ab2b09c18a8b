"""The mail of an embedded portal: Django's file backend writes one file for each sending."""

import email
import email.policy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

from accounts.mail_in.parts import decoded

SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # Django's backend writes it after each message
LARGEST_FILE = 5_000_000


@dataclass
class MailboxMessage:
    """A message as an administrator reads it."""

    file: str
    number: int
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return self._shown("To")

    @property
    def sender(self) -> str:
        return self._shown("From")

    @property
    def reply_to(self) -> str:
        return self._shown("Reply-To")

    @property
    def sent_at(self) -> datetime | None:
        try:
            moment = parsedate_to_datetime(str(self.message["Date"]))
        except (TypeError, ValueError):
            return None
        # “-0000” is UTC without saying where the sender is (RFC 5322).
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _shown(self, header: str) -> str:
        """Return a header with addresses. The parser would leave a gap where a long name is folded."""
        sources = (value for name, value in self.message.raw_items() if name == header)
        return decoded(str(next(sources, "")))

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        if part is None:
            return ""
        try:
            text: str = part.get_content()
        except (LookupError, UnicodeError):  # an unknown character set
            content = part.get_payload(decode=True)
            return content.decode("utf-8", errors="replace") if isinstance(content, bytes) else ""
        return text


def letter_files() -> list[Path]:
    """Return the mail files, newest first. Symbolic links are not followed."""
    files = [
        path
        for path in Path(settings.MAILBOX).glob("*.log")
        if path.is_file() and not path.is_symlink()
    ]
    return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def letters_in(path: Path) -> Iterator[MailboxMessage]:
    """Read the messages of a file, newest first."""
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE)
    found = [part for part in content.split(SEPARATOR) if part.strip()]
    for number, source in reversed(list(enumerate(found, start=1))):
        message = email.message_from_bytes(source, policy=email.policy.default)
        yield MailboxMessage(path.name, number, message)


def find_letter(file: str, number: int) -> MailboxMessage | None:
    """Find a message by the name of its file, compared with existing files: a name from an address
    never becomes part of a path."""
    path = {path.name: path for path in letter_files()}.get(file)
    if path is None:
        return None
    return next((letter for letter in letters_in(path) if letter.number == number), None)


def remove_letters(letters: Iterable[MailboxMessage]) -> None:
    """Delete messages for ever, and the files that hold no other."""
    numbers: dict[str, set[int]] = {}
    for letter in letters:
        numbers.setdefault(letter.file, set()).add(letter.number)
    for path in letter_files():
        if path.name not in numbers:
            continue
        found = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
        gone = numbers[path.name]
        left = [part for number, part in enumerate(found, start=1) if number not in gone]
        if left:
            path.write_bytes(b"".join(part + SEPARATOR for part in left))
        else:
            path.unlink()
