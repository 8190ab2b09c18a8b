"""Answers machines before anything else: they have no session, language or host of their own, and
must learn that the database is down."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
        view = self.views.get(request.path_info, self.get_response)
        return view(request)
