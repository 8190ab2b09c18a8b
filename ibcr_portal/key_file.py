"""One file with all keys of an installation, each with its versions.

    {"format": 1, "keys": [{"name": "SECRET_KEY", "version": 2, "value": "…"}, …]}

KEY_FILE names it, in place of SECRET_KEY, SECRET_KEY_FALLBACKS and ACCESS_LOG_KEY or their files;
an empty one sets nothing. The keys of the seal are read from files of their own, which the worker has.
`manage.py backup --keys` writes such a file, encrypted, whatever the keys are read from. Keys are
never in a backup of the data: there only their ids are, by which one sees which are needed.
"""

import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

FORMAT = 1
SECRET, LOG, SEAL, PASSPHRASE = "SECRET_KEY", "ACCESS_LOG_KEY", "SEAL_KEY", "SEAL_PASSPHRASE"
NAMES = (SECRET, LOG, SEAL, PASSPHRASE)


class NoKeyFile(ValueError):
    """What was read is no file of keys."""


@dataclass(frozen=True)
class Key:
    name: str
    version: int
    value: str = field(repr=False)
    """The key itself; of the seal, its file in base64."""

    @property
    def id(self) -> str:
        """Return what says which key it is, and is of no use without it. A passphrase has none: it may
        be words that somebody chose, which could be guessed by it."""
        if self.name == PASSPHRASE:
            return ""
        return hmac.digest(self.value.encode(), b"portal.key-id", "sha256").hex()[:16]

    @property
    def label(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version, "id": self.id}


def written(keys: Iterable[Key]) -> bytes:
    values = {"format": FORMAT, "keys": [asdict(key) for key in keys]}
    return json.dumps(values, indent=1).encode() + b"\n"


def read(content: bytes) -> list[Key]:
    """Raises NoKeyFile."""
    try:
        values = json.loads(content)
        keys = [Key(each["name"], each["version"], each["value"]) for each in values["keys"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NoKeyFile from error
    if values["format"] != FORMAT or not all(_is_sound(key) for key in keys):
        raise NoKeyFile
    return keys


def _is_sound(key: Key) -> bool:
    return key.name in NAMES and type(key.version) is int and type(key.value) is str


def versions(keys: Iterable[Key], name: str) -> list[Key]:
    """Return the versions of a key, the newest first."""
    found = (key for key in keys if key.name == name)
    return sorted(found, key=lambda key: key.version, reverse=True)


def adopt_key_file() -> None:
    """Take the keys over from the file that KEY_FILE names, before the settings are read."""
    path = os.environ.get("KEY_FILE", "")
    if not path:
        return
    try:
        content = Path(path).read_bytes()
        if not content.strip():
            return
        keys = read(content)
    except (OSError, NoKeyFile):
        raise ImproperlyConfigured(
            f"KEY_FILE is {path!r}, which cannot be read as a file of keys (docs/operations/backup.md)."
        ) from None
    secret = [key.value for key in versions(keys, SECRET)]
    log = [key.value for key in versions(keys, LOG)]
    found = {SECRET: secret[:1], f"{SECRET}_FALLBACKS": secret[1:], LOG: log[:1]}
    for name, values in found.items():
        text = ",".join(values)
        if os.environ.get(name, text) not in {"", text}:
            raise ImproperlyConfigured(
                f"KEY_FILE and {name} have different keys: keep one of them."
            )
        if text:
            os.environ[name] = text
