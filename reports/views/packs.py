"""The pack of a meeting, by an address that stays while the pack is made anew."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.models import Audience, Meeting
from kernel.languages import active_language, language_rank
from kernel.pages import Request
from reports.kinds import kind_of
from reports.models import About, DocumentKind, Rendition
from reports.permissions.documents import audiences_offered, visible_renditions
from reports.services.packs import PACKS
from reports.views.documents import documents_url, thing_or_404

# The one that holds most comes first, then the one for all members.
FULLEST = (Audience.COORDINATION, Audience.VOTING, Audience.COMMITTEE)


@require_safe
def meeting_pack(request: Request, pk: int) -> HttpResponse:
    """Lead to the fullest pack that is ready for the reader, in their language if there is one; else
    to the documents of the meeting."""
    meeting = thing_or_404(request.user, "meeting", pk)
    assert isinstance(meeting, Meeting)  # by its name
    if found := best_pack(request.user, meeting):
        return redirect("reports:download", found.pk)
    if meeting.is_announced:
        messages.info(
            request,
            _("The meeting pack is being prepared. Come back to this page in a few minutes."),
        )
    return redirect(documents_url(About(meeting, DocumentKind.PACK)))


def best_pack(reader: User, meeting: Meeting) -> Rendition | None:
    """Return the newest pack of the fullest audience; one with its papers before one without."""
    # One with papers is out of date once all of them were taken out.
    kinds = [kind for kind in PACKS if kind_of(one := About(meeting, kind)).applies(one)]
    about = About(meeting, DocumentKind.PACK)
    audiences = audiences_offered(reader, about, FULLEST)
    ready = visible_renditions(reader, meeting).ready().select_related("snapshot")
    packs = ready.filter(snapshot__kind__in=kinds, audience__in=audiences, is_draft=False)

    def place(pack: Rendition) -> tuple[bool, int, int, int]:
        kind = PACKS.index(DocumentKind(pack.snapshot.kind))
        is_foreign = pack.language != active_language()
        return is_foreign, language_rank(pack.language), audiences.index(pack.audience), kind

    newest_first = packs.defer("snapshot__data").order_by("-pk")
    return min(newest_first, key=place, default=None)
