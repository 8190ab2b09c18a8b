"""Who may see, request and share documents of every kind."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounts.models import User
from committees.models import (
    ActionPlan,
    Attendance,
    Audience,
    Committee,
    Meeting,
    Minutes,
    Seat,
)
from committees.permissions.meetings import (
    every_visible_meeting,
    meetings_seen,
    shown_to_members,
)
from committees.permissions.plans import plans_seen, plans_visible_in
from committees.permissions.roles import (
    SEES_NAMES,
    audiences_of,
    items_left,
    may_see_names,
    projects_by_roles,
    seats_held,
    seats_in,
)
from kernel.keys import Keys
from projects.models import Project
from projects.permissions.roles import (
    TEAM,
    Role,
    may_edit,
    of_own_institutions,
    represented_in,
    roles_everywhere,
    roles_of,
)
from reports.models import (
    About,
    DocumentKind,
    Rendition,
    RenditionQuerySet,
    RenditionRequest,
    Report,
    Snapshot,
)
from reports.permissions.reports import every_visible_report, reports_seen

# Documents that the committee reads, of meetings that its members see.
OF_MEETINGS = (
    DocumentKind.AGENDA,
    DocumentKind.PACK,
    DocumentKind.WHOLE_PACK,
    DocumentKind.MINUTES,
    DocumentKind.RECORD,
)
# Partners and the donor do not see meetings, but they may read what was settled there.
SETTLED = (DocumentKind.MINUTES, DocumentKind.RECORD)
OF_PLANS = (DocumentKind.PLAN, DocumentKind.PROGRESS, DocumentKind.DIFFERENCES)
# About one person or one institution: only for these and the coordination.
PERSONAL = (DocumentKind.LETTER, DocumentKind.CERTIFICATE, DocumentKind.HANDOVER)
# They hold names of persons.
WITH_NAMES = (
    DocumentKind.SHEET,
    DocumentKind.ANNEX,
    DocumentKind.NAMED_MINUTES,
    DocumentKind.CERTIFICATE,
    DocumentKind.PERSONS,
)


# Visibility


def visible_renditions(user: User, about: Model) -> RenditionQuerySet:
    """Return the documents of a report, meeting, plan or committee that the person may see."""
    of = {
        "report": Q(snapshot__report=about.pk),
        "meeting": Q(snapshot__meeting=about.pk) | Q(snapshot__attendance__meeting=about.pk),
        "actionplan": Q(snapshot__plan=about.pk),
        "committee": Q(snapshot__seat__committee=about.pk) | Q(snapshot__committee=about.pk),
    }
    thing: Any = about
    project = thing.committee.project if isinstance(about, Meeting) else thing.project
    rows = every_visible_rendition(user, [project])
    return rows.filter(of[str(about._meta.model_name)])


def every_visible_rendition(
    user: User, projects: Iterable[Project | int] | None = None
) -> RenditionQuerySet:
    """Return the documents that the person may see, in some projects or in all.

    The team sees the documents of its audiences. Others see final documents, and those that they
    requested, about things that they see. Everybody sees documents about themselves.
    """
    groups = projects_by_roles(user, projects)
    every = [project for (roles, _audiences), group in groups.items() if roles for project in group]
    found = Rendition.objects.filter(
        _own(user, every) & (Q(state=Rendition.State.READY) | _requested_by(user.pk))
    )
    for (roles, audiences), group in groups.items():
        left = meetings_left(user, group, roles)
        found |= renditions_seen(user.pk, Keys(group), roles, audiences, left)
    return found.current()


def renditions_seen(
    person: int | None,
    projects: Sequence[Project | int] | Keys,
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
) -> RenditionQuerySet:
    """Return the documents that a person with these roles and audiences sees, but for those about
    themselves. `left`: see `meetings_left`."""
    rows = Rendition.objects.filter(snapshot__project__in=projects, audience__in=audiences)
    if roles & TEAM:
        return rows.filter(_inside(roles))
    mine = _outside(person, projects, roles)
    if left:
        mine &= ~Q(audience=Audience.VOTING, snapshot__meeting__in=left)
    return rows.filter(mine, snapshot__kind__in=_open(roles))


def meetings_left(
    user: User, projects: Sequence[Project | int], roles: frozenset[Role]
) -> list[int]:
    """Return the keys of the meetings with a reserved item from which a seat of the person is
    recused: their documents for the voting seats hold it."""
    if roles & TEAM:
        return []
    left = items_left(user, projects)
    return sorted({item.meeting for item in left if item.audience == Audience.VOTING})


def superseded_renditions(user: User, project: Project) -> RenditionQuerySet:
    """Return the documents of the project that were superseded or destroyed, for those who may
    read who had downloaded them."""
    if not may_see_downloads(user, project):
        return Rendition.objects.none()
    return Rendition.objects.filter(snapshot__project=project, superseded_at__isnull=False)


def visible_things(user: User, name: str) -> QuerySet[Any]:
    """Return the things of a kind that documents may be about, by its name in `KINDS_OF`."""
    if name == "report":
        return every_visible_report(user).with_related()
    if name == "meeting":
        return every_visible_meeting(user).with_related()
    if name == "plan":
        return plans_visible_in(user, roles_everywhere(user)).with_related()
    if name == "seat":
        seats = Seat.objects.filter(committee__in=Committee.objects.visible_to(user))
        return seats.with_people().select_related("committee__project")
    if name == "committee":
        return Committee.objects.visible_to(user).select_related("project")
    rows = Attendance.objects.filter(meeting__in=every_visible_meeting(user))
    return rows.filter(
        Q(contact__user=user) | Q(meeting__committee__project__in=_projects_with_names(user))
    )


def _projects_with_names(user: User) -> Keys:
    """Return the projects in which the person may read the names of those who attended."""
    return Keys(pk for pk, roles in roles_everywhere(user).items() if roles & SEES_NAMES)


def _inside(roles: frozenset[Role]) -> Q:
    """What the team sees: only the coordination and auditors see letters, certificates,
    handovers."""
    if roles & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR}:
        return Q()
    return ~Q(snapshot__kind__in=[*PERSONAL, *WITH_NAMES])


def _open(roles: frozenset[Role]) -> list[DocumentKind]:
    meetings = OF_MEETINGS if Role.MEMBER in roles else SETTLED
    persons = [DocumentKind.PERSONS] if Role.DONOR in roles else []
    return [DocumentKind.ANNUAL_REPORT, *persons, *meetings, *OF_PLANS, DocumentKind.REGISTER]


def _outside(
    person: int | None, projects: Sequence[Project | int] | Keys, roles: frozenset[Role]
) -> Q:
    """What people outside the team see.

    Of a report they see the text that was signed last. A draft, and a document of the day, is
    visible only to those who requested it. One that takes the place of another is visible while it
    is being made: its readers had a document, and must not be left with none.
    """
    reports = reports_seen(projects, roles)
    report = Q(
        snapshot__report__in=reports, is_draft=False, snapshot__in=reports.values("snapshot")
    )
    mine = _requested_by(person)
    settled = Q(snapshot__kind__in=SETTLED, snapshot__is_final=True)
    final = Q(is_draft=False) | mine
    meeting = Q(snapshot__meeting__in=meetings_seen(projects, roles)) & final
    plans = ActionPlan.objects.filter(plans_seen(roles), project__in=projects)
    plan = Q(snapshot__plan__in=plans) & final
    in_hand = Q(state__in=[Rendition.State.QUEUED, Rendition.State.WORKING])
    taking_a_place = in_hand & Q(
        pk__in=Rendition.objects.exclude(replaced_by=None).values("replaced_by")
    )
    shown = Q(state=Rendition.State.READY) | taking_a_place
    register = Q(snapshot__kind=DocumentKind.REGISTER) & mine
    persons = Q(snapshot__kind=DocumentKind.PERSONS, snapshot__report__in=reports) & mine
    settled_or_open = shown & (report | settled | meeting | plan)
    return settled_or_open | (mine & (meeting | plan)) | register | persons


def _requested_by(person: int | None) -> Q:
    """Documents that the person requested, also if somebody else had requested them before."""
    if person is None:
        return Q(pk__in=[])
    joined = RenditionRequest.objects.filter(user=person)
    return Q(requested_by=person) | Q(pk__in=joined.values("rendition"))


def _own(user: User, projects: list[int]) -> Q:
    """The certificate of the person's own presence, the handover sheet of a seat that they hold,
    and letters to their institution."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    own = Q(kind=DocumentKind.CERTIFICATE, attendance__contact__user=user)
    if seats := seats_in(user, projects):
        own |= Q(kind=DocumentKind.HANDOVER, seat__in=seats)
    # A letter to an institution is for those who represent it in that project.
    if represented_in(user, projects):
        own |= Q(
            of_own_institutions(user, projects, "addressee"),
            kind=DocumentKind.LETTER,
            meeting__in=Meeting.objects.filter(shown_to_members()),
        )
    mine = Snapshot.objects.filter(own, project__in=Keys(projects))
    return Q(snapshot__in=mine.values("pk"))


# Actions


def may_request_rendition(user: User, report: Report) -> bool:
    return bool(roles_of(user, report.project) & TEAM)


def may_request(user: User, about: About) -> bool:
    """Whether the person, who sees the thing, may have this document about it made."""
    project, kind = about.project, about.kind
    if kind == DocumentKind.CERTIFICATE and _was_there(user, about.of(Attendance)):
        return True
    if kind == DocumentKind.HANDOVER and _holds_seat(user, about.of(Seat)):
        return True
    if kind == DocumentKind.PERSONS and Role.DONOR in roles_of(user, project):
        return about.of(Report).status in Report.SHOWN_TO_DONOR
    if kind in (*PERSONAL, *WITH_NAMES):
        return may_see_names(user, project)
    roles = roles_of(user, project)
    if roles & TEAM:
        return True
    readers = {Role.MEMBER, Role.PARTNER, Role.DONOR}
    if kind == DocumentKind.ANNUAL_REPORT:  # a draft is for the team alone
        return about.of(Report).is_frozen and bool(roles & readers)
    if kind in SETTLED and not _circulated(about.of(Meeting), kind):
        return False
    if kind in OF_MEETINGS:
        return Role.MEMBER in roles
    return kind in (*OF_PLANS, DocumentKind.REGISTER) and bool(roles & readers)


def _circulated(meeting: Meeting, kind: DocumentKind) -> bool:
    """Members read minutes once these are circulated, and the record once the minutes are
    settled."""
    states = Minutes.CIRCULATED if kind == DocumentKind.MINUTES else Minutes.SETTLED
    return Minutes.objects.filter(meeting=meeting, status__in=states).exists()


def _was_there(user: User, attendance: Attendance) -> bool:
    return attendance.contact is not None and attendance.contact.user_id == user.pk


def _holds_seat(user: User, seat: Seat) -> bool:
    return any(term.seat_id == seat.pk for term in seats_held(user, seat.committee.project))


def audiences_offered(user: User, about: About, audiences: Iterable[str]) -> list[str]:
    """Return those of the audiences that the person belongs to, in the same order."""
    if about.kind in PERSONAL:
        return list(audiences)
    mine = set(audiences_of(user, about.project))
    if Audience.VOTING in mine.intersection(audiences) and _is_recused(user, about):
        mine.remove(Audience.VOTING)
    return [audience for audience in audiences if audience in mine]


def _is_recused(user: User, about: About) -> bool:
    """Whether the person is recused from a reserved item, which the document would hold."""
    if roles_of(user, about.project) & TEAM or not isinstance(about.thing, Meeting):
        return False
    return any(
        item.meeting == about.thing.pk and item.audience == Audience.VOTING
        for item in items_left(user, [about.project])
    )


def may_manage_rendition(user: User, rendition: Rendition) -> bool:
    """Whoever requested the document, and the coordination, may cancel it and try again."""
    return rendition.requested_by_id == user.pk or may_edit(user, rendition.snapshot.project)


def may_see_downloads(user: User, project: Project) -> bool:
    return may_edit(user, project) or Role.AUDITOR in roles_of(user, project)


def is_shareable(rendition: Rendition) -> bool:
    """Whether the document may be given to people without an account.

    It must be final, made for readers beyond the coordination and the voting seats, and without
    names of persons.
    """
    kind, reserved = rendition.snapshot.kind, (Audience.COORDINATION, Audience.VOTING)
    is_final = rendition.is_ready and not rendition.is_draft and rendition.snapshot.is_final
    if rendition.is_superseded:
        return False
    return is_final and rendition.audience not in reserved and kind not in (*PERSONAL, *WITH_NAMES)


def may_share(user: User, rendition: Rendition) -> bool:
    return is_shareable(rendition) and may_edit(user, rendition.snapshot.project)
