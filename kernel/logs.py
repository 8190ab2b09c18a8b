"""What no log may hold: the tokens of links, and tracebacks of pages that were merely refused."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from kernel.events import current_request_id

MASK = "***"

# What follows these words in an address is a token, whole or mistyped. A test walks all addresses.
AFTER_A_WORD = re.compile(
    r"(/(?:link|invitation|digest|reminders|calendar|propose|shared|reset/key)/)[^/\s?#\"'<>]+"
)
# What an organisation's server sends people back with, by which they sign in once.
CODES = re.compile(r"([?&](?:code|state|session_state)=)[^&\s\"'<>]+")
# What somebody searches for, on whichever page, may be the name of a person. It is encoded within the
# address of the page to which a sign-in leads.
SEARCHED = re.compile(r"([?&]q=)[^&\s\"'<>]+")
SEARCHED_ENCODED = re.compile(
    r"((?:%3F|%26)q(?:%3D|=))[^&\s\"'<>]+?(?=%26|[&\s\"'<>]|$)", re.IGNORECASE
)
# What PostgreSQL says of a row that breaks a constraint: the values of the row, to the end of the message.
ROW = re.compile(
    r"(Failing row contains \().*?(\)\.(?=\nCONTEXT:|\s*\n(?:The above|During) |\s*\Z)|\Z)",
    re.DOTALL,
)
KEY = re.compile(
    r"(Key \([^\n]*?\)=\().*?(\)(?= already exists| is not present| is still | conflicts )|\Z)",
    re.DOTALL,
)
# A token has 43 characters, each of which may be written as %2D. Elsewhere it is known by its
# length: in a referrer with an encoded address, or in the message of an exception.
LONG_WORD = re.compile(r"(?:[A-Za-z0-9_-]|%[0-9A-Fa-f]{2}){43,}")
# Hashes, UUIDs and names in our code are long as well, and are what an operator looks for.
NO_TOKEN = re.compile(r"[0-9a-f-]+|[a-z_]+")


def mask_tokens(text: str) -> str:
    """Return the text with tokens of links hidden: long words without spaces, and what follows the
    words that come before a token in an address; and with what was searched for, or is in a row."""
    for known in (SEARCHED, SEARCHED_ENCODED, CODES):
        text = known.sub(rf"\1{MASK}", text)
    for row in (ROW, KEY):
        text = row.sub(rf"\1{MASK}\2", text)
    return LONG_WORD.sub(_mask_token, AFTER_A_WORD.sub(rf"\1{MASK}", text))


def _mask_token(found: re.Match[str]) -> str:
    return found[0] if NO_TOKEN.fullmatch(found[0]) else MASK


class MaskingFormatter(logging.Formatter):
    """Masks tokens in the finished line, traceback included, whichever formatter wrote it."""

    def __init__(self, fmt: str | None = None, *, inner: logging.Formatter | None = None) -> None:
        super().__init__(fmt)
        self.inner = inner or logging.Formatter(fmt)

    def format(self, record: logging.LogRecord) -> str:
        return mask_tokens(self.inner.format(record))


# Libraries put addresses into their messages, such as those that a mail server refuses.
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class JsonFormatter(MaskingFormatter):
    """Writes one line of JSON for an event, for machines that collect logs. `extra={"facts": {…}}`
    adds fields."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = getattr(record, "facts", {})
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._clean(record.getMessage()),
            "request_id": current_request_id.get(),
            **{key: self._clean(value) for key, value in facts.items()},
        }
        if record.exc_info:
            line["error"] = self._clean(self.formatException(record.exc_info))
        elif record.exc_text:
            line["error"] = self._clean(record.exc_text)
        return json.dumps(line, ensure_ascii=False, default=str)

    @staticmethod
    def _clean(value: Any) -> Any:
        """Before it is JSON, in which a mask could take the sign before a quotation mark."""
        if not isinstance(value, str):
            return value
        return ADDRESS.sub(f"{MASK}@{MASK}", mask_tokens(value))


def mask_handlers(logger: logging.Logger, *, as_json: bool = False) -> None:
    """Make the handlers of a logger mask tokens in the format that they have, or write JSON."""
    for handler in logger.handlers:
        if as_json:
            handler.setFormatter(JsonFormatter())
        elif not isinstance(handler.formatter, MaskingFormatter):
            handler.setFormatter(MaskingFormatter(inner=handler.formatter))


class RequestFilter(logging.Filter):
    """For `django.request`: a 400, 403 or 404 is an answer and no fault of the code, so it needs no
    traceback. The address is masked here as well: mail about errors has it in the subject."""

    def filter(self, record: logging.LogRecord) -> bool:
        status: Any = getattr(record, "status_code", None)
        if status in {400, 403, 404}:
            record.exc_info = record.exc_text = None
        if isinstance(record.args, tuple):
            record.args = tuple(
                mask_tokens(each) if isinstance(each, str) else each for each in record.args
            )
        return True
