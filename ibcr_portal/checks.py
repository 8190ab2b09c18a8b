"""Checks at start whether the machine lacks a library. The portal starts all the same."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from reports import libraries


@register()
def document_libraries(**kwargs: Any) -> list[CheckMessage]:
    found = libraries.ask()
    return [Warning(found.advice, id="portal.W001")] if found.missing else []
