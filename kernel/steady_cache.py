"""The cache of Redis, and a table of the database while Redis does not answer.

Rate limits are counted here, so without it nobody could sign in. What was counted in the one is not
known to the other: somebody who guesses passwords gets their tries once more.
"""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import BaseDatabaseCache, DatabaseCache
from django.core.cache.backends.redis import RedisCache

from kernel import broker

TABLE = "portal_cache"


class SteadyCache(BaseDatabaseCache):
    """`manage.py createcachetable` makes its table, since it is a cache of the database."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        from redis.backoff import NoBackoff  # noqa: PLC0415  (the portal without Redis needs none)
        from redis.exceptions import RedisError  # noqa: PLC0415  (likewise)
        from redis.retry import Retry  # noqa: PLC0415  (likewise)

        super().__init__(TABLE, params)
        limits = broker.LIMITS | {"retry": Retry(NoBackoff(), 0)}
        self.redis = RedisCache(server, {**params, "OPTIONS": limits})
        self.rows = DatabaseCache(TABLE, params)
        self.down: tuple[type[Exception], ...] = (RedisError, OSError)

    def _ask(self, ask: Callable[[BaseCache], Any]) -> Any:
        if broker.answers():
            try:
                return ask(self.redis)
            except self.down:
                broker.forget()
        return ask(self.rows)

    def add(self, key: str, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(lambda cache: cache.add(key, *args, **kwargs)))

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        return self._ask(lambda cache: cache.get(key, *args, **kwargs))

    def set(self, key: str, *args: Any, **kwargs: Any) -> None:
        self._ask(lambda cache: cache.set(key, *args, **kwargs))

    def touch(self, key: str, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(lambda cache: cache.touch(key, *args, **kwargs)))

    def delete(self, key: str, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(lambda cache: cache.delete(key, *args, **kwargs)))

    def incr(self, key: str, *args: Any, **kwargs: Any) -> int:
        return int(self._ask(lambda cache: cache.incr(key, *args, **kwargs)))

    def clear(self) -> None:
        self._ask(lambda cache: cache.clear())
