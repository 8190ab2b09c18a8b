"""The kinds of news: one statement for each, with one row for each place where something is new.

A row has the project, the key of the place, how many things are new there, the moment of the last
one, and the numbers and titles that name the place. It holds no text that anybody wrote, and no name
of a person or an institution.
"""

from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from committees.models import (
    ActionPlan,
    AgendaItem,
    Document,
    Invitation,
    Meeting,
    Minutes,
    MinutesRemark,
    Position,
    ProposedChange,
    Remark,
    Resolution,
)
from committees.models.review import Reply
from committees.permissions.meetings import items_for, meetings_seen
from committees.permissions.minutes import statuses_seen as minutes_statuses
from committees.permissions.plans import answers_for_roles, answers_seen, plans_seen
from committees.permissions.resolutions import resolutions_seen
from committees.permissions.roles import SEES_NAMES
from ibcr_portal.news.rights import NewsScope, counted_source
from ibcr_portal.reader import ReaderPlace
from kernel.lifecycle import StatusChange
from kernel.text import columns_of
from projects.models import DataPoint
from projects.permissions.roles import EDITORS, TEAM, Role
from projects.permissions.values import values_seen
from reports.models import Report, ReportRemark
from reports.models.report import ReportQuerySet
from reports.permissions.reports import origins_for, reports_seen

Rows = QuerySet[Any, Any]

PLAN = ("plan__project", "plan", "plan__period__number", "plan__version")
COMMENT = ("minutes__meeting__committee__project", "minutes", "minutes__meeting__number")
MINUTES = ("meeting__committee__project", "pk", "meeting__number")
PROJECT_OF_VALUE = ("indicator__result__project", "indicator__result__project__code")
REPORT = (
    *(
        "report__project",
        "report",
        "report__period__number",
        "report__period__kind",
        "report__preset__type",
    ),
    *columns_of("report__preset__title"),
)


def _counted(scope: NewsScope, rows: Rows, at: str, *group: str) -> Rows:
    """Return one row for each group, the latest first."""
    counted = rows.order_by().values(*group).annotate(how_many=Count("pk"), last=Max(at))
    project, thing, *facts = group
    found: Rows = counted.values_list(project, thing, "how_many", "last", *facts)
    return found.order_by("-last", thing)[: scope.most]


def _stepped(scope: NewsScope, rows: Rows, *verbs: str) -> Rows:
    """Return the rows with which others took one of these steps, with the `moment` of the last."""
    steps = scope.steps(rows.model, *verbs)
    last = steps.filter(object_id=OuterRef("pk")).values("object_id")
    moment = Subquery(last.annotate(at=Max("recorded_at")).values("at"))
    found: Rows = rows.filter(pk__in=steps.values("object_id")).annotate(moment=moment)
    return found


# Plans


def _answers(scope: NewsScope, model: Any, *, but_team: bool = False) -> Rows:
    """Return the answers to plans that the reader may read."""
    found: Rows = model.objects.none()
    for place in scope.places:
        if but_team and place.rights.is_team:
            continue
        answers = model.objects.filter(plan__in=_plans(place))
        found |= answers_seen(answers, *answers_for_roles(place.rights.roles, place.spoken))
    return found


def _plans(place: ReaderPlace) -> Rows:
    seen = plans_seen(place.rights.roles)
    return ActionPlan.objects.filter(seen, project__in=place.projects).order_by().values("pk")


def _given(scope: NewsScope, rows: Rows) -> Rows:
    return rows.filter(scope.of_others(), recorded_at__gt=scope.since)


@counted_source
def proposals(scope: NewsScope) -> Rows:
    rows = _given(scope, _answers(scope, ProposedChange))
    return _counted(scope, rows, "recorded_at", *PLAN)


@counted_source
def remarks(scope: NewsScope) -> Rows:
    return _counted(scope, _given(scope, _answers(scope, Remark)), "recorded_at", *PLAN)


@counted_source
def positions(scope: NewsScope) -> Rows:
    """The committee and the team see who took which position; a partner those of its own."""
    found = Position.objects.none()
    for place in scope.places:
        rows = Position.objects.filter(plan__in=_plans(place))
        sees_all = place.rights.roles & (TEAM | {Role.MEMBER})
        found |= rows if sees_all else rows.filter(institution__in=place.spoken)
    return _counted(scope, _given(scope, found), "recorded_at", *PLAN)


@counted_source
def settled(scope: NewsScope) -> Rows:
    """Proposals that the coordination accepted or declined."""
    rows = _stepped(scope, _answers(scope, ProposedChange, but_team=True), "accept", "decline")
    return _counted(scope, rows, "moment", *PLAN)


@counted_source
def replies(scope: NewsScope) -> Rows:
    rows = Reply.objects.filter(remark__in=_answers(scope, Remark).order_by().values("pk"))
    group = [f"remark__{name}" for name in PLAN]
    return _counted(scope, _given(scope, rows), "recorded_at", *group)


# Meetings


@counted_source
def invitations(scope: NewsScope) -> Rows:
    """The coordination and auditors see who comes."""
    found = Q(pk__in=[])
    for place in scope.places:
        if place.rights.roles & SEES_NAMES:
            found |= Q(meeting__committee__project__in=place.projects)
    own = Q(entered_by=None, contact__user=scope.user)
    rows = Invitation.objects.current().filter(found, scope.of_others("entered_by"))
    rows = rows.filter(~own, answered_at__gt=scope.since)
    group = ("meeting__committee__project", "meeting", "meeting__number")
    return _counted(scope, rows, "answered_at", *group)


@counted_source
def documents(scope: NewsScope) -> Rows:
    found = Q(pk__in=[])
    for (roles, audiences), projects, *_institutions in scope.places:
        items = items_for(audiences, bool(roles & EDITORS), [] if roles & TEAM else scope.left)
        meetings = meetings_seen(projects, roles)
        # One by one: few documents are new, and all meetings and items would be read otherwise.
        seen = Q(meeting=None) | Q(Exists(meetings.filter(pk=OuterRef("meeting"))))
        seen &= Q(agenda_item=None) | Q(Exists(items.filter(pk=OuterRef("agenda_item"))))
        found |= Q(seen, committee__project__in=projects, audience__in=sorted(audiences))
    rows = Document.objects.filter(found, scope.of_others("added_by"), uploaded_at__gt=scope.since)
    group = ("committee__project", "committee", "meeting", "meeting__number")
    return _counted(scope, rows, "uploaded_at", *group)


def _meetings(scope: NewsScope) -> Rows:
    found = Meeting.objects.none()
    for (roles, _audiences), projects, *_institutions in scope.places:
        found |= meetings_seen(projects, roles)
    return found


def _called(scope: NewsScope, *verbs: str) -> Rows:
    """Meetings that were to come when the news began."""
    rows = _meetings(scope).filter(starts_at__gt=scope.since)
    group = ("committee__project", "pk", "number")
    return _counted(scope, _stepped(scope, rows, *verbs), "moment", *group)


@counted_source
def convened(scope: NewsScope) -> Rows:
    return _called(scope, "convene", "reconvene")


@counted_source
def cancelled(scope: NewsScope) -> Rows:
    return _called(scope, "cancel")


@counted_source
def agenda_items(scope: NewsScope) -> Rows:
    """Items that were added or changed after the meeting was convened, while it is to come."""
    items = AgendaItem.objects.none()
    for (roles, audiences), projects, *_institutions in scope.places:
        seen = items_for(audiences, bool(roles & EDITORS), [] if roles & TEAM else scope.left)
        items |= seen.filter(meeting__committee__project__in=projects)
    announced = Meeting.objects.filter(
        status__in=[Meeting.Status.CONVENED, Meeting.Status.FROZEN],
        pk__in=_meetings(scope).order_by().values("pk"),
    )
    rows = AgendaItem.history.model.objects.filter(
        scope.of_others("history_user"),
        history_date__gt=scope.since,
        meeting__in=announced.order_by().values("pk"),
        id__in=items.order_by().values("pk"),
    )
    convening = StatusChange.objects.filter(
        content_type__app_label="committees",
        content_type__model="meeting",
        verb__in=["convene", "reconvene"],
        object_id=OuterRef("meeting_id"),
    )
    last = convening.order_by("-recorded_at").values("recorded_at")[:1]
    rows = rows.filter(history_date__gt=Subquery(last))
    group = ("meeting__committee__project", "meeting", "meeting__number")
    counted = rows.order_by().values(*group)
    counted = counted.annotate(how_many=Count("id", distinct=True), last=Max("history_date"))
    project, meeting, number = group
    found: Rows = counted.values_list(project, meeting, "how_many", "last", number)
    return found.order_by("-last", meeting)[: scope.most]


def _minutes(scope: NewsScope) -> Rows:
    found = Minutes.objects.none()
    for (roles, _audiences), projects, *_institutions in scope.places:
        found |= Minutes.objects.filter(
            meeting__committee__project__in=projects,
            meeting__starts_at__date__gte=scope.earliest,
            status__in=sorted(minutes_statuses(roles)),
        )
    return found


@counted_source
def circulated(scope: NewsScope) -> Rows:
    rows = _stepped(scope, _minutes(scope), "circulate", "finalise")
    return _counted(scope, rows, "moment", *MINUTES)


@counted_source
def adopted(scope: NewsScope) -> Rows:
    return _counted(scope, _stepped(scope, _minutes(scope), "adopt"), "moment", *MINUTES)


def _minutes_remarks(scope: NewsScope) -> QuerySet[MinutesRemark]:
    """Members and the team read comments on minutes; those on reserved items their audience."""
    found = MinutesRemark.objects.none()
    for place in scope.places:
        roles = place.rights.roles
        if not roles & (TEAM | {Role.MEMBER}):
            continue
        rows = MinutesRemark.objects.filter(
            minutes__meeting__committee__project__in=place.projects,
            minutes__status__in=sorted(minutes_statuses(roles)),
        )
        seen = rows.for_audiences(sorted(place.rights.audiences))
        if scope.reserved and not place.rights.is_team:
            seen = seen.filter(Q(agenda_item=None) | ~Q(agenda_item__in=scope.reserved))
        found |= seen
    return found


@counted_source
def minutes_remarks(scope: NewsScope) -> Rows:
    rows = _given(scope, _minutes_remarks(scope))
    return _counted(scope, rows, "recorded_at", *COMMENT)


@counted_source
def minutes_answers(scope: NewsScope) -> Rows:
    rows = _minutes_remarks(scope).filter(settled_at__gt=scope.since)
    return _counted(scope, rows.filter(scope.of_others("settled_by")), "settled_at", *COMMENT)


# Resolutions


def _resolutions(scope: NewsScope) -> Rows:
    found = Resolution.objects.none()
    for (roles, audiences), projects, *_institutions in scope.places:
        left = ([], []) if roles & TEAM else (scope.reserved, scope.left)
        found |= resolutions_seen(projects, roles, audiences, *left)
    return found


def resolved(scope: NewsScope) -> Rows:
    """A resolution is new when it is recorded, since minutes are often typed in a week late; those of
    old minutes are history and no news."""
    rows: Rows = _resolutions(scope).filter(resolved_on__gte=scope.earliest)
    rows = rows.annotate(recorded_at=_first("history_date"), by=_first("history_user"))
    rows = rows.filter(scope.of_others(), recorded_at__gt=scope.since)
    rows = rows.order_by("-recorded_at", "number")
    return rows.only("kind", "number", "resolved_on", *columns_of("text"))[: scope.most]


def _first(column: str) -> Subquery:
    """Return a column of the row of history that first had the day of the resolution."""
    kept = Resolution.history.model.objects.filter(id=OuterRef("pk"), resolved_on__isnull=False)
    return Subquery(kept.order_by("history_date").values(column)[:1])


@counted_source
def recommendations(scope: NewsScope) -> Rows:
    """Recommendations that the institution answered to which they are addressed."""
    rows = _stepped(scope, _resolutions(scope), "accept", "accept_partly", "decline")
    return _counted(scope, rows, "moment", "committee__project", "pk", "kind", "number")


# Values and reports


@counted_source
def values(scope: NewsScope) -> Rows:
    """Values that the team may check: without their cells, and without drafts."""
    found = Q(pk__in=[])
    for place in scope.places:
        if place.rights.is_team:
            found |= Q(indicator__result__project__in=place.projects)
    rows = _totals().exclude(status=DataPoint.Status.DRAFT)
    rows = rows.filter(found, scope.of_others("entered_by"), entered_at__gt=scope.since)
    return _counted(scope, rows, "entered_at", *PROJECT_OF_VALUE)


@counted_source
def approved_values(scope: NewsScope) -> Rows:
    found = Q(pk__in=[])
    for place in scope.places:
        if not place.rights.is_team:
            seen = values_seen(place.rights.roles, place.represented)
            found |= Q(seen, indicator__result__project__in=place.projects)
    rows = _totals().filter(found, status=DataPoint.Status.APPROVED)
    return _counted(scope, _stepped(scope, rows, "approve"), "moment", *PROJECT_OF_VALUE)


def _totals() -> QuerySet[DataPoint]:
    return DataPoint.objects.filter(category=None, second_category=None)


def _reports(scope: NewsScope) -> ReportQuerySet:
    found = Report.objects.none()
    for place in scope.places:
        found |= reports_seen(place.projects, place.rights.roles)
    return found


def published(scope: NewsScope) -> Rows:
    recent = _reports(scope).published().filter(published_on__gte=scope.earliest)
    rows = _stepped(scope, recent, "publish").select_related("preset", "period")
    columns = (
        "project",
        "preset__type",
        "period__number",
        "period__kind",
        *columns_of("preset__title"),
    )
    return rows.order_by("-moment", "pk").only(*columns)[: scope.most]


def _report_remarks(scope: NewsScope) -> QuerySet[ReportRemark]:
    found = Q(pk__in=[])
    for place in scope.places:
        seen = reports_seen(place.projects, place.rights.roles).order_by().values("pk")
        found |= Q(report__in=seen, origin__in=sorted(origins_for(place.rights.roles)))
    return ReportRemark.objects.filter(found).exclude(status=ReportRemark.Status.WITHDRAWN)


@counted_source
def report_remarks(scope: NewsScope) -> Rows:
    return _counted(scope, _given(scope, _report_remarks(scope)), "recorded_at", *REPORT)


@counted_source
def report_answers(scope: NewsScope) -> Rows:
    rows = _report_remarks(scope).filter(answered_at__gt=scope.since)
    rows = rows.filter(scope.of_others("answered_by"))
    return _counted(scope, rows, "answered_at", *REPORT)
