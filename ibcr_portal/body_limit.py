"""Refuses a body that is too large before any of it is kept, whatever the web server.

Nothing but the announced size is looked at: Django never reads more than was announced, and reads
nothing of a body of unannounced length.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.links import LinkNotValid
from accounts.models import AccessLink
from kernel.formats import file_size
from projects.models import Proposal
from reports.views.verifying import READ_AT_MOST

Handler = Callable[[HttpRequest], HttpResponse]

# Pages whose form takes files: up to settings.UPLOAD_LIMIT, from people who are signed in or
# whose link is valid.
TAKE_FILES = {
    *("accounts:access-log-check", "calls:proposal", "organisation"),
    "partners:agreement-file-create",
    *("committees:action-link", "committees:action-progress", "committees:attendance-upload"),
    *("committees:committee-document-create", "committees:item-document-create"),
    *("committees:meeting-document-create", "committees:plan-workbook"),
    *("projects:amendment-file-create", "projects:amendment-step", "projects:call-document-create"),
    *("projects:duty-done", "projects:evidence-create", "projects:framework-workbook"),
    *("projects:grant-report-submit", "projects:iati-import", "projects:import"),
    *("projects:intake", "projects:scan-add", "projects:advance-link"),
    "projects:translations-import",
    *("projects:advance-voucher-create", "projects:advance-voucher-edit"),
    *("projects:donor-form-create", "projects:donor-form-edit"),
    *("projects:mail-note-link", "projects:request", "projects:request-link"),
    *("projects:value-cells", "projects:value-create", "projects:value-edit"),
    *("reports:filed-create", "reports:filed-version"),
    *("reports:preset-template-create", "reports:preset-template-edit"),
    *("reports:remark-create", "reports:remark-enter", "reports:step"),
}
# Open to visitors, but nothing of what it reads is stored.
READS_AND_FORGETS = {"reports:verify": READ_AT_MOST}


class BodyLimitMiddleware:
    """Comes before CsrfViewMiddleware, which is the first to read a body."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        announced = request.META.get("CONTENT_LENGTH") or ""
        if not announced and "HTTP_TRANSFER_ENCODING" in request.META:
            return refused(
                request,
                _("Your program did not announce how much it was sending: send it from a browser."),
                411,
            )
        size = int(announced) if announced.isdecimal() else 0
        if size <= settings.BODY_LIMIT:
            return None
        match = request.resolver_match
        assert match is not None  # a view is about to answer
        limit = READS_AND_FORGETS.get(match.view_name, settings.BODY_LIMIT)
        if match.view_name in TAKE_FILES:
            if refusal := refuse_stranger(request, kwargs.get("token")):
                return refusal
            limit = settings.UPLOAD_LIMIT
        if size <= limit:
            return None
        sentence = _(
            "You sent %(size)s, but this page accepts at most %(limit)s: nothing was "
            "saved. Go back and send less, such as a smaller file."
        )
        facts = {"size": file_size(size), "limit": file_size(limit)}
        if request.user.is_authenticated and size <= 4 * settings.UPLOAD_LIMIT:
            pass_over(request)
        return refused(request, sentence % facts)


def pass_over(request: HttpRequest) -> None:
    """Read the body without keeping any of it: a browser shows no answer before it sent all."""
    while request.read(1 << 16):
        pass


def refused(request: HttpRequest, reason: str, status: int = 413) -> HttpResponse:
    return render(request, "413.html", {"reason": reason}, status=status)


def refuse_stranger(request: HttpRequest, token: str | None) -> HttpResponse | None:
    """Refuse a file from somebody who neither signed in nor has a valid link. Raises LinkNotValid
    if they came by another link."""
    if request.user.is_authenticated or is_valid_link(token or ""):
        return None
    if token:
        raise LinkNotValid
    return refused(
        request,
        _("You were signed out in the meantime: nothing was recorded. Sign in and send it again."),
    )


def is_valid_link(token: str) -> bool:
    """Whether it opens anything. The page itself asks whether it is for this purpose."""
    return bool(token) and (
        AccessLink.objects.valid().with_token(token).exists()
        or Proposal.objects.opened_by(token) is not None
    )
