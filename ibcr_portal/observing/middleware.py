"""Answers machines before anything else: they have no session, language or host of their own, and
must learn that the database is down."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from ibcr_portal.observing import machines

Handler = Callable[[HttpRequest], HttpResponse]


class MachineMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.views: dict[str, Handler] = {
            "/health/live": machines.live,
            "/health/ready": machines.ready,
            "/metrics": machines.metrics,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = self.views.get(request.path_info)
        if view is None:
            return self.get_response(request)
        # As for any page: the log and the figures know by it what was asked.
        request.resolver_match = resolve(request.path_info)
        return view(request)
