"""The page on which an administrator sees how the portal is doing, and what to do."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ibcr_portal.observing.state import OK, state_now
from ibcr_portal.observing.words import read
from kernel.pages import Request
from reports.models import Rendition
from reports.services.sweeping import needing_a_person

SHOWN = 10


@require_safe
def system(request: Request) -> HttpResponse:
    if not request.user.is_staff:
        raise Http404
    state = state_now()
    by_need = sorted(state.lines, key=lambda line: line.status == OK)
    failed = needing_a_person() if state.can_serve else Rendition.objects.none()
    context = {
        "title": _("How the portal is doing"),
        "failed": failed.with_related().order_by("requested_at")[:SHOWN],
        "failed_count": failed.count(),
        "lines": [read(line) for line in by_need],
        "troubles": len(state.troubles),
        "sends_mail": settings.SENDS_MAIL,
    }
    return render(request, "ibcr_portal/observing/system.html", context)
