"""The ledger of erasures: two signed lines of JSON for each person who was forgotten, one before the
database commits, and one afterwards. Without the second, nobody knows whether the erasure was saved.

It is a file beside the checkpoints of the access log, outside the database: when an older dump is
restored, the erasures since then are done again from it. It names nobody. A person is known by the
key of their row together with a keyed hash of the moment when they joined, and their names by keyed
hashes.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.utils import timezone

from accounts.checkpoints import fingerprint, is_signature, public_key_id, sign
from accounts.models import User
from ibcr_portal.persons.matching import Spellings, hash_of, words_of

FORMAT = 2
BEGUN, DONE = "begun", "done"


class NoEntry(ValueError):
    """A line is no entry of the ledger, or was not signed by this portal."""


@dataclass(frozen=True)
class Entry:
    pseudonym: str
    time: str
    user: int | None
    joined: str
    """The hash of key and moment: another row may have the key after a restore."""
    contacts: list[int]
    names: list[list[Any]]
    """Of each spelling the number of its words, its hash, and whether it is an address."""
    state: str = BEGUN
    key: str = ""
    signature: str = ""
    format: int = FORMAT

    @classmethod
    def signed(
        cls, *, pseudonym: str, user: User | None, contacts: list[int], spellings: Spellings
    ) -> Self:
        named = [(each, False) for each in (*spellings.names, *spellings.single_words)]
        named += [(each, True) for each in spellings.addresses]
        draft = cls(
            pseudonym=pseudonym,
            time=timezone.now().astimezone(UTC).isoformat(timespec="seconds"),
            user=user.pk if user else None,
            joined=mark_of(user) if user else "",
            contacts=contacts,
            names=[[len(words_of(each)), hash_of(each), other] for each, other in named],
            key=public_key_id(),
        )
        return replace(draft, signature=sign(draft.content))

    def done(self) -> Self:
        """Return the line that says that the erasure was saved."""
        draft = replace(self, state=DONE)
        return replace(draft, signature=sign(draft.content))

    @property
    def is_done(self) -> bool:
        return self.state == DONE

    @property
    def whom(self) -> tuple[int | None, str, tuple[int, ...]]:
        return self.user, self.joined, tuple(self.contacts)

    @classmethod
    def read(cls, line: str) -> Self:
        """Raises NoEntry."""
        try:
            values = json.loads(line)
            entry = cls(**{each.name: values[each.name] for each in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise NoEntry from error
        if entry.format != FORMAT or not is_signature(entry.signature, entry.content):
            raise NoEntry
        return entry

    @property
    def content(self) -> bytes:
        values = {name: value for name, value in asdict(self).items() if name != "signature"}
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hashes(self) -> dict[int, frozenset[str]]:
        counts = {count for count, _hash, _is_address in self.names}
        return {
            count: frozenset(each for words, each, _other in self.names if words == count)
            for count in counts
        }


def mark_of(user: User) -> str:
    """Return the hash of key and moment of joining, as far as every dump keeps it."""
    joined: datetime = user.date_joined
    return fingerprint(f"{user.pk} {joined.astimezone(UTC).isoformat(timespec='milliseconds')}")


def append(entry: Entry) -> None:
    path = settings.ERASURES
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write to the end of a file is not mixed with that of another process.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "wb") as file:
        file.write(f"{json.dumps(asdict(entry))}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def entries() -> Iterator[Entry]:
    """Return the erasures that were saved. Raises NoEntry."""
    return (entry for entry in lines() if entry.is_done)


def unfinished() -> list[Entry]:
    """Return erasures of which no line says that they were saved, unless the person was forgotten
    since. Raises NoEntry."""
    known = list(lines())
    done = {entry.whom for entry in known if entry.is_done}
    return [entry for entry in known if entry.whom not in done]


def lines() -> Iterator[Entry]:
    """Return the entries of the file. Raises NoEntry at a line that is none: some line may be
    missing as well, which an operator has to look at."""
    try:
        text = settings.ERASURES.read_text("utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        if line.strip():
            yield Entry.read(line)
