"""Which roles and audiences a person has in a project, the seat in its committee included; and
which meetings, items, documents and resolutions that person sees."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from committees.models import (
    AgendaItem,
    Audience,
    Document,
    InterestDeclaration,
    Meeting,
    Resolution,
    SeatTerm,
)
from partners.models import Contact
from projects.models import Project
from projects.permissions import (
    TEAM,
    Role,
    learn_roles,
    may_edit,
    roles_of,
)


def roles_in(user: User, project: Project) -> frozenset[Role]:
    """All roles of a person in a project, the seat in its committee included."""
    roles = roles_of(user, project)
    return roles | {Role.MEMBER} if seats_held(user, project) else roles


def seats_held(user: User, project: Project) -> list[SeatTerm]:
    """The seats that the person holds or stands in for today; read once per request."""
    if not user.is_authenticated:
        return []
    learn_seats(user, [project])
    return user.__dict__["_seats_held"][project.pk]


def learn_seats(user: User, projects: Iterable[Project]) -> None:
    """Read the seats in many projects at once, before a list asks for each of them."""
    kept = user.__dict__.setdefault("_seats_held", {})
    unknown = {project.pk for project in projects} - kept.keys()
    if not (unknown and user.is_authenticated):
        return
    kept.update({pk: [] for pk in unknown})
    terms = SeatTerm.objects.current().filter(
        contact__user=user, contact__ended_on=None, seat__committee__project__in=unknown
    )
    for term in terms.select_related("seat__committee"):
        kept[term.seat.committee.project_id].append(term)


def projects_by_roles(
    user: User, projects: Iterable[Project] | None = None
) -> dict[tuple[frozenset[Role], frozenset[str]], list[Project]]:
    """The projects that a person sees, or some of them, put together where roles and audiences
    are the same: so a list over several asks as many queries for one as for a hundred."""
    projects = list(Project.objects.visible_to(user) if projects is None else projects)
    learn_roles(user, projects)
    learn_seats(user, projects)
    groups = defaultdict(list)
    for project in projects:
        groups[roles_in(user, project), audiences_of(user, project)].append(project)
    return groups


def audiences_of(user: User, project: Project) -> frozenset[str]:
    """The audiences to which a person belongs in a project."""
    roles = roles_in(user, project)
    audiences = {Audience.PUBLIC}
    if roles & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR}:
        return frozenset(Audience.values)
    if roles & TEAM:
        audiences |= {Audience.COMMITTEE, Audience.PARTNERS, Audience.DONOR}
    if Role.MEMBER in roles:
        audiences.add(Audience.COMMITTEE)
        if any(term.seat.is_voting for term in seats_held(user, project)):
            audiences.add(Audience.VOTING)
    if Role.PARTNER in roles:
        audiences.add(Audience.PARTNERS)
    if Role.DONOR in roles:
        audiences.add(Audience.DONOR)
    return frozenset(audiences)


def may_see_history(user: User, project: Project) -> bool:
    """What happened and when, by role; the names are for the coordination."""
    return bool(roles_in(user, project) & (TEAM | {Role.MEMBER}))


def may_see_names(user: User, project: Project) -> bool:
    """Names in attendance are for the coordination; members see those who agreed."""
    return may_edit(user, project) or Role.AUDITOR in roles_of(user, project)


def may_see_name(user: User, project: Project, person: Contact) -> bool:
    """A member reads the names of those who agreed; nobody else but the coordination does."""
    agreed = person.may_be_named and Role.MEMBER in roles_in(user, project)
    return agreed or may_see_names(user, project)


def items_left(user: User) -> QuerySet[AgendaItem]:
    """The items from which every seat that the person holds or stands in for is recused."""
    held = SeatTerm.objects.current().filter(
        contact__user=user, contact__ended_on=None, seat__committee=OuterRef("meeting__committee")
    )
    recusal = InterestDeclaration.objects.filter(
        recused=True, seat=OuterRef("seat"), items=OuterRef(OuterRef("pk"))
    )
    return AgendaItem.objects.filter(
        Exists(held.filter(Exists(recusal))), ~Exists(held.exclude(Exists(recusal)))
    )


def without_recused(rows: QuerySet, roles: frozenset[Role], is_left: Q) -> QuerySet:
    """A recused seat leaves an item's audience; what the person sees as one of the team stays."""
    return rows if roles & TEAM or Role.MEMBER not in roles else rows.exclude(is_left)


# Audiences to which one belongs by one's seat.
OF_SEATS = (Audience.VOTING, Audience.COMMITTEE)


def visible_meetings(user: User, project: Project):
    """The team sees all meetings; members see them once they are convened; others none."""
    return _meetings([project], roles_in(user, project))


def every_visible_meeting(user: User, projects: Iterable[Project] | None = None):
    """`visible_meetings` of all projects at once, or of those that are at hand."""
    found = Meeting.objects.none()
    for (roles, _audiences), group in projects_by_roles(user, projects).items():
        found |= _meetings(group, roles)
    return found


def _meetings(projects: list[Project], roles: frozenset[Role]):
    meetings = Meeting.objects.filter(committee__project__in=projects)
    if roles & TEAM:
        return meetings
    return meetings.shown_to_members() if Role.MEMBER in roles else meetings.none()


def visible_items(user: User, meeting: Meeting):
    return _items(user, meeting.committee.project).filter(meeting=meeting)


def items_seen(user: User, project: Project):
    """`visible_items` of all meetings that the person sees."""
    return _items(user, project).filter(meeting__in=visible_meetings(user, project))


def _items(user: User, project: Project):
    items = AgendaItem.objects.filter(
        meeting__committee__project=project, audience__in=audiences_of(user, project)
    )
    items = items if may_edit(user, project) else items.on_agenda()
    is_left = Q(audience__in=OF_SEATS, pk__in=items_left(user))
    return without_recused(items, roles_in(user, project), is_left)


def visible_resolutions(user: User, project: Project):
    """Members and the team see the register, partners and the donor what was adopted.

    What was resolved on a reserved item stays with the item's audience.
    """
    return _resolutions(user, [project], roles_in(user, project), audiences_of(user, project))


def every_visible_resolution(user: User, projects: Iterable[Project] | None = None):
    """`visible_resolutions` of all projects at once, or of those that are at hand."""
    found = Resolution.objects.none()
    for (roles, audiences), group in projects_by_roles(user, projects).items():
        found |= _resolutions(user, group, roles, audiences)
    return found


def _resolutions(
    user: User, projects: list[Project], roles: frozenset[Role], audiences: frozenset[str]
):
    resolutions = Resolution.objects.filter(committee__project__in=projects)
    if not roles:
        return resolutions.none()
    if roles & TEAM or Role.MEMBER in roles:
        # What was adopted on an item that is not reserved is in the register, for its readers.
        is_left = Q(agenda_item__in=items_left(user)) & (
            Q(agenda_item__audience=Audience.VOTING)
            | Q(status__in=Resolution.NOT_ADOPTED, agenda_item__audience=Audience.COMMITTEE)
        )
        return without_recused(resolutions.for_audiences(audiences), roles, is_left)
    return resolutions.adopted().for_audiences(audiences | {Audience.COMMITTEE})


def may_edit_meeting(user: User, meeting: Meeting) -> bool:
    return may_edit(user, meeting.committee.project)


def may_edit_item(user: User, item: AgendaItem) -> bool:
    return may_edit_meeting(user, item.meeting)


def may_edit_resolution(user: User, resolution: Resolution) -> bool:
    return may_edit(user, resolution.committee.project)


def visible_documents(user: User, project: Project):
    """Documents of one's audiences, where the meeting and the item are seen too."""
    if not roles_in(user, project):
        return Document.objects.none()
    documents = Document.objects.filter(
        committee__project=project, audience__in=audiences_of(user, project)
    )
    return documents.filter(
        Q(meeting=None) | Q(meeting__in=visible_meetings(user, project)),
        Q(agenda_item=None) | Q(agenda_item__in=_items(user, project)),
    )
