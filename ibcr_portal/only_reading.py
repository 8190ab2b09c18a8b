"""Somebody whose access is going to end only reads until then, whatever page they send something to and
whatever file they ask for: each new page is covered as well."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from accounts.models import User
from ibcr_portal.closing.guard import leave_out_refused
from ibcr_portal.naming import is_about_project, project_of
from ibcr_portal.views import permission_denied
from projects.models import Project
from projects.only_reading import OnlyReads
from projects.permissions.roles import has_announced_end, only_reads, place_of, set_acting

Handler = Callable[[HttpRequest], HttpResponse]

# What stays open: to leave at once, and to refuse the announced end of a colleague.
STILL_OPEN = frozenset({"projects:representation-end", "projects:representation-keep"})
# Pages that hand out a file, beside the workbooks of lists (`kernel.records`). One that is not here is
# refused as well, but only after the log has noted it; `tests/test_access.py` finds it.
FILES = frozenset(
    {
        *("due-export", "portfolio-export"),
        "partners:agreement-file",
        *("projects:framework-export", "projects:exchange-file"),
        *("projects:amendment-file", "projects:duty-file", "projects:evidence-file"),
        *("projects:advance-voucher-file", "projects:grant-report-file", "projects:value-file"),
        *("committees:document-download", "committees:note-file"),
        *("reports:archive-download", "reports:document-text", "reports:document-word"),
        *("reports:download", "reports:rendition-text", "reports:pack"),
        *("reports:file", "reports:filed-file"),
    }
)


class OnlyReadingMiddleware:
    """Comes last, once it is known who asks and that they may be here at all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = request.user
        if not isinstance(user, User) or request.method not in {"GET", "HEAD"}:
            return response
        # Nothing is asked for those whose roles here go on.
        is_shown = response.status_code == 200 and has_announced_end(user)
        place = place_of(user) if is_shown else None
        if place is None or _stays_open(request) or not only_reads(user, place):
            return response
        match = request.resolver_match
        if _is_file(response) or (match and _has_form(match.func)):
            if isinstance(response, FileResponse) and response.file_to_stream:
                response.file_to_stream.close()
            return permission_denied(request, OnlyReads(user, place))
        leave_out_refused(response, partial(_is_refused, project=place))
        return response

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or match is None or _stays_open(request):
            return  # of whoever comes by a link, `accounts.links` asks
        if request.method in {"GET", "HEAD", "OPTIONS"} and not _hands_out_file(match):
            return
        set_acting(user)
        project = project_of(request)
        if project and only_reads(user, project):
            raise OnlyReads(user, project)


def _stays_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or match.view_name in STILL_OPEN


def _has_form(view: Callable[..., Any]) -> bool:
    return bool(getattr(view, "has_form", False))


def _hands_out_file(match: ResolverMatch) -> bool:
    return match.view_name in FILES or getattr(match.func, "is_file", False)


def _is_file(response: HttpResponse) -> bool:
    return response.get("Content-Disposition", "").startswith("attachment")


def _is_refused(path: str, *, project: Project, is_page: bool) -> bool:
    try:
        match = resolve(path)
    except Resolver404:
        return False
    if match.view_name in STILL_OPEN:
        return False
    if _hands_out_file(match):
        return True
    is_sent = not is_page or _has_form(match.func)
    is_here = match.kwargs.get("code", project.code) == project.code
    return is_sent and is_about_project(match) and is_here
