"""Prepares every request: an id for the log, and its reader's language and time zone."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone, translation

from ibcr_portal.observing import counters
from ibcr_portal.proxies import client_address
from ibcr_portal.public.visitors import asked_language, is_public
from kernel.events import WELL_FORMED, Cost, counted, current_request_id, pseudonym
from kernel.frozen import UnknownFormat
from kernel.organisation import home_zone

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]

events = logging.getLogger("portal.web")

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


# Machines ask for these all day.
QUIET = frozenset({"health", "health-live", "health-ready", "metrics", "static"})


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get()
        return True


class RequestIdMiddleware:
    """Gives each request an id, for the log, the response's header and the page of a failure, and
    writes its line into the log."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = id_of_proxy(request) or secrets.token_hex(6)
        with counted(request_id) as cost:
            response = self.get_response(request)
            note_answer(request, response, cost)
        response.headers["X-Request-ID"] = request_id
        return response


def id_of_proxy(request: HttpRequest) -> str:
    """Return the id that a proxy gave the request. From anybody else it could be made to look like
    that of another request."""
    proxies = settings.TRUSTED_PROXIES
    given = request.headers.get("X-Request-ID", "") if proxies else ""
    if given and client_address(request, proxies) and WELL_FORMED.fullmatch(given):
        return given
    return ""


def note_answer(request: HttpRequest, response: HttpResponse, cost: Cost) -> None:
    """Log and count an answer under the template of its address: the address itself may hold a token.
    This asks the database nothing."""
    match = request.resolver_match
    view = match.view_name if match else "static" if is_static(request) else ""
    counters.note_request(view, request.method or "", response.status_code, cost)
    person = getattr(request, "link_user", None) or getattr(request, "_cached_user", None)
    facts = {
        "method": request.method,
        "view": view,
        "route": match.route if match else "",
        "status": response.status_code,
        "ms": round(cost.seconds * 1000, 1),
        "statements": cost.statements,
        "database_ms": round(cost.database_seconds * 1000, 1),
        "user": pseudonym(person.pk) if person and person.pk else "",
    }
    level = logging.DEBUG if view in QUIET else logging.INFO
    said = "%(method)s %(view)s: %(status)s in %(ms)s ms, %(statements)s statements"
    events.log(level, said, facts, extra={"facts": facts})


def is_static(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.STATIC_URL)


class MethodMiddleware:
    """Answers 405 to all that neither reads nor sends a form: a view that does not look at the method
    would answer TRACE with its page."""

    METHODS = ("GET", "HEAD", "POST")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        return None if request.method in self.METHODS else HttpResponseNotAllowed(self.METHODS)


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
