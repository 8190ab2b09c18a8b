"""Prepares every request: an id for the log, and its reader's language and time zone."""

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from ibcr_portal.public.visitors import asked_language, is_public
from kernel.frozen import UnknownFormat
from kernel.organisation import home_zone

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

current_request_id: ContextVar[str] = ContextVar("request_id", default="-")


# No script uses what no page needs. Passkeys need both of theirs.
UNUSED_FEATURES = (
    "accelerometer autoplay camera clipboard-read display-capture encrypted-media fullscreen"
    " geolocation gyroscope hid idle-detection local-fonts magnetometer microphone midi payment"
    " picture-in-picture screen-wake-lock serial usb xr-spatial-tracking"
)
PERMISSIONS_POLICY = ", ".join(
    [
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
        *(f"{feature}=()" for feature in UNUSED_FEATURES.split()),
    ]
)


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class RequestIdMiddleware:
    """Gives each request an id, for the log, the response's header and the page of a failure."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(6)
        token = current_request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        return response


class PlainAddressMiddleware:
    """PostgreSQL takes no NUL in a text: nothing has an address with one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)


class UnknownFormatMiddleware:
    """Answers with a page of its own if frozen content has a format of a later version
    (`kernel.frozen`)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, UnknownFormat):
            return None
        logger.error("%s has content of an unknown format", request.path)
        return render(request, "409.html", {"reason": str(exception)}, status=409)


class ReaderMiddleware:
    """A signed-in person reads in their own language and time zone, on any device; everybody else
    in the organisation's time zone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            with timezone.override(home_zone()):
                return self._answer_visitor(request)

        language = request.user.language
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(request.user.zone):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response

    def _answer_visitor(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language that the address names, so that search engines find each page in
        every language; else in that of the browser."""
        language = asked_language(request)
        if not language:
            return self.get_response(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        return response


class PageHeadersMiddleware:
    """Lets no browser and no proxy keep what a signed-in person saw, turns off what the portal does
    not use, and keeps all but the public pages out of search engines."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # It is for documents. What htmx fetches is a part of one, and need not bring half a kilobyte.
        if "HX-Request" not in request.headers:
            response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        elif not is_public(request):
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response
