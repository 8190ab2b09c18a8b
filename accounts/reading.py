"""What else depends on the person who reads, beside language and time zone: for example which
institutions may be named to them. Apps above this one say so once, when they are loaded."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from accounts.models import User

Reader = User | AnonymousUser
# Whom it is written for, and what it is about, if that is one thing.
ReadingContext = Callable[[Reader, Model | None], AbstractContextManager[None]]
_contexts: list[ReadingContext] = []


def add_reading_context(context: ReadingContext) -> None:
    _contexts.append(context)


@contextmanager
def written_for(reader: Reader, about: Model | None = None) -> Iterator[None]:
    """Write a page, a message or a file for this person, whoever caused it.

    What they may read can depend on what it is about. Whoever has no role there, such as a guest of
    a meeting, may be somebody else elsewhere: then say it.
    """
    with ExitStack() as stack:
        for context in _contexts:
            stack.enter_context(context(reader, about))
        yield
