"""Pages for administrators: what mail came in, and what became of it. Nobody else's words are shown."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent, IncomingMail
from accounts.permissions import may_read_incoming_mail
from kernel.pages import Request, page_of


@require_safe
def incoming(request: Request) -> HttpResponse:
    if not may_read_incoming_mail(request.user):
        raise Http404
    rows = IncomingMail.objects.defer("content").select_related("content_type")
    return render(request, "accounts/incoming.html", {"page": page_of(request, rows, 50)})


@require_safe
def incoming_message(request: Request, pk: int) -> HttpResponse:
    """Hand out a message that nothing could read, as a file: no browser shows it."""
    if not may_read_incoming_mail(request.user):
        raise Http404
    row = get_object_or_404(IncomingMail.objects.quarantined().exclude(content=None), pk=pk)
    if request.method == "GET":
        AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=row)
    response = HttpResponse(bytes(row.content or b""), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="message-{row.pk}.eml"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
