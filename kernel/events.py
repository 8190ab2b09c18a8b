"""What one request or task is known by in the log, and what it costs the database.

The id of a request goes from the proxy through the log of the web server into the messages of the
queue, so that its lines are found together. Nobody is named: a person is a pseudonym.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

logger = logging.getLogger("portal.database")

current_request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Neither words nor signs by which somebody could write into the log, and no token of a link.
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,39}")
# What stands between quotation marks in a statement, where a value was not given apart from it.
LITERAL = re.compile(r"'(?:[^']|'')*'")
LONGEST_STATEMENT = 1000


@dataclass
class Cost:
    """What a request or task has cost since it began."""

    began: float = field(default_factory=time.perf_counter)
    statements: int = 0
    database_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


_cost: ContextVar[Cost | None] = ContextVar("cost", default=None)


@contextmanager
def counted(request_id: str) -> Iterator[Cost]:
    """Count what is done inside, under this id."""
    cost = Cost()
    named, counting = current_request_id.set(request_id), _cost.set(cost)
    try:
        yield cost
    finally:
        _cost.reset(counting)
        current_request_id.reset(named)


def count_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Count a statement and its time, and log it if it is slow, without its values. Each connection
    has it around its statements (`execute_wrappers`)."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - began
        if cost := _cost.get():
            cost.statements += 1
            cost.database_seconds += seconds
        if 0 < settings.SLOW_STATEMENT_MS <= seconds * 1000:
            milliseconds = round(seconds * 1000)
            text = LITERAL.sub("'…'", sql)[:LONGEST_STATEMENT]
            logger.warning(
                "Slow statement: %s ms: %s",
                milliseconds,
                text,
                extra={"facts": {"ms": milliseconds}},
            )


def count_statements_of(connection: Any, **kwargs: Any) -> None:
    if count_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_statement)


def pseudonym(pk: object) -> str:
    """Return by what a person is known in the log. It follows from SECRET_KEY, so whoever has only
    the log cannot tell who it is."""
    return salted_hmac("kernel.events", str(pk), algorithm="sha1").hexdigest()[:12]
