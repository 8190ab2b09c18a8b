"""The agenda of a meeting as a page shows it: items with links, documents and what was resolved,
the time that they take, and what members propose."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from accounts.models import User
from committees.agenda.services.proposals import TAKES_PROPOSALS
from committees.agenda.views.rows import AgendaRows, line_of
from committees.models import AgendaItem, Document, Meeting, Resolution, Subject
from committees.models.resolution import ResolutionQuerySet
from committees.models.subject import SubjectQuerySet, read_things
from committees.permissions.meetings import (
    documents_of_meeting,
    may_edit_meeting,
    may_propose_item,
    visible_item_proposals,
)
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of
from committees.permissions.subjects import subjects_seen
from kernel.fragments import Fragments
from kernel.pages import Request
from kernel.prepared import prepared
from partners.reading import named_institutions
from projects.permissions.roles import Role, roles_of


def resolutions_of(user: User, meeting: Meeting) -> list[Resolution]:
    """Return the visible resolutions of the meeting with the names of their addressees."""
    if not meeting.has_resolutions:
        return []
    project = meeting.committee.project
    roles = roles_of(user, project)
    left = resolutions_left(user, [project], roles)
    found = _resolutions(meeting.pk, [project.pk], roles, audiences_of(user, project), *left)
    keys = {one.addressee_id for one in found} - {None}
    names = named_institutions(keys) if keys else {}
    for one in found:
        one.meeting = meeting
        one.addressee = names[one.addressee_id] if one.addressee_id else None
    return found


@prepared
def _resolutions(
    meeting: int,
    projects: list[int],
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> ResolutionQuerySet:
    seen = resolutions_seen(projects, roles, audiences, left, left_unless_adopted)
    return seen.filter(meeting=meeting).to_show().order_by("pk")


@prepared
def _subjects(items: list[int], resolutions: list[int]) -> SubjectQuerySet:
    return Subject.objects.filter(Q(agenda_item__in=items) | Q(resolution__in=resolutions))


def agenda_context(
    request: Request, meeting: Meeting, items: list[AgendaItem], resolutions: list[Resolution]
) -> dict[str, Any]:
    """Return the context of `committees/meeting_agenda.html`, beside the frame of a meeting's
    pages, from the items and resolutions that the reader sees."""
    user = request.user
    may_edit = may_edit_meeting(user, meeting)
    proposed = [item for item in items if not item.is_on_agenda]
    items = [item for item in items if item.is_on_agenda]
    planned = sum(item.minutes_planned or 0 for item in items if item.status not in AgendaItem.OFF)
    documents = documents_of(user, meeting, items)
    agenda = agenda_of(user, meeting, items, resolutions)
    for entry in agenda:
        entry["documents"] = documents[entry["item"].pk]
    if may_edit and meeting.agenda_is_open:
        add_tools(request, meeting, agenda)
    return {
        "agenda": agenda,
        "papers": documents[None],
        "planned": planned,
        "over_by": max(planned - meeting.minutes_long, 0) if meeting.time_is_known else 0,
        "takes_proposals": meeting.status in TAKES_PROPOSALS and not meeting.is_past,
        "may_propose": may_propose_item(user, meeting.committee),
        "proposals": proposals_of(user, meeting) if proposed or not may_edit else [],
        "may_order": may_edit and meeting.agenda_is_open and len(items) > 1,
    }


def documents_of(
    user: User, meeting: Meeting, items: list[AgendaItem]
) -> dict[int | None, list[Document]]:
    """Return the documents by item; those of the meeting as a whole are under None."""
    by_item = defaultdict(list)
    for document in documents_of_meeting(user, meeting, items) if meeting.has_documents else ():
        document.meeting, document.committee = meeting, meeting.committee
        by_item[document.agenda_item_id].append(document)
    return by_item


def proposals_of(user: User, meeting: Meeting) -> list[AgendaItem]:
    """Return the proposals that are not on the agenda: unanswered ones first, then those declined."""
    if not may_propose_item(user, meeting.committee) and not may_edit_meeting(user, meeting):
        return []
    proposals = visible_item_proposals(user, meeting.committee.project).filter(
        meeting=meeting, status__in=AgendaItem.NOT_ON_AGENDA
    )
    return list(proposals_with_seats(proposals).order_by("-status", "pk"))


def proposals_with_seats(proposals: Any) -> Any:
    related = proposals.select_related("meeting__committee", "proposed_seat__institution")
    return related.prefetch_related("proposed_seat__institution__names")


def agenda_of(
    user: User, meeting: Meeting, items: list[AgendaItem], resolutions: list[Resolution]
) -> list[dict[str, Any]]:
    """Return each item with its resolutions, and the links that the reader may follow, as rows."""
    rows = AgendaRows()
    by_item = defaultdict(list)
    links = links_to_things(user, meeting, rows, items, resolutions)
    for resolution in resolutions:
        shown = rows.resolution(resolution, links[resolution])
        by_item[resolution.agenda_item_id].append(shown)
    return [
        {
            "item": item,
            "row": rows.item(item),
            "links": line_of(links[item]),
            "resolutions": by_item[item.pk],
        }
        for item in items
    ]


def links_to_things(
    user: User,
    meeting: Meeting,
    rows: AgendaRows,
    items: Iterable[AgendaItem],
    resolutions: Iterable[Resolution],
) -> dict[AgendaItem | Resolution, list[dict[str, str]]]:
    """Return the links that the reader may follow, of each item and resolution."""
    by_key: dict[tuple[str, int], AgendaItem | Resolution]
    by_key = {("item", item.pk): item for item in items}
    by_key |= {("resolution", one.pk): one for one in resolutions}
    subjects = _subjects(
        [key for kind, key in by_key if kind == "item"],
        [key for kind, key in by_key if kind == "resolution"],
    )
    read_things(subjects)
    seen = subjects_seen(user, meeting.committee.project, subjects)
    found: dict[AgendaItem | Resolution, list[dict[str, str]]] = defaultdict(list)
    for subject in subjects:
        kind = "item" if subject.agenda_item_id else "resolution"
        owner = by_key[kind, subject.agenda_item_id or subject.resolution_id or 0]
        found[owner] += rows.links_of([subject], seen)
    return found


def add_tools(request: Request, meeting: Meeting, agenda: list[dict[str, Any]]) -> None:
    """Add to each entry what the coordination may do with the item."""
    tools = Fragments(request, "committees/item_tools.html", meeting=meeting)
    for index, entry in enumerate(agenda):
        item = entry["item"]
        is_empty = not (item.notes or entry["resolutions"] or entry["documents"])
        entry["tools"] = tools.of(
            item.pk,
            status=item.status,
            is_to_decide=item.purpose == AgendaItem.Purpose.DECIDE,
            is_first=index == 0,
            is_last=index == len(agenda) - 1,
            may_be_removed=is_empty and not meeting.agenda_is_frozen,
        )


def subjects_of(owners: Iterable[AgendaItem | Resolution]) -> list[Subject]:
    return [subject for owner in owners for subject in owner.subjects.all()]
