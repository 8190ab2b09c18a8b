"""The ledger of erasures, which is also kept beside the backups: after a loss, an older backup must
not bring back whom the portal had forgotten. It names nobody (`ibcr_portal.persons.ledger`)."""

import os
from collections.abc import Iterable

from django.conf import settings

from ibcr_portal.backups.targets import Target
from ibcr_portal.persons.ledger import Entry, NoEntry

NAME = "erasures.jsonl"


def own_ledger() -> str:
    try:
        return settings.ERASURES.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def together(*texts: str) -> list[str]:
    """Return the lines of several copies, each once, in their order."""
    lines = (line.strip() for text in texts for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def keep_beside(target: Target) -> bool:
    """Write the lines that the copy beside the backups lacks. It never loses one, also if this portal
    was set up anew and knows fewer. Returns whether there was anything to write."""
    own = own_ledger()
    if not own:
        return False
    there = target.read_text(NAME)
    lines = together(there, own)
    if lines == together(there):
        return False
    target.replace_text(NAME, "".join(f"{line}\n" for line in lines))
    return True


def genuine(lines: Iterable[str]) -> tuple[list[str], int]:
    """Return the lines that this portal signed, and how many others there are."""
    found, others = [], 0
    for line in lines:
        try:
            Entry.read(line)
        except NoEntry:
            others += 1
        else:
            found.append(line)
    return found, others


def add_to_own(lines: Iterable[str]) -> int:
    """Append the lines that the portal's own ledger lacks; return how many."""
    known = set(together(own_ledger()))
    new = [line for line in lines if line not in known]
    if new:
        path = settings.ERASURES
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "wb") as file:
            file.write("".join(f"{line}\n" for line in new).encode())
            file.flush()
            os.fsync(file.fileno())
    return len(new)
