"""Reads an agenda as pages show it to one reader: its items and resolutions, what they are about,
the documents, and what members proposed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from committees.models import AgendaItem, Document, Meeting, Resolution, Subject
from committees.models.agenda import AgendaItemQuerySet
from committees.models.document import DocumentQuerySet
from committees.models.resolution import ResolutionQuerySet
from committees.models.subject import SubjectQuerySet, ThingsAsked
from committees.permissions.meetings import (
    items_asked,
    may_edit_meeting,
    may_propose_item,
    proposals_seen,
)
from committees.permissions.resolutions import resolutions_left, resolutions_seen
from committees.permissions.roles import audiences_of, seats_held
from committees.permissions.subjects import SubjectsAsked
from kernel.lifecycle import StatusChange
from kernel.prepared import Moment, Question, prepared
from kernel.related import share
from kernel.text import columns_of
from kernel.together import ask_together
from partners.reading import by_names, names_to_ask
from projects.permissions.roles import TEAM, Role, roles_of


class AgendaReading:
    """Asks for an agenda together with what else a page shows; `complete` reads what its rows lead
    to. Without items it is the list of resolutions."""

    def __init__(
        self, user: User, meeting: Meeting, *, with_items: bool = True, with_news: bool = False
    ) -> None:
        self.user, self.meeting, self.project = user, meeting, meeting.committee.project
        self._asked: dict[str, Question[Any]] = {"subjects": _subjects.question(meeting.pk)}
        roles, audiences = roles_of(user, self.project), audiences_of(user, self.project)
        if meeting.has_resolutions:
            left = resolutions_left(user, [self.project], roles)
            self._asked["resolutions"] = _resolutions.question(
                meeting.pk, [self.project.pk], roles, audiences, *left
            )
        if with_items:
            self._asked["items"] = items_asked(user, meeting)
        if with_news and not meeting.is_draft:
            since = Moment(user.new_since)
            self._asked["written"] = _written.question(meeting.pk, since, user.pk)
        if with_items and meeting.has_documents:
            self._asked["documents"] = _documents.question(meeting.pk, audiences)
        if may_propose_item(user, meeting.committee) or may_edit_meeting(user, meeting):
            seats = [term.seat_id for term in seats_held(user, self.project)]
            self._asked["proposals"] = _proposals.question(meeting.pk, bool(roles & TEAM), seats)
        self.questions = tuple(self._asked.values())

    def complete(self) -> None:
        """Read what the rows lead to, all of it in one statement."""
        self.items: list[AgendaItem] = self._rows("items")
        self.resolutions: list[Resolution] = self._rows("resolutions")
        self.proposals: list[AgendaItem] = self._rows("proposals")
        shown: list[Any] = [*self.items, *self.resolutions, *self.proposals]
        for one in shown:
            one.meeting = self.meeting
        subjects = self._subjects_shown()
        seats = [one.proposed_seat for one in self.proposals if one.proposed_seat]
        keys = {one.addressee_id for one in self.resolutions if one.addressee_id}
        keys |= {seat.institution_id for seat in seats if seat.institution_id}
        names = names_to_ask(keys)
        things, seen = ThingsAsked(subjects), SubjectsAsked(self.user, self.project, subjects)
        ask_together(names, *things.questions, *seen.questions)
        institutions = by_names(names.rows, keys)
        share(self.resolutions, "addressee", institutions)
        share(seats, "institution", institutions)
        things.share()
        visible = seen.keys()
        self.subjects = [one for one in subjects if one.pk in visible]

    def news(self, changes: Iterable[StatusChange]) -> dict[int, str]:
        """Return, by item, whether somebody else added or changed it since the reader marked the
        news as read. `changes` are the steps of the meeting: what was written before it was
        convened is new with it."""
        convened = [one.recorded_at for one in changes if one.to_status == Meeting.Status.CONVENED]
        news: dict[int, str] = {}
        for item, moment, kind in self._rows("written"):
            if not convened or moment > max(convened):
                news[item] = "+" if "+" in (kind, news.get(item)) else kind
        return news

    def is_new(self, document: Document) -> bool:
        is_own = document.added_by_id == self.user.pk
        return not is_own and document.uploaded_at > self.user.new_since

    def documents(self) -> dict[int | None, list[Document]]:
        """Return the documents by item; those of the meeting as a whole are under None."""
        by_item = defaultdict(list)
        shown = {None, *(item.pk for item in self.items if item.is_on_agenda)}
        for document in self._rows("documents"):
            if document.agenda_item_id in shown:
                document.meeting, document.committee = self.meeting, self.meeting.committee
                document.is_new = self.is_new(document)
                by_item[document.agenda_item_id].append(document)
        return by_item

    def _rows(self, name: str) -> list[Any]:
        return self._asked[name].rows if name in self._asked else []

    def _subjects_shown(self) -> list[Subject]:
        items = {item.pk for item in self.items}
        resolutions = {one.pk for one in self.resolutions}
        return [
            one
            for one in self._rows("subjects")
            if one.agenda_item_id in items or one.resolution_id in resolutions
        ]


@prepared
def _subjects(meeting: int) -> SubjectQuerySet:
    return Subject.objects.filter(
        Q(agenda_item__in=AgendaItem.objects.filter(meeting=meeting))
        | Q(resolution__in=Resolution.objects.filter(meeting=meeting))
    )


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
