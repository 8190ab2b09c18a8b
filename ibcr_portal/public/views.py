"""The front page for visitors, and what search engines read."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.links import absolute_url
from ibcr_portal.public.pages import in_each_language, paths, robots
from projects.calls.deadlines import deadline_text
from projects.models import CallForProposals
from reports.forms.documents import VerifyCodeForm
from reports.services.published import published_documents


def front(request: HttpRequest) -> HttpResponse:
    """Show a visitor who runs the portal, and all that anybody may read here."""
    calls = CallForProposals.objects.open().select_related("project").order_by("closes_at")
    context = {
        "calls": [{"call": call, "deadline": deadline_text(call)} for call in calls],
        "documents": published_documents(),
        "form": VerifyCodeForm(),
    }
    return render(request, "ibcr_portal/public/front.html", context)


@login_not_required
@require_safe
def robots_file(request: HttpRequest) -> HttpResponse:
    return HttpResponse(robots(), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    pages = [(absolute_url(path), in_each_language(path)) for path in paths()]
    return render(
        request,
        "ibcr_portal/public/sitemap.xml",
        {"pages": pages},
        content_type="application/xml",
    )
