"""The home page: what waits for a person, what is next, and what is new since their last visit.

Every list starts from the querysets of what the person may see, and asks as many queries for
one project as for a hundred.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from committees.models import (
    Action,
    ActionPlan,
    ActionTerms,
    Meeting,
    Position,
    Resolution,
    Seat,
)
from committees.permissions import (
    every_visible_meeting,
    every_visible_resolution,
    plans_visible_in,
    projects_by_roles,
)
from committees.services.following import COMING, open_terms
from kernel.formats import day, moment
from partners.models import Institution
from projects.models import DataPoint, Participation, Project
from projects.permissions import Role
from reports.models import Rendition, Report
from reports.permissions import every_visible_rendition, every_visible_report

NEWS_DAYS = 30  # for somebody who was never here before
LATE_DAYS = 90  # what is typed in of meetings longer ago is history, no news
SHOWN = 8  # lines of a list on the home page


@dataclass(frozen=True)
class Line:
    title: str
    url: str
    meta: str = ""
    when: str = ""
    tone: str = ""
    label: str = ""
    on: date | None = None


@dataclass
class Home:
    waiting: list[Line] = field(default_factory=list)
    coming: list[Line] = field(default_factory=list)
    news: list[Line] = field(default_factory=list)
    documents: list[Rendition] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)


class Reader:
    """What the lists below need to know of the person, read once."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.today = timezone.localdate()
        self.roles: dict[Role, list[Project]] = {}
        self.projects: list[Project] = []
        for (roles, _audiences), projects in projects_by_roles(user).items():
            self.projects += projects
            for role in roles:
                self.roles.setdefault(role, []).extend(projects)
        self.institutions = list(Institution.objects.spoken_for_by(user).distinct())

    def where(self, *roles: Role) -> list[Project]:
        return [project for role in roles for project in self.roles.get(role, [])]

    @property
    def is_guest(self) -> bool:
        """A partner, member or donor rather than one of the team."""
        return bool(self.institutions)


def home_for(user: User) -> Home:
    reader = Reader(user)
    waiting = [
        *_plans_to_review(reader),
        *_recommendations_to_answer(reader),
        *_actions_to_note(reader),
        *_plans_to_approve(reader),
        *_coordination(reader),
        *_reports_to_move(reader),
        *_values_to_approve(reader),
    ]
    return Home(
        waiting=sorted(waiting, key=lambda line: line.on or date.max)[: SHOWN * 2],
        coming=_coming(reader),
        news=_news(reader),
        documents=list(_documents(reader)),
        projects=sorted(reader.projects, key=lambda project: project.starts_on, reverse=True)[
            :SHOWN
        ],
    )


# What waits


def _due(on: date | None, today: date) -> dict:
    """The end of a line: when it is due, and how late it is."""
    if on is None:
        return {}
    late = (today - on).days
    if late > 0:
        label = _("%(days)s days late") % {"days": late} if late > 1 else _("1 day late")
        return {"when": day(on), "tone": "bad", "label": label, "on": on}
    return {"when": day(on), "on": on}


def _plans_to_review(reader: Reader) -> Iterator[Line]:
    """Plans in review on which one's institution has not taken a position, or still consults."""
    if not reader.institutions:
        return
    plans = plans_visible_in(reader.user, reader.where(Role.PARTNER, Role.MEMBER)).in_review()
    in_time = Q(review_until=None) | Q(review_until__gte=reader.today)
    in_time |= Q(
        extensions__institution__in=reader.institutions, extensions__until__gte=reader.today
    )
    plans = plans.filter(in_time).with_related().prefetch_related("extensions")
    plans = list(plans.distinct())
    answers = Position.objects.filter(plan__in=plans, institution__in=reader.institutions)
    said = answers.latest().exclude(stance=Position.Stance.CONSULTING)
    answered = set(said.values_list("plan", "institution"))
    asked = _asked_institutions(reader, plans)
    for plan in plans:
        if any((plan.pk, institution) not in answered for institution in asked[plan.project_id]):
            yield Line(
                title=_("Review: %(plan)s") % {"plan": plan},
                url=plan.get_absolute_url(),
                meta=_("%(project)s · your institution has not answered yet")
                % {"project": plan.project},
                **_due(_last_day(plan, asked[plan.project_id]), reader.today),
            )


def _last_day(plan: ActionPlan, institutions: set[int]) -> date | None:
    """The last day on which one of these institutions answers; one may have got more time."""
    ends = [end for pk, end in plan.ends_by_institution.items() if pk in institutions]
    return max([plan.review_until, *ends]) if plan.review_until else None


def _asked_institutions(reader: Reader, plans: list[ActionPlan]) -> dict[int, set[int]]:
    """By project, those of the person's institutions whose position is asked: the rule of
    `ActionPlan.reviewers`, for many plans at once."""
    projects = {plan.project_id for plan in plans}
    asked: dict[int, set[int]] = {project: set() for project in projects}
    mine = Participation.objects.filter(project__in=projects, institution__in=reader.institutions)
    taking_part = mine.exclude(role__in=Participation.DONOR_ROLES)
    seats = Seat.objects.on(reader.today).filter(
        committee__project__in=projects, institution__in=reader.institutions, is_voting=True
    )
    for project, institution in (
        *taking_part.values_list("project", "institution"),
        *seats.values_list("committee__project", "institution"),
    ):
        asked[project].add(institution)
    writers = mine.filter(role=Participation.Role.ACCOUNTABLE)
    for project, institution in writers.values_list("project", "institution"):
        asked[project].discard(institution)
    return asked


def _recommendations_to_answer(reader: Reader) -> Iterator[Line]:
    if not reader.institutions:
        return
    addressed = every_visible_resolution(reader.user).filter(
        addressee__in=reader.institutions, status__in=Resolution.OPEN
    )
    for resolution in addressed.recommendations().select_related("committee__project"):
        unanswered = resolution.status == Resolution.Status.ISSUED
        title = _("Answer: %(resolution)s") if unanswered else _("Follow up: %(resolution)s")
        yield Line(
            title=title % {"resolution": resolution},
            url=resolution.get_absolute_url(),
            meta=resolution.text,
            **_due(resolution.due_on, reader.today),
        )


def _actions_to_note(reader: Reader) -> Iterator[Line]:
    """What one's institutions have to do now, as one line that leads to all of it."""
    if not reader.institutions:
        return
    plans = plans_visible_in(reader.user, reader.projects)
    found = open_terms(reader.today + COMING).filter(
        responsible__in=reader.institutions, plan__in=plans
    )
    ends = dict(found.order_by("ends_on").values_list("action", "ends_on"))
    if ends:
        number = len(ends)
        yield Line(
            title=ngettext(
                "Note the progress of %(number)s action",
                "Note the progress of %(number)s actions",
                number,
            )
            % {"number": number},
            url=reverse("committees:actions"),
            meta=_("Of your institution: overdue, or to be done within 30 days"),
            **_due(min(ends.values()), reader.today),
        )


def _plans_to_approve(reader: Reader) -> Iterator[Line]:
    plans = plans_visible_in(reader.user, reader.where(Role.DONOR))
    for plan in plans.filter(status=ActionPlan.Status.SUBMITTED).with_related():
        yield Line(
            title=_("Approve: %(plan)s") % {"plan": plan},
            url=plan.get_absolute_url(),
            meta=str(plan.project),
        )


def _coordination(reader: Reader) -> Iterator[Line]:
    """What the coordinator's projects wait for."""
    projects = reader.where(Role.COORDINATOR)
    if not projects:
        return
    yield from _meetings_to_convene(projects, reader.today)
    yield from _plans_to_move(projects, reader.today)
    for resolution in Resolution.objects.filter(committee__project__in=projects).overdue():
        yield Line(
            title=_("Overdue: %(resolution)s") % {"resolution": resolution},
            url=resolution.get_absolute_url(),
            meta=resolution.text,
            **_due(resolution.due_on, reader.today),
        )
    terms = ActionTerms.objects.filter(
        plan__project__in=projects,
        plan__status=ActionPlan.Status.IN_EXECUTION,
        action__status__in=Action.UNFINISHED,
        ends_on__lt=reader.today,
    ).select_related("action", "plan__project")
    for term in terms:
        yield Line(
            title=_("Late: %(action)s") % {"action": term.action},
            url=term.action.get_absolute_url(),
            meta=f"{term.plan.project} · {term.title}",
            **_due(term.ends_on, reader.today),
        )


def _meetings_to_convene(projects: list[Project], today: date) -> Iterator[Line]:
    meetings = Meeting.objects.filter(
        committee__project__in=projects, status=Meeting.Status.PLANNED
    )
    for meeting in meetings.with_related():
        past = meeting.day < today
        title = _("Record afterwards: %(meeting)s") if past else _("Convene: %(meeting)s")
        convene_by = meeting.day - timedelta(days=meeting.committee.notice_days)
        yield Line(
            title=title % {"meeting": meeting},
            url=meeting.get_absolute_url(),
            meta=str(meeting.committee.project),
            **_due(meeting.day if past else convene_by, today),
        )


def _plans_to_move(projects: list[Project], today: date) -> Iterator[Line]:
    status = ActionPlan.Status
    plans = ActionPlan.objects.filter(project__in=projects).filter(
        Q(status=status.IN_REVIEW, review_until__lt=today)
        | Q(status__in=[status.PRESENTED, status.VALIDATED])
    )
    said = {
        status.IN_REVIEW: _("Review is over: %(plan)s"),
        status.PRESENTED: _("To be decided: %(plan)s"),
        status.VALIDATED: _("Submit to the donor: %(plan)s"),
    }
    for plan in plans.with_related():
        over = plan.review_until if plan.status == status.IN_REVIEW else None
        yield Line(
            title=said[plan.status] % {"plan": plan},
            url=plan.get_absolute_url(),
            meta=str(plan.project),
            **_due(over, today),
        )


def _reports_to_move(reader: Reader) -> Iterator[Line]:
    status = Report.Status
    said = {
        status.DRAFT: _("Write: %(report)s"),
        status.IN_REVIEW: _("Sign off: %(report)s"),
        status.RETURNED: _("The donor asks for changes: %(report)s"),
        status.SUBMITTED: _("Read: %(report)s"),
    }
    team = reader.where(Role.COORDINATOR, Role.MONITORING)
    reports = Report.objects.filter(
        Q(project__in=team, status__in=[status.DRAFT, status.IN_REVIEW, status.RETURNED])
        | Q(project__in=reader.where(Role.DONOR), status=status.SUBMITTED)
    )
    for report in reports.with_related():
        yield Line(
            title=said[report.status] % {"report": report},
            url=report.get_absolute_url(),
            meta=str(report.project),
        )


def _values_to_approve(reader: Reader) -> Iterator[Line]:
    """Values that somebody else entered: nobody approves their own."""
    projects = reader.where(Role.MONITORING, Role.COORDINATOR)
    values = (
        DataPoint.objects.totals()
        .filter(indicator__result__project__in=projects, status=DataPoint.Status.SUBMITTED)
        .exclude(entered_by=reader.user)
    )
    for value in values.select_related("indicator__result__project")[:SHOWN]:
        yield Line(
            title=_("Approve a value: %(indicator)s") % {"indicator": value.indicator},
            url=value.indicator.get_absolute_url(),
            meta=str(value.indicator.result.project),
        )


# What is next


def _coming(reader: Reader) -> list[Line]:
    lines = []
    meetings = every_visible_meeting(reader.user).upcoming().with_related()
    for meeting in meetings.order_by("starts_at")[:SHOWN]:
        lines.append(
            Line(
                title=_("%(meeting)s of the committee") % {"meeting": meeting},
                url=meeting.get_absolute_url(),
                meta=str(meeting.committee.project),
                when=moment(meeting.starts_at, meeting.zone),
                on=meeting.day,
            )
        )
    plans = plans_visible_in(reader.user, reader.projects).in_review()
    for plan in plans.filter(review_until__gte=reader.today).with_related()[:SHOWN]:
        lines.append(
            Line(
                title=_("Review closes: %(plan)s") % {"plan": plan},
                url=plan.get_absolute_url(),
                meta=str(plan.project),
                when=day(plan.review_until),
                on=plan.review_until,
            )
        )
    return sorted(lines, key=lambda line: line.on)[:SHOWN]


# What is new


def _news(reader: Reader) -> list[Line]:
    """Resolved and published since the last visit; the first visit looks a month back.

    A resolution is new when it is recorded: minutes are typed in a week late.
    """
    since = reader.user.previous_visit or timezone.now() - timedelta(days=NEWS_DAYS)
    resolutions = (
        every_visible_resolution(reader.user)
        .filter(resolved_on__gte=timezone.localdate(since) - timedelta(days=LATE_DAYS))
        .annotate(recorded_at=_recorded_at())
        .filter(Q(recorded_at__gte=since) | Q(resolved_on__gte=timezone.localdate(since)))
        .order_by("-recorded_at", "number")
    )
    lines = [
        Line(
            title=str(resolution),
            url=resolution.get_absolute_url(),
            meta=resolution.text,
            when=day(resolution.resolved_on),
            on=timezone.localdate(resolution.recorded_at),
        )
        for resolution in resolutions.select_related("committee")[:SHOWN]
    ]
    lines += [
        Line(
            title=_("Published: %(report)s") % {"report": report},
            url=report.get_absolute_url(),
            meta=str(report.project),
            when=day(report.published_on),
            on=report.published_on,
        )
        for report in _published_since(reader, since)
    ]
    return sorted(lines, key=lambda line: line.on, reverse=True)[:SHOWN]


def _recorded_at() -> Subquery:
    """When a resolution first stood: adopted, ratified or issued."""
    kept = Resolution.history.model.objects.filter(id=OuterRef("pk"), resolved_on__isnull=False)
    return Subquery(kept.order_by("history_date").values("history_date")[:1])


def _published_since(reader: Reader, since: datetime) -> QuerySet[Report]:
    reports = every_visible_report(reader.user).published().with_related()
    return reports.filter(published_on__gte=timezone.localdate(since))[:SHOWN]


def _documents(reader: Reader) -> QuerySet[Rendition]:
    """For donors, members and partners: the published reports, to download at once."""
    if not reader.is_guest:
        return Rendition.objects.none()
    documents = every_visible_rendition(reader.user).ready().with_related()
    published = documents.filter(
        is_draft=False,
        snapshot__report__status=Report.Status.PUBLISHED,
        snapshot=F("snapshot__report__snapshot"),
    )
    return published.order_by("-snapshot__report__published_on", "language")[: SHOWN * 3]
