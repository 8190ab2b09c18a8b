"""Functions that return the rows of a queryset."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db.models import QuerySet

Row = TypeVar("Row")
Arguments = ParamSpec("Arguments")


class Moment(NamedTuple):
    """A day or moment. The queryset takes its `value`."""

    value: Any  # date | datetime


def prepared(build: Callable[Arguments, QuerySet[Any, Row]]) -> Callable[Arguments, list[Row]]:
    """Make a function that returns rows of one that returns a queryset."""

    @wraps(build)
    def rows(*arguments: Arguments.args, **named: Arguments.kwargs) -> list[Row]:
        return list(build(*arguments, **named))

    return rows
