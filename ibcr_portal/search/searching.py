"""One search: what changed is written, the question is read for its reader, and found."""

from typing import NamedTuple

from accounts.models import User
from ibcr_portal.models import SearchKind
from ibcr_portal.search.finding import find
from ibcr_portal.search.question import SearchQuestion, ask, begin
from ibcr_portal.search.rights import EVERYTHING, Finder, Narrowing
from ibcr_portal.search.scoring import Hit
from ibcr_portal.search.showing import FoundThing, results
from ibcr_portal.search.sources import OF_ROWS
from ibcr_portal.search.writing import AT_ONCE, write_changed
from kernel.text import active_language

SUGGESTED = 6
NAMES_AT_ONCE = 1_000


class Search(NamedTuple):
    question: SearchQuestion
    hits: list[Hit]
    called_so: list[Hit]
    """What has exactly this code."""
    cut: frozenset[str]
    """The kinds of which more fits than was looked at; an empty one stands for any."""


def search(user: User, text: str, chosen: Narrowing = EVERYTHING) -> Search:
    """Search for a text as this person. Raises Refusal if nothing can be looked for.

    Names come first: what holds one that was just guarded is noted by them, and not found.
    """
    _names_first()
    write_changed(OF_ROWS, AT_ONCE)
    finder = Finder(user)
    question = ask(text, active_language(), finder.known)
    return Search(question, *find(finder, question, chosen))


def suggest(user: User, text: str) -> list[FoundThing]:
    """Return the few things that fit best what the person is typing: first what is called so. What
    changed since is not among them until it is searched for, or a worker came by."""
    _names_first()
    finder = Finder(user)
    if (question := begin(text, finder.known)) is None:
        return []
    found = find(finder, question, enough=SUGGESTED)
    hits = [*found.called_so, *found.hits]
    return results(hits[:SUGGESTED], question)[:SUGGESTED]


def _names_first() -> None:
    write_changed([SearchKind.INSTITUTION], NAMES_AT_ONCE)
