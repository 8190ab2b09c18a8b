"""The key of whoever did something, and keys of many rows in a condition, written into the statement
as they are."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db.models import PROTECT, BigIntegerField, Expression, ForeignKey


def by_whom(**options: Any) -> ForeignKey:
    """Return the field of the person who did something: of no form, and kept with the row."""
    usual: dict[str, Any] = {"null": True, "editable": False, "related_name": "+"}
    return ForeignKey(settings.AUTH_USER_MODEL, **{"on_delete": PROTECT} | usual | options)


def key_list(keys: Iterable[int]) -> str:
    """Return keys as a statement lists them; only numbers pass."""
    return ",".join(map("{:d}".format, keys))


class Keys(Expression):
    """The keys of `filter(project__in=Keys(keys))`.

    Django prepares each value of a list by itself, which takes longer than all else for somebody
    with hundreds of projects. As an expression they are one piece of text.
    """

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(output_field=BigIntegerField())
        self.keys = tuple(keys)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[int, ...]]:
        """Raises EmptyResultSet if there is none, as an empty list does. A single key is put in, so
        that a prepared statement can hold the place of a list."""
        if not self.keys:
            raise EmptyResultSet
        keys = key_list(self.keys)
        return ("(%s)", self.keys) if len(self.keys) == 1 else (f"({keys})", ())
