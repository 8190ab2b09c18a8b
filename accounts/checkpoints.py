"""Checkpoints: signed statements of what the last event of the access log was at a moment.

They are kept outside the database, a line of JSON each. Somebody who can write into the database
can neither forge one nor silently change the events that it covers.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

# --- The keys of the access log, all derived from one secret that is not in the database ---


def _derived(purpose: str) -> bytes:
    return hmac.digest(settings.ACCESS_LOG_KEY.encode(), purpose.encode(), "sha256")


def chained(content: bytes) -> str:
    """Return the keyed hash by which an event follows from the one before."""
    return hmac.new(_derived("chain"), content, hashlib.sha256).hexdigest()


def pseudonym_of(text: str) -> str:
    """Return what the log says in place of a text that somebody typed: the same for the same text,
    and of no use without the key."""
    content = text.strip().casefold().encode(errors="replace")
    return hmac.new(_derived("pseudonym"), content, hashlib.sha256).hexdigest()[:16]


def _signing_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived("signature"))


def sign(content: bytes) -> str:
    return base64.b64encode(_signing_key().sign(content)).decode()


def is_signature(text: str, content: bytes) -> bool:
    try:
        _signing_key().public_key().verify(base64.b64decode(text, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key() -> str:
    """Return the key by which anybody can check a signature, and nobody can make one."""
    return base64.b64encode(_signing_key().public_key().public_bytes_raw()).decode()


def public_key_id() -> str:
    return hashlib.sha256(base64.b64decode(public_key())).hexdigest()[:16]


def fingerprint(text: str) -> str:
    """Return the keyed hash by which a text is known again, and cannot be read."""
    return hmac.new(_derived("erasure"), text.encode(errors="replace"), hashlib.sha256).hexdigest()


def _vault() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived("vault")))


def lock_away(content: bytes) -> bytes:
    """Encrypt what nobody may find in the database or its files."""
    return _vault().encrypt(content)


def unlock(content: bytes) -> bytes:
    return _vault().decrypt(content)


# --- Checkpoints ---

FORMAT = 1
# A line has about 340 characters.
END_OF_FILE = 4096


class NoCheckpoint(ValueError):
    """What was read is no checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    sequence: int
    """The number of the last event."""
    head: str
    """The hash of the last event, and so of all before it."""
    time: str
    key: str
    """Of which public key the signature is."""
    signature: str
    format: int = FORMAT

    @classmethod
    def signed(cls, *, sequence: int, head: str) -> Self:
        time = timezone.now().astimezone(UTC).isoformat(timespec="seconds")
        draft = cls(sequence, head, time, public_key_id(), signature="")
        return replace(draft, signature=sign(draft.content))

    @classmethod
    def read(cls, values: object) -> Self:
        """Raises NoCheckpoint."""
        types = {name: int if name in {"sequence", "format"} else str for name in KEYS}
        if not isinstance(values, dict) or values.keys() != types.keys():
            raise NoCheckpoint
        if any(type(values[name]) is not kind for name, kind in types.items()):
            raise NoCheckpoint
        if values["format"] != FORMAT:
            raise NoCheckpoint
        return cls(**values)

    @property
    def content(self) -> bytes:
        """What is signed: everything but the signature."""
        values = {name: value for name, value in self.values.items() if name != "signature"}
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()

    @property
    def is_genuine(self) -> bool:
        """Whether this portal signed it."""
        return self.key == public_key_id() and is_signature(self.signature, self.content)

    @property
    def values(self) -> dict[str, int | str]:
        return asdict(self)

    @property
    def line(self) -> str:
        return json.dumps(self.values)

    @property
    def at(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.time)
        except ValueError:
            return None


KEYS = tuple(each.name for each in fields(Checkpoint))


def checkpoints_in(text: str) -> tuple[list[Checkpoint], int]:
    """Return the checkpoints in a text, and how many others begin like one but are none.

    A line may be broken, and words may stand around it, as in a message that was copied.
    """
    found: list[Checkpoint] = []
    wrong = 0
    for values in _objects(text):
        try:
            found.append(Checkpoint.read(values))
        except NoCheckpoint:
            wrong += 1
    return found, wrong


def _objects(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            values, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            values, end = None, start + 1
        yield values
        start = text.find("{", end)


def append_to(path: Path, checkpoint: Checkpoint) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write to the end of a file is not mixed with that of another process.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "wb") as file:
        file.write(f"{checkpoint.line}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def newest_in(path: Path) -> Checkpoint | None:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - END_OF_FILE))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return None
    # The first line may have been cut.
    found, _wrong = checkpoints_in(text)
    return found[-1] if found else None


def own_checkpoints() -> str:
    """Return the text of the file that the portal keeps."""
    try:
        return settings.ACCESS_LOG_CHECKPOINTS.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
