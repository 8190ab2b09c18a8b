"""Addresses of the rows of a list: one `reverse` for the page instead of one for each row."""

from collections.abc import Callable

from django.urls import reverse

# A key that no part of an address has by itself.
_KEY = 9_127_364_508


def addresses(view: str, *before: object) -> Callable[[int | str], str]:
    """Return a function from a key, or the code of a project, to the address of this view; `before`
    are arguments that come before the key and are the same for all rows."""
    head, tail = reverse(view, args=[*before, _KEY]).split(str(_KEY))

    def address(key: int | str) -> str:
        return f"{head}{key}{tail}"

    return address
