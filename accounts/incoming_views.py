"""Pages for administrators: what mail came in, and what became of it. Nobody else's words are shown."""

from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import AccessEvent, IncomingMail
from accounts.permissions import may_read_incoming_mail
from kernel.cells import NOTHING, Cell, Chip, Column, Empty
from kernel.pages import Request
from kernel.records import RecordPages


class IncomingPages(RecordPages[IncomingMail]):
    model, name, names = IncomingMail, "incoming-message", "incoming"
    namespace, prefix = "accounts:", "mail/"
    title = gettext_lazy("Incoming mail")
    rows_on_a_page = 50

    def find_place(self) -> None:
        if not may_read_incoming_mail(self.request.user):
            raise Http404

    def rows(self) -> QuerySet[IncomingMail]:
        return IncomingMail.objects.defer("content").select_related("content_type")

    def columns(self) -> list[Column]:
        return [
            Column("received", _("Received"), attrgetter("received_at")),
            Column("kind", _("Kind"), lambda mail: mail.get_kind_display()),
            Column("about", _("About"), lambda mail: mail.about or NOTHING),
            Column("outcome", _("What became of it"), outcome_cell),
        ]

    def empty(self) -> Empty:
        text = _("Answers by e-mail and from calendars come here, once INBOUND_ADDRESS is set.")
        return Empty(_("Nothing has come in yet"), text, icon="envelope")

    def list_context(self, rows: QuerySet[IncomingMail]) -> dict[str, Any]:
        sentence = _(
            "What came in, and what became of it. Only what could not be read is kept, for "
            "administrators."
        )
        return {"facts": [sentence]}


def outcome_cell(mail: IncomingMail) -> Cell:
    notes = [mail.get_reason_display()] if mail.reason else []
    if mail.outcome == IncomingMail.Outcome.QUARANTINED:
        url = reverse("accounts:incoming-message", args=[mail.pk])
        notes.append(format_html('<a href="{}">{}</a>', url, _("Download the message")))
    return Cell(chips=[Chip(mail.get_outcome_display(), mail.tone)], notes=notes)


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
