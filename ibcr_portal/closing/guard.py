"""A closed project is only read: whatever page somebody sends a form to, they read why it is not saved.

There are some 400 pages that change something, and each new one is covered as well: which project an
address is about is known for names anyway (`ibcr_portal.naming`).
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from accounts.models import User
from ibcr_portal.closing.refusal import ProjectIsClosed
from ibcr_portal.naming import is_about_project, project_of
from ibcr_portal.views import permission_denied
from projects.models import Project
from projects.permissions.roles import place_of, sees_project

Handler = Callable[[HttpRequest], HttpResponse]

# What changes nothing of the project: asking for documents and archives, reopening, what protects
# persons and institutions, and what an auditor draws.
STILL_OPEN = frozenset(
    {
        "projects:closing",
        "projects:closing-reopen",
        "reports:archive-request",
        "reports:archive-edition",
        "reports:archive-cancel",
        "reports:archive-retry",
        "reports:document-request",
        "reports:request",
        "reports:rendition-cancel",
        "reports:rendition-retry",
        "reports:supersede",
        "reports:link-revoke",
        "projects:exchange-publish",
        "projects:exchange-withdraw",
        "projects:representation-end",
        "projects:representation-keep",
        "projects:samples",
        "committees:minutes-annex-destroy",
    }
)


class IsRefused(Protocol):
    """Whether the page at a path, or else what is sent to it, would be refused."""

    def __call__(self, path: str, *, is_page: bool) -> bool: ...


class ClosedProjectMiddleware:
    """Comes last, once it is known who asks and that they may be here at all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method in {"GET", "HEAD"} and response.status_code == 200:
            # The page has noted its project: nothing is asked.
            place = place_of(request.user) if isinstance(request.user, User) else None
            if place and place.closed_on:
                if _is_form(request):  # nobody types what cannot be saved
                    return permission_denied(request, ProjectIsClosed(place))
                leave_out_refused(response, partial(_is_refused, project=place))
        return response

    def process_view(
        self, request: HttpRequest, view: Handler, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"} or _is_open(request):
            return
        user = request.user
        if not (isinstance(user, User) and user.is_authenticated):
            return  # whoever comes by a link: links of a closed project open nothing
        project = project_of(request)
        if project and project.closed_on and sees_project(user, project):
            raise ProjectIsClosed(project)


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or match.view_name in STILL_OPEN


def _is_form(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and getattr(match.func, "has_form", False)) and not _is_open(request)


# No link and no form holds another one, and the pages write their attributes in quotes.
MAIN = re.compile(r"<main\b.*?</main>", re.DOTALL)
LINK = re.compile(r'<a\b([^>]*\bhref="(/[^"?#]*)[^>]*)>(.*?)</a>', re.DOTALL)
FORM = re.compile(r"<form\b([^>]*)>.*?</form>", re.DOTALL)
ACTION = re.compile(r'\baction="(/[^"?#]*)')
BUTTON = re.compile(r"<button\b.*?</button>", re.DOTALL)
# A card of which only the heading is left.
BARE = re.compile(
    r'<section class="card[^>]*>\s*<h2[^>]*>[^<]*</h2>\s*(?:</?(?:ul|li|p|div)\b[^>]*>\s*)*</section>'
)
# Before a link that is the name of something, or a word of a sentence.
NAMES = re.compile(r'(<(th|dt|b|strong|h\d)\b[^>]*>|class="what"[^>]*>|[^>·\s])\s*\Z')
# Points between links of which one is gone.
POINTS = re.compile(r"(<(?:td|p|div)\b[^>]*>)(?:\s*·)+|(?:\s*·)+(\s*</(?:td|p|div)>)|·(?=\s*·)")


def leave_out_refused(response: HttpResponse, is_refused: IsRefused) -> None:
    """Take away the buttons that would only lead to a refusal, on whatever page they are.

    What is there to read stays: the words of a name or sentence, and what a form is around.
    """
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return

    def link(found: re.Match[str]) -> str:
        attributes, path, text = found.groups()
        if not is_refused(path, is_page=True):
            return found[0]
        is_button = re.search(r'class="[^"]*\bbtn\b', attributes)
        before = found.string[max(found.start() - 200, 0) : found.start()]
        is_listed = found.string.startswith(",", found.end())
        is_name = is_listed or 'class="what"' in attributes or NAMES.search(before)
        return text if is_name and not is_button else ""

    def form(found: re.Match[str]) -> str:
        sent_to = ACTION.search(found[1]) if 'method="post"' in found[1] else None
        if not sent_to or not is_refused(sent_to[1], is_page=False):
            return found[0]
        return BUTTON.sub("", found[0]) if re.search(r"<(table|[uod]l)\b", found[0]) else ""

    def main(found: re.Match[str]) -> str:
        return BARE.sub("", POINTS.sub(_around, LINK.sub(link, FORM.sub(form, found[0]))))

    response.content = MAIN.sub(main, response.text)


def _around(points: re.Match[str]) -> str:
    return points[1] or points[2] or ""


def _is_refused(path: str, *, project: Project, is_page: bool) -> bool:
    """Tell whether a page of a closed project, or what is sent to it, would be refused."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    if match.view_name in STILL_OPEN or (is_page and not getattr(match.func, "has_form", False)):
        return False
    return is_about_project(match) and match.kwargs.get("code", project.code) == project.code
