"""Pages over all apps: home, health, privacy, and what is shown when something fails."""

import logging
import sys
from urllib.parse import quote

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.kept import is_kept
from accounts.links import LinkNotValid
from accounts.models import User
from accounts.retention import retention_rules
from accounts.services import record_refusal
from ibcr_portal.closing.refusal import ProjectIsClosed
from ibcr_portal.home import home_for
from ibcr_portal.naming import project_of
from ibcr_portal.public.views import front
from kernel.events import current_request_id
from kernel.files import FileGone
from kernel.pages import Crumb, already_undone
from kernel.storage import StorageUnavailable
from projects.models import Project
from projects.permissions.roles import sees_project

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person, or to a visitor what is public."""
    if not isinstance(request.user, User):
        return front(request)
    return render(request, "ibcr_portal/home.html", {"home": home_for(request.user)})


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Asked by the container: the process answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    title = _("Privacy")
    context = {"title": title, "crumbs": [Crumb(title)], "rules": retention_rules()}
    return render(request, "ibcr_portal/privacy.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    # The project, too, so that its auditors find the refusal among its events. A middleware may
    # have refused before anybody was known.
    project = project_of(request) if hasattr(request, "user") else None
    record_refusal(request, status=403, thing=project)
    closed = exception.project if isinstance(exception, ProjectIsClosed) else None
    context = {"reason": str(exception), "closed": closed}
    response = render(request, "403.html", context, status=403)
    if is_kept(request):  # the phone shows the sentence beside what was typed
        response.headers["X-Reason"] = quote(str(exception))
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if hidden := hidden_project(request):
        record_refusal(request, status=404, thing=hidden)
    elif answer := already_undone(request):
        return answer
    link = isinstance(exception, LinkNotValid)
    reason = str(exception) if isinstance(exception, FileGone) else ""
    template = "accounts/link_not_valid.html" if link else "404.html"
    return render(request, template, {"reason": reason}, status=404)


def hidden_project(request: HttpRequest) -> Project | None:
    """Return the project in the address, if there is one that this person may not see."""
    code = request.resolver_match.kwargs.get("code") if request.resolver_match else None
    user = getattr(request, "user", None)  # missing if a middleware before it refused
    # PostgreSQL cannot even be asked for a text with NUL.
    if not code or "\x00" in code or not isinstance(user, User):
        return None
    project = Project.objects.filter(code=code).first()
    return None if project and sees_project(user, project) else project


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("CSRF check failed: %s", reason)
    record_refusal(request, status=403, check="csrf")
    response = render(request, "403_csrf.html", status=403)
    response.headers["X-Refused"] = "csrf"  # no reason for a phone to remove what it keeps
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Say what to do, without database, session or context processors.

    Django calls it while the exception is handled, so a database or a storage that is down can be
    told from a fault of ours.
    """
    error = sys.exc_info()[1]
    down = isinstance(error, OperationalError | InterfaceError)
    storage = str(error) if isinstance(error, StorageUnavailable) else ""
    with translation.override(translation.get_language_from_request(request)):
        page = render_to_string(
            "500.html",
            {
                "request_id": current_request_id.get(""),
                "database_is_down": down,
                "storage": storage,
            },
        )
    return HttpResponse(page, status=503 if down or storage else 500)
