"""What becomes of texts that somebody types and sends: an app on the left says which names in them
need other words, and keeps those that nobody else is to read yet (`projects/held_texts.py`)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Guard(NamedTuple):
    names_in: Callable[[str], list[tuple[str, str]]]
    """Return names that not every reader may know, each with the words to write instead."""
    take: Callable[[str], None]
    """Hear of a text that is about to be saved."""


_guards: list[Guard] = []
# Whether this page saves what was typed: GET changes nothing.
_are_saved: ContextVar[bool] = ContextVar("typed_texts_are_saved", default=False)


def add_guard(guard: Guard) -> None:
    _guards.append(guard)


@contextmanager
def typed_texts_are_saved(are_saved: bool) -> Iterator[None]:
    token = _are_saved.set(are_saved)
    try:
        yield
    finally:
        _are_saved.reset(token)


def names_in(text: str) -> list[tuple[str, str]]:
    return [found for guard in _present() for found in guard.names_in(text)]


def take(text: str) -> None:
    for guard in _present():
        guard.take(text)


def _present() -> list[Guard]:
    return _guards if _are_saved.get() else []
