"""Reads an agenda as pages show it to one reader: its items and resolutions, what they are about,
the documents, and what members proposed."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from django.db.models import Q

from accounts.models import User
from committees.models import AgendaItem, Document, Meeting, Resolution, Subject
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
from kernel.text import columns_of
from partners.reading import named_institutions
from projects.permissions.roles import TEAM, roles_of

PROPOSED = (
    *("meeting", "purpose", "status", "minutes_planned", "audience", "proposal_reason"),
    *("proposal_answer", "proposed_seat__institution"),
    *("proposed_seat__number", *columns_of("title", "proposed_seat__label")),
)


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
        seen = resolutions_seen([self.project.pk], roles, audiences, *left)
        found = list(seen.filter(meeting=self.meeting).to_show().order_by("pk"))
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
        # Unanswered ones first, then those declined.
        rows = proposals_seen(for_team, seats).filter(
            meeting=self.meeting, status__in=AgendaItem.NOT_ON_AGENDA
        )
        found = list(rows.select_related("proposed_seat").only(*PROPOSED).order_by("-status", "pk"))
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
        written = AgendaItem.history.filter(
            Q(history_user=None) | ~Q(history_user=self.user.pk),
            meeting=self.meeting.pk,
            history_date__gt=self.user.new_since,
        ).order_by("history_id")
        for item, moment, kind in written.values_list("id", "history_date", "history_type"):
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
        audiences = audiences_of(self.user, self.project)
        for document in self.meeting.documents.filter(audience__in=audiences):
            if document.agenda_item_id in shown:
                document.meeting, document.committee = self.meeting, self.meeting.committee
                document.is_new = self.is_new(document)
                by_item[document.agenda_item_id].append(document)
        return by_item
