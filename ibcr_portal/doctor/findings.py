"""What `manage.py doctor` finds: a sentence, and what to do where something is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    level: Level
    sentence: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def good(sentence: str) -> Finding:
    return Finding(Level.GOOD, sentence)


def warning(sentence: str, advice: str) -> Finding:
    return Finding(Level.WARNING, sentence, advice)


def wrong(sentence: str, advice: str) -> Finding:
    return Finding(Level.WRONG, sentence, advice)


def without_password(url: str) -> str:
    """The address of a service as it may be shown; nothing where there is none."""
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def reason(error: Exception) -> str:
    """Why a service did not answer, in a line. Messages of libraries may repeat an address that
    holds a password, hence the kind of the error alone where there is no number of the system."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
