"""Who sees and asks for documents of every kind."""

from collections.abc import Iterable

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from committees.models import Attendance, Audience, Committee, Meeting, Minutes, Seat
from committees.permissions.meetings import every_visible_meeting
from committees.permissions.plans import plans_visible_in
from committees.permissions.roles import (
    audiences_of,
    items_left,
    may_see_names,
    projects_by_roles,
    seats_held,
)
from projects.models import Project
from projects.permissions.roles import TEAM, Role, may_edit, roles_of
from reports.models import About, Kind, Rendition, RenditionRequest, Report, Snapshot
from reports.permissions.reports import every_visible_report, reports_seen

# Documents that the committee reads, of meetings that its members see.
OF_MEETINGS = (Kind.AGENDA, Kind.PACK, Kind.WHOLE_PACK, Kind.MINUTES, Kind.RECORD)
# What was settled of a meeting is told to partners and the donor, who see no meeting.
SETTLED = (Kind.MINUTES, Kind.RECORD)
OF_PLANS = (Kind.PLAN, Kind.PROGRESS, Kind.DIFFERENCES)
# Of one person or one institution: for these and the coordination alone.
PERSONAL = (Kind.LETTER, Kind.CERTIFICATE, Kind.HANDOVER)
# They hold names of persons.
WITH_NAMES = (Kind.SHEET, Kind.ANNEX, Kind.CERTIFICATE)


# What one sees


def visible_renditions(user: User, about: Model) -> QuerySet[Rendition]:
    """The documents of a report, a meeting, a plan, a committee that the person sees."""
    of = {
        "report": Q(snapshot__report=about.pk),
        "meeting": Q(snapshot__meeting=about.pk) | Q(snapshot__attendance__meeting=about.pk),
        "actionplan": Q(snapshot__plan=about.pk),
        "committee": Q(snapshot__seat__committee=about.pk),
    }
    return every_visible_rendition(user).filter(of[about._meta.model_name])


def every_visible_rendition(
    user: User, projects: Iterable[Project] | None = None
) -> QuerySet[Rendition]:
    """The team sees the documents of its audiences; others those that stand or that they asked
    for, of things that they see; everybody their own."""
    found = Rendition.objects.filter(
        _own(user) & (Q(state=Rendition.State.READY) | _asked_by(user))
    )
    for (roles, audiences), group in projects_by_roles(user, projects).items():
        rows = Rendition.objects.filter(snapshot__project__in=group, audience__in=audiences)
        if roles & TEAM:
            found |= rows.filter(_inside(roles))
        else:
            mine = _outside(user, group, roles) & ~_left(user)
            found |= rows.filter(mine, snapshot__kind__in=_open(roles))
    return found


def _left(user: User) -> Q:
    """What holds a reserved item from which the person's seats are recused."""
    items = items_left(user).filter(audience=Audience.VOTING)
    return Q(audience=Audience.VOTING, snapshot__meeting__in=items.values("meeting"))


def visible_things(user: User, name: str) -> QuerySet:
    """The things that documents are of, by their name in `models.KINDS_OF`."""
    if name == "report":
        return every_visible_report(user).with_related()
    if name == "meeting":
        return every_visible_meeting(user).with_related()
    if name == "plan":
        return plans_visible_in(user, Project.objects.visible_to(user)).with_related()
    if name == "seat":
        seats = Seat.objects.filter(committee__in=Committee.objects.visible_to(user))
        return seats.with_people().select_related("committee__project")
    rows = Attendance.objects.filter(meeting__in=every_visible_meeting(user))
    return rows.filter(Q(contact__user=user) | Q(meeting__committee__project__in=_named(user)))


def _named(user: User) -> list[int]:
    """The projects of which the person reads who attended."""
    return [
        project.pk for project in Project.objects.visible_to(user) if may_see_names(user, project)
    ]


def _inside(roles: frozenset[Role]) -> Q:
    """Letters, certificates and handover sheets are the coordination's and their reader's."""
    if roles & {Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR}:
        return Q()
    return ~Q(snapshot__kind__in=[*PERSONAL, *WITH_NAMES])


def _open(roles: frozenset[Role]) -> list[Kind]:
    meetings = OF_MEETINGS if Role.MEMBER in roles else SETTLED
    return [Kind.ANNUAL_REPORT, *meetings, *OF_PLANS]


def _outside(user: User, projects: list[Project], roles: frozenset[Role]) -> Q:
    """What was made for the day, or carries the draft's mark, is its asker's alone; a report that
    was signed shows its last text."""
    reports = reports_seen(projects, roles)
    report = Q(
        snapshot__report__in=reports, is_draft=False, snapshot__in=reports.values("snapshot")
    )
    mine = _asked_by(user)
    settled = Q(snapshot__kind__in=SETTLED, snapshot__is_final=True)
    meeting = Q(snapshot__meeting__in=every_visible_meeting(user)) & (Q(is_draft=False) | mine)
    plan = Q(snapshot__plan__in=plans_visible_in(user, projects)) & (Q(is_draft=False) | mine)
    told = Q(state=Rendition.State.READY) & (report | settled | meeting | plan)
    return told | (mine & (meeting | plan))


def _asked_by(user: User) -> Q:
    """Also whoever joined what somebody else had asked for."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    joined = RenditionRequest.objects.filter(user=user)
    return Q(requested_by=user) | Q(pk__in=joined.values("rendition"))


def _own(user: User) -> Q:
    """A certificate of one's own presence, the sheet of a seat one holds, a letter to one's own
    institution."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    today = timezone.localdate()
    contact = Q(addressee__contacts__user=user, addressee__contacts__ended_on=None)
    holds = Q(seat__terms__contact__user=user, seat__terms__contact__ended_on=None) & (
        Q(seat__terms__until=None) | Q(seat__terms__until__gte=today)
    )
    own = (
        Q(kind=Kind.CERTIFICATE, attendance__contact__user=user)
        | Q(kind=Kind.HANDOVER, seat__terms__since__lte=today) & holds
        | Q(kind=Kind.LETTER, meeting__in=Meeting.objects.shown_to_members()) & contact
    )
    return Q(snapshot__in=Snapshot.objects.filter(own).values("pk"))


# What one does


def may_request_rendition(user: User, report: Report) -> bool:
    return bool(roles_of(user, report.project) & TEAM)


def may_request(user: User, about: About) -> bool:
    """The person sees the thing already; whether they may have this document of it made."""
    project, kind = about.project, about.kind
    if kind == Kind.CERTIFICATE and _was_there(user, about.thing):
        return True
    if kind == Kind.HANDOVER and _sits(user, about.thing):
        return True
    if kind in (*PERSONAL, *WITH_NAMES):
        return may_see_names(user, project)
    roles = roles_of(user, project)
    if roles & TEAM:
        return True
    if kind == Kind.ANNUAL_REPORT:  # they see it once it stands
        return about.thing.is_frozen and bool(roles & {Role.MEMBER, Role.PARTNER, Role.DONOR})
    if kind in SETTLED and not _circulated(about.thing, kind):
        return False
    if kind in OF_MEETINGS:
        return Role.MEMBER in roles
    return kind in OF_PLANS and bool(roles & {Role.MEMBER, Role.PARTNER, Role.DONOR})


def _circulated(meeting: Meeting, kind: Kind) -> bool:
    """Members read minutes once they are circulated, and their decisions once these stand."""
    states = Minutes.CIRCULATED if kind == Kind.MINUTES else Minutes.SETTLED
    return Minutes.objects.filter(meeting=meeting, status__in=states).exists()


def _was_there(user: User, attendance: Attendance) -> bool:
    return attendance.contact is not None and attendance.contact.user_id == user.pk


def _sits(user: User, seat: Seat) -> bool:
    return any(term.seat_id == seat.pk for term in seats_held(user, seat.committee.project))


def audiences_offered(user: User, about: About, audiences: Iterable[str]) -> list[str]:
    """Those of a kind's audiences to which the person belongs, in the kind's order."""
    if about.kind in PERSONAL:
        return list(audiences)
    mine = set(audiences_of(user, about.project))
    if Audience.VOTING in mine.intersection(audiences) and _has_left(user, about):
        mine.remove(Audience.VOTING)
    return [audience for audience in audiences if audience in mine]


def _has_left(user: User, about: About) -> bool:
    """Recused from a reserved item, the person has no document made that holds it."""
    if roles_of(user, about.project) & TEAM or not isinstance(about.thing, Meeting):
        return False
    return items_left(user).filter(audience=Audience.VOTING, meeting=about.thing).exists()


def may_manage_rendition(user: User, rendition: Rendition) -> bool:
    """Who asked for it, and the coordination, may cancel it and try again."""
    return rendition.requested_by_id == user.pk or may_edit(user, rendition.snapshot.project)


def may_see_downloads(user: User, project: Project) -> bool:
    return may_edit(user, project) or Role.AUDITOR in roles_of(user, project)


def is_shareable(rendition: Rendition) -> bool:
    """Whether somebody without an account may be given it: it stands and is kept for ever, it is
    made for readers beyond the coordination and the voting seats, it holds no names of persons."""
    kind, reserved = rendition.snapshot.kind, (Audience.COORDINATION, Audience.VOTING)
    stands = rendition.is_ready and not rendition.is_draft and rendition.snapshot.is_final
    return stands and rendition.audience not in reserved and kind not in (*PERSONAL, *WITH_NAMES)


def may_share(user: User, rendition: Rendition) -> bool:
    return is_shareable(rendition) and may_edit(user, rendition.snapshot.project)
