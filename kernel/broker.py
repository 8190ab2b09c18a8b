"""Whether the broker of the queue answers, and how many messages wait in it.

Nobody waits for a broker that is down: it is asked with short limits, and the answer counts for some
seconds. Without Redis, messages are files in a folder, which is always there.
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

# How long an answer counts: one that is down is asked again later than one that is up.
UP_SECONDS, DOWN_SECONDS = 3.0, 10.0
# Between machines of one network an answer takes a millisecond.
LIMITS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


@dataclass
class _Answer:
    address: str = ""
    is_up: bool = True
    until: float = 0.0


_answer = _Answer()


def answers() -> bool:
    """Tell whether messages can be left there now."""
    url = settings.REDIS_URL
    if not url:
        return True
    if _answer.address == url and time.monotonic() < _answer.until:
        return _answer.is_up
    was_up = _answer.is_up
    _answer.address, _answer.is_up = url, _ping()
    _answer.until = time.monotonic() + (UP_SECONDS if _answer.is_up else DOWN_SECONDS)
    if was_up and not _answer.is_up:
        logger.error("Redis does not answer: work waits in the database until it does.")
    return _answer.is_up


def forget() -> None:
    """Ask again the next time."""
    _answer.until = 0.0


def messages(queue: str) -> int | None:
    """Return how many messages wait in a queue, or None if the broker does not say."""
    if not settings.REDIS_URL:
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]))
        return sum(1 for _file in folder.glob(f"*.{queue}.msg"))
    if not answers():
        return None
    try:
        return int(_client().llen(queue))
    except _errors():
        return None


def once(url: str, **more: Any) -> Any:
    """Return a client of Redis that tries once, and not three times with pauses between."""
    from redis import Redis  # noqa: PLC0415  (the portal without Redis does not need it)
    from redis.backoff import NoBackoff  # noqa: PLC0415  (likewise)
    from redis.retry import Retry  # noqa: PLC0415  (likewise)

    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), **LIMITS, **more)


_clients: dict[str, Any] = {}


def _client() -> Any:
    url = settings.REDIS_URL
    if url not in _clients:
        _clients[url] = once(url)
    return _clients[url]


def _ping() -> bool:
    try:
        return bool(_client().ping())
    except _errors():
        return False


def _errors() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError  # noqa: PLC0415  (as above)

    return (RedisError, OSError)
