"""Makes the packs of convened meetings before anybody asks: one for each audience that reads
something of its own, in the languages of the project, and anew when agenda or papers have changed."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from committees.models import AgendaItem, Audience, Document, Meeting, Minutes, Subject
from kernel.text import columns_of
from reports.compose.reading import READS
from reports.kinds import MEETING, kind_of
from reports.models import (
    About,
    DocumentKind,
    MeetingPack,
    Rendition,
    RenditionRequest,
    hash_of,
)
from reports.models.rendition import RenditionQuerySet
from reports.services.requesting import document_languages, request_renditions

logger = logging.getLogger(__name__)

PACKS = (DocumentKind.WHOLE_PACK, DocumentKind.PACK)
# Before the documents of the day are deleted.
KEPT = timedelta(days=Rendition.DAYS_KEPT - 5)

OF_THE_MEETING = (
    *("kind", "mode", "number", "starts_at", "ends_at", "time_zone", "time_is_known", "place"),
    "is_second_call",
)
OF_AN_ITEM = (
    *("meeting", "pk", "position", "audience", "purpose", "minutes_planned", "presenter"),
    *columns_of("title", "briefing"),
)
OF_A_PAPER = ("meeting", "pk", "agenda_item", "audience", "title", "language", "sha256")
OF_A_SUBJECT = (
    *("agenda_item__meeting", "pk", "plan__status", "plan__terms_changed_at"),
    "last_position",
)


def prepare_packs() -> None:
    """Request the packs of all meetings that were convened and are to come, where they are missing
    or their agenda or papers have changed."""
    convened = (Meeting.Status.CONVENED, Meeting.Status.FROZEN)
    coming = Meeting.objects.upcoming().filter(status__in=convened).with_related().order_by("pk")
    meetings = list(coming)
    facts = facts_of(meetings)
    known = {row.meeting_id: row for row in MeetingPack.objects.filter(meeting__in=meetings)}
    for meeting in meetings:
        row, now = known.get(meeting.pk), facts[meeting.pk]
        if row and row.facts == row.seen == now and row.made_at > timezone.now() - KEPT:
            continue
        try:
            prepare(meeting, now)
        except Exception:  # one pack that cannot be requested must not stop the others
            logger.exception("The packs of %s could not be requested", meeting.pk)


@transaction.atomic
def prepare(meeting: Meeting, facts: str) -> None:
    """Request the packs of a meeting, or wait if somebody is changing its agenda.

    Packs that show what was changed are removed at once: a paper may have been taken out of them
    for a reason.
    """
    row, is_new = MeetingPack.objects.select_for_update().get_or_create(
        meeting=meeting, defaults={"seen": facts}
    )
    if not is_new and row.facts != facts:
        unasked(meeting).delete()
    if row.seen != facts:
        row.seen, row.facts = facts, ""
        row.save(update_fields=["seen", "facts"])
        return
    for audience in audiences_apart(meeting):
        about = About(meeting, DocumentKind.WHOLE_PACK)
        if not kind_of(about).applies(about):
            about = About(meeting, DocumentKind.PACK)
        languages = document_languages(about.project)
        request_renditions(about, languages, audience=audience, by=None)
    row.facts, row.made_at = facts, timezone.now()
    row.save(update_fields=["facts", "made_at"])


def unasked(meeting: Meeting) -> RenditionQuerySet:
    """Return the packs that the portal made by itself and nobody asked for."""
    asked = RenditionRequest.objects.values("rendition")
    packs = Rendition.objects.filter(
        snapshot__meeting=meeting, snapshot__kind__in=PACKS, requested_by=None
    )
    return packs.current().exclude(pk__in=asked)


def audiences_apart(meeting: Meeting) -> list[str]:
    """Return the committee, and each other audience of packs that reads an item or a paper which
    the committee does not."""
    papers = meeting.documents.filter(category=Document.Category.PAPER)
    used = set(meeting.items.on_agenda().values_list("audience", flat=True))
    used |= set(papers.values_list("audience", flat=True))
    reserved = used - READS[Audience.COMMITTEE]
    return [
        audience
        for audience in MEETING
        if audience == Audience.COMMITTEE or reserved & READS[Audience(audience)]
    ]


def facts_of(meetings: Iterable[Meeting]) -> dict[int, str]:
    """Return, by meeting, the hash of what its packs say of the agenda and the papers, of the plans on
    it with their positions, and of how far the minutes of the meetings before are."""
    meetings = list(meetings)
    facts: dict[int, list[Any]] = defaultdict(list)
    for meeting in meetings:
        facts[meeting.pk].append([str(getattr(meeting, name)) for name in OF_THE_MEETING])
    items = AgendaItem.objects.on_agenda().filter(meeting__in=meetings)
    papers = Document.objects.filter(meeting__in=meetings, category=Document.Category.PAPER)
    subjects = Subject.objects.filter(agenda_item__meeting__in=meetings).annotate(
        last_position=Max("plan__positions")
    )
    for rows, columns in ((items, OF_AN_ITEM), (papers, OF_A_PAPER), (subjects, OF_A_SUBJECT)):
        for pk, *values in rows.order_by("pk").values_list(*columns):
            facts[pk].append([str(value) for value in values])
    minutes = Minutes.objects.filter(meeting__committee__in={one.committee_id for one in meetings})
    by_committee = defaultdict(list)
    for committee, *values in minutes.order_by("pk").values_list(
        "meeting__committee", "pk", "status"
    ):
        by_committee[committee].append(values)
    return {
        meeting.pk: hash_of({"facts": [*facts[meeting.pk], by_committee[meeting.committee_id]]})
        for meeting in meetings
    }
