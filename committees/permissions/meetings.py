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
    Seat,
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
from kernel.keys import Keys
from projects.models import Project
from projects.permissions.roles import TEAM, Role, may_edit, roles_of


def may_edit_documents(user: User, committee: Committee) -> bool:
    return may_edit(user, committee.project)


def audiences_invited(invitation: Invitation, voters: Collection[int]) -> frozenset[str]:
    """Return the audiences of the agenda that an invited person belongs to.

    A seat reads as the committee does on the day of the meeting (`voters_of`), and so will whoever
    has no account yet; a guest reads as their roles in the project allow.
    """
    user = invitation.contact.user
    if invitation.capacity == Invitation.Capacity.GUEST:
        project = invitation.meeting.committee.project
        return audiences_of(user, project) if user else frozenset({Audience.PUBLIC})
    seated = {Audience.COMMITTEE, Audience.PUBLIC}
    seat = invitation.seat
    has_vote = user.pk in voters if user else seat is not None and seat.is_voting
    return frozenset(seated | {Audience.VOTING} if has_vote else seated)


def voters_of(meeting: Meeting) -> set[int]:
    """Return the keys of the people who hold a voting seat, or are its alternates, on the day of
    the meeting."""
    terms = SeatTerm.objects.on(meeting.day).filter(
        seat__in=Seat.objects.filter(committee=meeting.committee_id).on(meeting.day),
        seat__is_voting=True,
        contact__ended_on=None,
        contact__user__isnull=False,
    )
    return set(terms.order_by().values_list("contact__user", flat=True))


def may_see_invitations(user: User, meeting: Meeting) -> bool:
    """Whether the user sees by name who is invited and who comes: the coordination and auditors."""
    return may_see_names(user, meeting.committee.project)


def own_invitation(user: User, meeting: Meeting) -> Invitation | None:
    """Return the person's own invitation, with what it says of their answer."""
    own = Invitation.objects.of_person(user).filter(meeting=meeting)
    invitation = own.only("meeting", "answer", "answered_for").order_by("pk").first()
    if invitation:
        invitation.meeting = meeting
    return invitation


# Audiences to which one belongs by one's seat.
OF_SEATS = (Audience.VOTING, Audience.COMMITTEE)


def visible_meetings(user: User, project: Project) -> MeetingQuerySet:
    """The team sees all meetings; members see them once they are convened; others none."""
    return meetings_seen([project], roles_of(user, project))


def every_visible_meeting(
    user: User, projects: Iterable[Project | int] | None = None
) -> MeetingQuerySet:
    """Return the visible meetings of all projects at once, or of the given ones (see
    `visible_meetings`)."""
    found = Meeting.objects.none()
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        found |= meetings_seen(Keys(group), roles)
    return found


def sees_meeting(user: User, meeting: Meeting) -> bool:
    """Whether a meeting that was read is among those of `visible_meetings`."""
    roles = roles_of(user, meeting.committee.project)
    return bool(roles & TEAM) or (Role.MEMBER in roles and not meeting.is_draft)


def follows_meeting(user: User, moment: datetime) -> bool:
    """Whether a meeting that the person sees is in session and was so at this moment: then they are
    not signed out. One that somebody forgot to close counts for a day."""
    in_session = Q(status=Meeting.Status.IN_SESSION, sitting__opened_at__lte=moment)
    since = timezone.now() - timedelta(days=1)
    meetings = every_visible_meeting(user).filter(in_session, sitting__opened_at__gte=since)
    return meetings.exists()


def meetings_seen(
    projects: Sequence[Project | int] | Keys, roles: frozenset[Role]
) -> MeetingQuerySet:
    """Return the meetings that people with these roles may see."""
    return Meeting.objects.filter(meeting_seen(roles), committee__project__in=projects)


def meeting_seen(roles: frozenset[Role], way: str = "") -> Q:
    """Match the meetings that people with these roles may see, or what leads to them (`meeting__`)."""
    if roles & TEAM:
        return Q()
    return shown_to_members(way) if Role.MEMBER in roles else Q(pk__in=[])


def shown_to_members(way: str = "") -> Q:
    """Leave out drafts: planned meetings, and those that were cancelled before they were convened."""
    cancelled = Meeting.Status.CANCELLED
    shown = sorted({*Meeting.Status.values} - {Meeting.Status.PLANNED, cancelled})
    announced = Q(**{f"{way}status": cancelled, f"{way}convened_on__isnull": False})
    return Q(**{f"{way}status__in": shown}) | announced


def visible_items(user: User, meeting: Meeting) -> AgendaItemQuerySet:
    return _items(user, meeting.committee.project).filter(meeting=meeting)


def items_to_show(user: User, meeting: Meeting) -> list[AgendaItem]:
    return list(visible_items(user, meeting).to_show())


def items_seen(user: User, project: Project) -> AgendaItemQuerySet:
    """Return the visible items of all visible meetings (see `visible_items`)."""
    return _items(user, project).filter(meeting__in=visible_meetings(user, project))


def _items(user: User, project: Project) -> AgendaItemQuerySet:
    items = items_for(*_reading_of(user, project))
    return items.filter(meeting__committee__project=project)


def _reading_of(user: User, project: Project) -> tuple[frozenset[str], bool, list[int]]:
    """Return the person's audiences, whether they see items that are only proposed, and the keys
    of those which their recused seats left; what somebody sees as one of the team stays."""
    left: list[int] = []
    if not roles_of(user, project) & TEAM:
        left = [item.pk for item in items_left(user, [project]) if item.audience in OF_SEATS]
    return audiences_of(user, project), may_edit(user, project), left


def items_for(
    audiences: frozenset[str], with_proposals: bool, left: list[int]
) -> AgendaItemQuerySet:
    return AgendaItem.objects.filter(item_seen(audiences, with_proposals, left))


def item_seen(audiences: frozenset[str], with_proposals: bool, left: list[int], way: str = "") -> Q:
    """Match the items of these audiences but those that somebody left, or what leads to them
    (`item__`)."""
    seen = Q(**{f"{way}audience__in": sorted(audiences)})
    if not with_proposals:
        seen &= ~Q(**{f"{way}status__in": AgendaItem.NOT_ON_AGENDA})
    return seen & ~Q(**{f"{way}pk__in": left}) if left else seen


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
    seats = [term.seat_id for term in seats_held(user, project)]
    seen = proposals_seen(bool(roles_of(user, project) & TEAM), seats)
    return seen.filter(meeting__committee__project=project)


def proposals_seen(for_team: bool, seats: list[int]) -> AgendaItemQuerySet:
    proposals = AgendaItem.objects.proposals()
    return proposals if for_team else proposals.filter(proposed_seat__in=seats)


def may_see_item_proposals(user: User, committee: Committee) -> bool:
    return bool(roles_of(user, committee.project) & (TEAM | {Role.MEMBER}))


def may_propose_item(user: User, committee: Committee) -> bool:
    """Holders of a seat and their alternates may."""
    return bool(seats_held(user, committee.project))
