"""Which messages never leave the portal: those of projects for training. Apps above this one say so
once, when they are loaded; the outbox (`accounts.mail`) asks."""

from collections.abc import Callable

from django.db.models import Model

# What the message is about, if that is one thing; else it is of the page that caused it.
Silence = Callable[[Model | None], bool]
_silences: list[Silence] = []


def add_silence(silence: Silence) -> None:
    _silences.append(silence)


def is_silent(about: Model | None) -> bool:
    return any(silence(about) for silence in _silences)
