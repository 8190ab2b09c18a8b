"""The news on the home page: resolutions and published reports since the last visit."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Resolution
from committees.permissions.resolutions import every_visible_resolution
from ibcr_portal.home.line import SHOWN, HomeLine
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.keys import Keys
from kernel.text import columns_of
from projects.models import Project
from reports.models import Report
from reports.permissions.reports import every_visible_report

LATE_DAYS = 90  # records of meetings longer ago are history and no news


def news_of(reader: Reader) -> list[HomeLine]:
    """Return what was resolved and published since the last visit; the first visit looks a month
    back.

    A resolution is new when it is recorded, since minutes are often typed in a week late.
    """
    since = reader.user.new_since
    lines = [_of_resolution(resolution) for resolution in _resolved_since(reader, since)]
    published = list(_published_since(reader, since))
    projects = reader.projects_by_key({report.project_id for report in published})
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


def _resolved_since(reader: Reader, since: datetime) -> QuerySet[Any]:
    first = timezone.localdate(since) - timedelta(days=LATE_DAYS)
    recent = Resolution.objects.filter(
        committee__project__in=Keys(reader.keys), resolved_on__gte=first
    )
    # Usually nothing was resolved lately; then it need not be asked who may see it.
    if not recent.exists():
        return recent.none()
    seen = every_visible_resolution(reader.user, reader.keys).filter(resolved_on__gte=first)
    return (
        seen.annotate(recorded_at=_recorded_at())
        .filter(Q(recorded_at__gte=since) | Q(resolved_on__gte=timezone.localdate(since)))
        .order_by("-recorded_at", "number")
        .only("kind", "number", "resolved_on", *columns_of("text"))[:SHOWN]
    )


def _recorded_at() -> Subquery:
    """Return when a resolution was first recorded as adopted, ratified or issued."""
    kept = Resolution.history.model.objects.filter(id=OuterRef("pk"), resolved_on__isnull=False)
    return Subquery(kept.order_by("history_date").values("history_date")[:1])


def _published_since(reader: Reader, since: datetime) -> QuerySet[Report]:
    reports = every_visible_report(reader.user, reader.keys).published()
    columns = ("project", "published_on", "preset__type", "period__number")
    rows = reports.select_related("preset", "period").only(*columns, *columns_of("preset__title"))
    return rows.filter(published_on__gte=timezone.localdate(since))[:SHOWN]
