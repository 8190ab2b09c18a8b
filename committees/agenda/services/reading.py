"""Reads an agenda as pages show it to one reader: its items and resolutions, what they are about,
the documents, and what members proposed."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import AgendaItem, Document, Meeting, Resolution, Subject
from committees.models.agenda import AgendaItemQuerySet
from committees.models.document import DocumentQuerySet
from committees.models.resolution import ResolutionQuerySet
from committees.permissions.meetings import (
    items_to_show,
    may_edit_meeting,
    may_propose_item,
    proposals_seen,
)
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of, seats_held
from committees.permissions.subjects import visible_subjects
from kernel.lifecycle import StatusChange
from kernel.prepared import Moment, prepared
from kernel.text import columns_of
from partners.reading import named_institutions
from projects.permissions.roles import TEAM, Role, roles_of


class Agenda:
    """The agenda of a meeting as pages show it to one reader. Each part is read when a page first
    uses it."""

    def __init__(self, user: User, meeting: Meeting) -> None:
        self.user, self.meeting, self.project = user, meeting, meeting.committee.project

    @cached_property
    def items(self) -> list[AgendaItem]:
        items = items_to_show(self.user, self.meeting)
        for item in items:
            item.meeting = self.meeting
        return items

    @cached_property
    def resolutions(self) -> list[Resolution]:
        if not self.meeting.has_resolutions:
            return []
        roles = roles_of(self.user, self.project)
        left = resolutions_left(self.user, [self.project], roles)
        audiences = audiences_of(self.user, self.project)
        found = _resolutions(self.meeting.pk, [self.project.pk], roles, audiences, *left)
        institutions = named_institutions(one.addressee_id for one in found)
        for one in found:
            one.meeting = self.meeting
            if one.addressee_id:
                one.addressee = institutions[one.addressee_id]
        return found

    @cached_property
    def proposals(self) -> list[AgendaItem]:
        """What members proposed and is not on the agenda, for the coordination and for them."""
        user, committee = self.user, self.meeting.committee
        if not (may_propose_item(user, committee) or may_edit_meeting(user, self.meeting)):
            return []
        seats = [term.seat_id for term in seats_held(user, self.project)]
        for_team = bool(roles_of(user, self.project) & TEAM)
        found = _proposals(self.meeting.pk, for_team, seats)
        proposing = [one.proposed_seat for one in found if one.proposed_seat]
        institutions = named_institutions(seat.institution_id for seat in proposing)
        for seat in proposing:
            seat.institution = institutions[seat.institution_id]
        for one in found:
            one.meeting = self.meeting
        return found

    @cached_property
    def subjects(self) -> list[Subject]:
        """What the items and resolutions are about, as far as the reader may see it."""
        about = Q(agenda_item__in=[item.pk for item in self.items])
        about |= Q(resolution__in=[one.pk for one in self.resolutions])
        subjects = Subject.objects.filter(about).with_things_shown()
        return visible_subjects(self.user, self.project, subjects)

    def news(self, changes: Iterable[StatusChange]) -> dict[int, str]:
        """Return, by item, whether somebody else added or changed it since the reader marked the
        news as read. `changes` are the steps of the meeting: what was written before it was
        convened is new with it."""
        if self.meeting.is_draft:
            return {}
        convened = [one.recorded_at for one in changes if one.to_status == Meeting.Status.CONVENED]
        news: dict[int, str] = {}
        written = _written(self.meeting.pk, Moment(self.user.new_since), self.user.pk)
        for item, moment, kind in written:
            if not convened or moment > max(convened):
                news[item] = "+" if "+" in (kind, news.get(item)) else kind
        return news

    def is_new(self, document: Document) -> bool:
        is_own = document.added_by_id == self.user.pk
        return not is_own and document.uploaded_at > self.user.new_since

    def documents(self) -> dict[int | None, list[Document]]:
        """Return the documents by item; those of the meeting as a whole are under None."""
        by_item: dict[int | None, list[Document]] = defaultdict(list)
        if not self.meeting.has_documents:
            return by_item
        shown = {None, *(item.pk for item in self.items if item.is_on_agenda)}
        for document in _documents(self.meeting.pk, audiences_of(self.user, self.project)):
            if document.agenda_item_id in shown:
                document.meeting, document.committee = self.meeting, self.meeting.committee
                document.is_new = self.is_new(document)
                by_item[document.agenda_item_id].append(document)
        return by_item


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
def _documents(meeting: int, audiences: frozenset[str]) -> DocumentQuerySet:
    return Document.objects.filter(meeting=meeting, audience__in=audiences)


@prepared
def _written(meeting: int, since: Moment, reader: int) -> QuerySet[Any, tuple[int, Any, str]]:
    """Read what others wrote of the agenda since that moment: item, moment, and "+" for a new one."""
    rows = AgendaItem.history.filter(meeting=meeting, history_date__gt=since.value)
    by_others = Q(history_user=None) | ~Q(history_user=reader)
    columns = ("id", "history_date", "history_type")
    found: QuerySet[Any, tuple[int, Any, str]] = rows.filter(by_others).values_list(*columns)
    return found.order_by("history_id")


@prepared
def _proposals(meeting: int, for_team: bool, seats: list[int]) -> AgendaItemQuerySet:
    """Read the proposals that are not on the agenda: unanswered ones first, then those declined."""
    rows = proposals_seen(for_team, seats).filter(
        meeting=meeting, status__in=AgendaItem.NOT_ON_AGENDA
    )
    columns = (
        *("meeting", "purpose", "status", "minutes_planned", "audience", "proposal_reason"),
        *("proposal_answer", "proposed_seat__institution"),
        *("proposed_seat__number", *columns_of("title", "proposed_seat__label")),
    )
    return rows.select_related("proposed_seat").only(*columns).order_by("-status", "pk")
