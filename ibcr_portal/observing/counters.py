"""Counts requests for Prometheus, where METRICS_TOKEN is set; else nothing is imported.

The processes of one web server count together (`ibcr_portal.web_server`), whichever of them is
asked. What workers do is read from the database instead (`figures.py`), however many there are.
"""

import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from kernel.events import Cost

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Instruments:
    registry: Any
    requests: Any
    seconds: Any
    statements: Any


def load() -> None:
    """Import what counts before processes are forked, which then share its memory."""
    if settings.METRICS_TOKEN:
        import prometheus_client  # noqa: F401, PLC0415  (see above)


@cache
def instruments(pid: int) -> Instruments:
    from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415  (see above)

    registry = CollectorRegistry()
    return Instruments(
        registry=registry,
        requests=Counter(
            "portal_requests",
            "Requests that were answered",
            ["view", "method", "status"],
            registry=registry,
        ),
        seconds=Histogram(
            "portal_request_seconds",
            "How long requests took",
            ["view"],
            buckets=SECONDS,
            registry=registry,
        ),
        statements=Counter(
            "portal_request_statements",
            "Statements of the database in requests",
            ["view"],
            registry=registry,
        ),
    )


def note_request(view: str, method: str, status: int, cost: Cost) -> None:
    if not settings.METRICS_TOKEN:
        return
    found = instruments(os.getpid())
    name = view or "unknown"
    found.requests.labels(name, method if method in METHODS else "other", status).inc()
    found.seconds.labels(name).observe(cost.seconds)
    found.statements.labels(name).inc(cost.statements)


def counted_registry() -> Any:
    """Return the registry of what was counted, by all processes of this web server."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415  (see above)

    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return instruments(os.getpid()).registry
    from prometheus_client import multiprocess  # noqa: PLC0415  (see above)

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
