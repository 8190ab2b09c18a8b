"""Leads to the first visit whoever opens a page of an empty portal."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ibcr_portal.starting.key import is_over

Handler = Callable[[HttpRequest], HttpResponse]


class FirstVisitMiddleware:
    """Comes before the sign-in, since nobody can sign in yet."""

    OPEN = frozenset(
        {"start", "start-organisation", "start-administrator", "set_language", "health"}
    )

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if is_over():
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        return None if name in self.OPEN else redirect("start")
