"""What machines ask: whether this process lives, whether the portal can serve, and figures.

There is nothing secret in it, and nothing about a person.
"""

import secrets
import threading
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ibcr_portal.observing.state import PortalState, state_now

# Whoever asks more often gets the same answer: it costs a dozen statements.
ANSWER_SECONDS = 2.0
_lock = threading.Lock()
_answer: tuple[float, PortalState] | None = None


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """503 where the portal cannot serve; 200 with words where something needs a person."""
    state = recent_state()
    return JsonResponse(
        {
            "status": state.status,
            "checks": {line.key: {"status": line.status, **line.facts} for line in state.lines},
        },
        status=200 if state.can_serve else 503,
        headers={"Cache-Control": "no-store"},
    )


def recent_state() -> PortalState:
    global _answer
    with _lock:
        if _answer is None or time.monotonic() - _answer[0] > ANSWER_SECONDS:
            _answer = (time.monotonic(), state_now())
        return _answer[1]


def forget_state() -> None:
    global _answer
    _answer = None


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever knows METRICS_TOKEN."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    known = secrets.compare_digest(given.strip().encode(), settings.METRICS_TOKEN.encode())
    if scheme.lower() != "bearer" or not known:
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    from ibcr_portal.observing import exposition  # noqa: PLC0415  (it imports prometheus_client)

    content, kind = exposition.text()
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
