"""The news on the home page: resolutions and published reports since the last visit."""

from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Resolution
from committees.permissions.resolutions import (
    ResolutionRights,
    resolution_rights,
    resolutions_for,
)
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.prepared import Moment, Question, prepared
from kernel.text import columns_of
from projects.models import Project
from projects.permissions.roles import Role
from reports.models import Report
from reports.permissions.reports import report_rights, reports_for

LATE_DAYS = 90  # records of meetings longer ago are history and no news


class News:
    """What was resolved and published since the last visit; the first visit looks a month back.

    A resolution is new when it is recorded, since minutes are often typed in a week late.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        since = reader.user.new_since
        day = timezone.localdate(since)
        rights, keys = resolution_rights(reader.user, reader.keys)
        days = (Moment(since), Moment(day), Moment(day - timedelta(days=LATE_DAYS)))
        self._resolved = _resolved.question(*days, rights, *keys)
        roles, projects = report_rights(reader.user, reader.keys)
        self._published = _published.question(Moment(day), roles, *projects)

    @property
    def questions(self) -> list[Question[Any]]:
        return [self._resolved, self._published]

    def lines(self) -> list[HomeLine]:
        lines = [_of_resolution(resolution) for resolution in self._resolved.rows]
        published = self._published.rows
        projects = self.reader.projects_by_key({report.project_id for report in published})
        lines += [_of_report(report, projects[report.project_id]) for report in published]
        return sorted(lines, key=lambda line: line.on or date.min, reverse=True)[:SHOWN]


def _of_resolution(resolution: Any) -> HomeLine:
    return HomeLine(
        title=str(resolution),
        url=resolution.get_absolute_url(),
        meta=resolution.text,
        when=day(resolution.resolved_on),
        on=timezone.localdate(resolution.recorded_at),
    )


def _of_report(report: Report, project: Project) -> HomeLine:
    return HomeLine(
        title=_("Published: %(report)s") % {"report": report},
        url=report.get_absolute_url(),
        meta=str(project),
        when=day(report.published_on),
        on=report.published_on,
    )


@prepared
def _resolved(
    since: Moment, day: Moment, first: Moment, rights: ResolutionRights, *keys: list[int]
) -> QuerySet[Any]:
    seen = resolutions_for(rights, keys).filter(resolved_on__gte=first.value)
    return (
        seen.annotate(recorded_at=_recorded_at())
        .filter(Q(recorded_at__gte=since.value) | Q(resolved_on__gte=day.value))
        .order_by("-recorded_at", "number")
        .only("kind", "number", "resolved_on", *columns_of("text"))[:SHOWN]
    )


def _recorded_at() -> Subquery:
    """Return when a resolution was first recorded as adopted, ratified or issued."""
    kept = Resolution.history.model.objects.filter(id=OuterRef("pk"), resolved_on__isnull=False)
    return Subquery(kept.order_by("history_date").values("history_date")[:1])


@prepared
def _published(
    since: Moment, roles: tuple[frozenset[Role], ...], *projects: list[int]
) -> QuerySet[Report]:
    reports = reports_for(roles, projects).published().filter(published_on__gte=since.value)
    columns = ("project", "published_on", "preset__type", "period__number")
    rows = reports.select_related("preset", "period").only(*columns, *columns_of("preset__title"))
    return rows[:SHOWN]
