"""What a file for an outside translator holds: units, and what is refused in a file that came back."""

from typing import NamedTuple

from ibcr_portal.translating.queue import Item, State
from kernel.refusal import Refusal
from kernel.xml_text import xml_text

MAX_BYTES = 1_000_000
MAX_UNITS = 5_000


class Unit(NamedTuple):
    """One text, as it is written into a file or read from one."""

    key: str
    source_language: str
    source: str
    target: str
    note: str = ""
    is_draft: bool = False


class UnreadableTranslations(Refusal):
    """A file that cannot be read as a whole; the sentence says why and what to do."""


def unit_of(item: Item) -> Unit:
    return Unit(
        item.text.key,
        item.text.origin,
        xml_text(item.text.source),
        xml_text(item.now),
        f"{item.text.label} · {item.need_label}",
        is_draft=item.state in (State.DRAFT, State.STALE),
    )
