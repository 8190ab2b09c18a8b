"""Permissions on meetings, their agendas, documents and invitations."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from committees.models import (
    AgendaItem,
    Audience,
    Committee,
    Document,
    Invitation,
    Meeting,
    SeatTerm,
)
from committees.models.agenda import AgendaItemQuerySet
from committees.models.document import DocumentQuerySet
from committees.models.meeting import MeetingQuerySet
from committees.permissions.roles import (
    audiences_of,
    items_left,
    may_see_names,
    projects_by_roles,
    seats_held,
)
from projects.models import Project
from projects.permissions.roles import TEAM, Role, may_edit, roles_of


def may_edit_documents(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def audiences_invited(invitation: Invitation, voters: Collection[int]) -> frozenset[str]:
    """Return the audiences of the agenda that an invited person belongs to.

    A seat reads as the committee does on the day of the meeting (`voters_on`); a guest as their
    roles in the project allow.
    """
    user = invitation.contact.user
    if invitation.capacity == Invitation.Capacity.GUEST:
        project = invitation.meeting.committee.project
        return audiences_of(user, project) if user else frozenset({Audience.PUBLIC})
    seated = {Audience.COMMITTEE, Audience.PUBLIC}
    return frozenset(seated | {Audience.VOTING} if user and user.pk in voters else seated)


def voters_on(meeting: Meeting) -> set[int]:
    """Return the people who hold a voting seat, or are its alternates, on the day of the meeting."""
    terms = SeatTerm.objects.on(meeting.day).filter(
        seat__in=meeting.committee.seats.on(meeting.day),
        seat__is_voting=True,
        contact__ended_on=None,
        contact__user__isnull=False,
    )
    return set(terms.values_list("contact__user", flat=True))


def may_see_invitations(user: User, meeting: Meeting) -> bool:
    """Whether the user sees by name who is invited and who comes: the coordination and auditors."""
    return may_see_names(user, meeting.committee.project)


def own_invitation(user: User, meeting: Meeting) -> Invitation | None:
    """The person's own, to answer."""
    own = meeting.invitations.of_person(user).with_related()
    return own.first() if user.is_authenticated else None


# Audiences to which one belongs by one's seat.
OF_SEATS = (Audience.VOTING, Audience.COMMITTEE)


def visible_meetings(user: User, project: Project) -> MeetingQuerySet:
    """The team sees all meetings; members see them once they are convened; others none."""
    return meetings_seen([project], roles_of(user, project))


def every_visible_meeting(user: User, projects: Iterable[Project] | None = None) -> MeetingQuerySet:
    """Return the visible meetings of all projects at once, or of the given ones (see
    `visible_meetings`)."""
    found = Meeting.objects.none()
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        found |= meetings_seen(group, roles)
    return found


def follows_meeting(user: User, moment: datetime) -> bool:
    """Whether a meeting that the person sees is in session and was so at this moment: then they are
    not signed out. One that somebody forgot to close counts for a day."""
    in_session = Q(status=Meeting.Status.IN_SESSION, sitting__opened_at__lte=moment)
    since = timezone.now() - timedelta(days=1)
    meetings = every_visible_meeting(user).filter(in_session, sitting__opened_at__gte=since)
    return meetings.exists()


def meetings_seen(projects: Sequence[Project | int], roles: frozenset[Role]) -> MeetingQuerySet:
    """Return the meetings that people with these roles may see."""
    meetings = Meeting.objects.filter(committee__project__in=projects)
    if roles & TEAM:
        return meetings
    return meetings.shown_to_members() if Role.MEMBER in roles else meetings.none()


def visible_items(user: User, meeting: Meeting) -> AgendaItemQuerySet:
    return _items(user, meeting.committee.project).filter(meeting=meeting)


def items_seen(user: User, project: Project) -> AgendaItemQuerySet:
    """Return the visible items of all visible meetings (see `visible_items`)."""
    return _items(user, project).filter(meeting__in=visible_meetings(user, project))


def _items(user: User, project: Project) -> AgendaItemQuerySet:
    items = AgendaItem.objects.filter(
        meeting__committee__project=project, audience__in=audiences_of(user, project)
    )
    items = items if may_edit(user, project) else items.on_agenda()
    if roles_of(user, project) & TEAM:
        return items
    left = [item.pk for item in items_left(user, [project]) if item.audience in OF_SEATS]
    return items.exclude(pk__in=left) if left else items


def visible_documents(user: User, project: Project) -> DocumentQuerySet:
    """Return the documents of the person's audiences whose meeting and item they see as well."""
    if not roles_of(user, project):
        return Document.objects.none()
    documents = Document.objects.filter(
        committee__project=project, audience__in=audiences_of(user, project)
    )
    return documents.filter(
        Q(meeting=None) | Q(meeting__in=visible_meetings(user, project)),
        Q(agenda_item=None) | Q(agenda_item__in=_items(user, project)),
    )


def may_edit_meeting(user: User, meeting: Meeting) -> bool:
    return may_edit(user, meeting.committee.project)


def may_edit_item(user: User, item: AgendaItem) -> bool:
    return may_edit_meeting(user, item.meeting)


def visible_item_proposals(user: User, project: Project) -> AgendaItemQuerySet:
    """Return the items that members proposed: all for the team, for a member those of their seats."""
    proposals = AgendaItem.objects.proposals().filter(meeting__committee__project=project)
    if roles_of(user, project) & TEAM:
        return proposals
    return proposals.filter(proposed_seat__in=[term.seat_id for term in seats_held(user, project)])


def may_see_item_proposals(user: User, committee: Committee) -> bool:
    return bool(roles_of(user, committee.project) & (TEAM | {Role.MEMBER}))


def may_propose_item(user: User, committee: Committee) -> bool:
    """Holders of a seat and their alternates may."""
    return bool(seats_held(user, committee.project))
