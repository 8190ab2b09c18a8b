"""The agenda of a meeting as a page shows it: items with links, documents and what was resolved,
the time that they take, and what members propose."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from committees.agenda.services.proposals import TAKES_PROPOSALS
from committees.models import AgendaItem, Document, Meeting, Resolution, Subject
from committees.permissions.meetings import (
    may_edit_meeting,
    may_propose_item,
    visible_documents,
    visible_item_proposals,
    visible_items,
)
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.subjects import subjects_seen


def agenda_context(user: User, meeting: Meeting) -> dict[str, Any]:
    """Return the context of `committees/meeting_agenda.html`, beside the frame of a meeting's
    pages."""
    items = list(visible_items(user, meeting).on_agenda().with_subjects())
    planned = sum(item.minutes_planned or 0 for item in items if item.status not in AgendaItem.OFF)
    documents = documents_of(user, meeting)
    visible = visible_resolutions(user, meeting.committee.project).filter(meeting=meeting)
    resolutions = list(visible.with_related().order_by("pk"))
    return {
        "agenda": agenda_of(user, meeting, items, resolutions, documents),
        "papers": documents[None],
        "planned": planned,
        "over_by": max(planned - meeting.minutes_long, 0) if meeting.time_is_known else 0,
        "takes_proposals": meeting.status in TAKES_PROPOSALS and not meeting.is_past,
        "may_propose": may_propose_item(user, meeting.committee),
        "proposals": proposals_of(user, meeting),
        "may_order": may_edit_meeting(user, meeting) and meeting.agenda_is_open and len(items) > 1,
    }


def documents_of(user: User, meeting: Meeting) -> dict[int | None, list[Document]]:
    """Return the documents by item; those of the meeting as a whole are under None."""
    documents = visible_documents(user, meeting.committee.project).filter(meeting=meeting)
    by_item = defaultdict(list)
    for document in documents.with_related():
        by_item[document.agenda_item_id].append(document)
    return by_item


def proposals_of(user: User, meeting: Meeting) -> list[AgendaItem]:
    """Return the proposals that are not on the agenda: unanswered ones first, then those declined."""
    proposals = visible_item_proposals(user, meeting.committee.project).filter(
        meeting=meeting, status__in=AgendaItem.NOT_ON_AGENDA
    )
    return list(proposals_with_seats(proposals).order_by("-status", "pk"))


def proposals_with_seats(proposals: Any) -> Any:
    related = proposals.select_related("meeting__committee", "proposed_seat__institution")
    return related.prefetch_related("proposed_seat__institution__names")


def agenda_of(
    user: User,
    meeting: Meeting,
    items: list[AgendaItem],
    resolutions: list[Resolution],
    documents: dict[int | None, list[Document]] | None = None,
) -> list[dict[str, Any]]:
    """Return each item with its resolutions and documents, and the links that the reader may
    follow."""
    project = meeting.committee.project
    seen = subjects_seen(user, project, [*subjects_of(items), *subjects_of(resolutions)])
    by_item = defaultdict(list)
    for resolution in resolutions:
        by_item[resolution.agenda_item_id].append(
            {"resolution": resolution, "links": links_of(resolution.subjects.all(), seen)}
        )
    return [
        {
            "item": item,
            "links": links_of(item.subjects.all(), seen),
            "documents": (documents or {}).get(item.pk, []),
            "resolutions": by_item[item.pk],
            "is_first": index == 0,
            "is_last": index == len(items) - 1,
        }
        for index, item in enumerate(items)
    ]


def subjects_of(owners: Iterable[AgendaItem | Resolution]) -> list[Subject]:
    return [subject for owner in owners for subject in owner.subjects.all()]


def links_of(subjects: Iterable[Subject], seen: set[int]) -> list[dict[str, str]]:
    return [
        {
            "label": subject.label,
            "url": subject.thing.get_absolute_url(),
            "note": subject.note,
        }
        for subject in subjects
        if subject.pk in seen
    ]
