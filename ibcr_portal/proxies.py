"""The address of a client, from the proxies in front of the portal and from nobody else."""

import ipaddress
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]


class TrustedProxiesMiddleware:
    """Writes the client's address into REMOTE_ADDR, where rate limits and the log of the web server
    find it.

    Each trusted proxy appends the address that it was asked from to X-Forwarded-For. Entries to the
    left of these may have been written by the client. A request with fewer entries bypassed a proxy
    or passed one that does not append: then anybody could choose an address and escape the rate
    limits. So it is refused, and the first visitor sees what the operator has to set.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The container asks for its own health without a proxy.
        if settings.TRUSTED_PROXIES and not request.path_info.startswith("/health/"):
            address = client_address(request, settings.TRUSTED_PROXIES)
            if not address or not request.headers.get("X-Forwarded-Proto"):
                return refused(request)
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def client_address(request: HttpRequest, proxies: int) -> str:
    """Return the address that the outermost trusted proxy was asked from, or "" without one."""
    entries = request.headers.get("X-Forwarded-For", "").split(",")
    try:
        return str(ipaddress.ip_address(entries[-proxies].strip()))
    except (IndexError, ValueError):
        return ""


def refused(request: HttpRequest) -> HttpResponse:
    logger.error("A request came without the headers of TRUSTED_PROXIES: see docs/proxies.md")
    with translation.override(translation.get_language_from_request(request)):
        sentence = _(
            "The proxy in front of this portal does not report who is asking. Its "
            "administrator sets X-Forwarded-For and X-Forwarded-Proto there, as "
            "docs/proxies.md shows."
        )
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=400)
