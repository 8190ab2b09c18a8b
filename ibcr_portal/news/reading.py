"""Gives the news of a person their words, and the pages to which they lead."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, pgettext

from committees.models import ActionPlan, Meeting, Resolution
from ibcr_portal.news import sources
from ibcr_portal.news.rights import NewsReader, Source
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.text import columns_of
from projects.models import Period, Project
from projects.permissions.roles import TEAM, Role
from reports.models import Report, ReportPreset

SEES_REVIEW = TEAM | {Role.MEMBER}


@dataclass(frozen=True)
class NewsLine:
    title: str
    url: str
    at: datetime
    project: str = ""
    text: str = ""  # that a decision or recommendation has; a message does not hold it
    is_announced: bool = False

    @property
    def meta(self) -> str:
        return self.text or self.project

    @property
    def when(self) -> str:
        return day(self.at)


class NewsRow(NamedTuple):
    """What a source found at one place."""

    project: int
    place: Any
    number: int
    at: datetime
    facts: tuple[Any, ...]


class NewsKind(NamedTuple):
    """How the rows of a source are shown. `place` names where they are; it is empty if the line says
    enough with the project."""

    source: Source
    words: Callable[[int], str]
    place: Callable[[NewsRow], str]
    url: Callable[[NewsRow, Reader], str]
    # The roles in a project to which a message is sent about it; others find it when they look.
    announced_to: frozenset[Role] = frozenset()


def _plan(row: NewsRow) -> str:
    number, version = row.facts
    return str(ActionPlan(period=Period(number=number), version=version))


def _meeting(row: NewsRow) -> str:
    return str(Meeting(number=row.facts[-1])) if row.facts[-1] else ""


def _report(row: NewsRow) -> str:
    number, period, kind, *titles = row.facts
    named = dict(zip(columns_of("title"), titles, strict=True))
    return str(
        Report(period=Period(number=number, kind=period), preset=ReportPreset(type=kind, **named))
    )


def _resolution(row: NewsRow) -> str:
    kind, number = row.facts
    return str(Resolution(kind=kind, number=number))


def _to(name: str) -> Callable[[NewsRow, Reader], str]:
    return lambda row, _reader: reverse(name, args=[row.place])


def _to_review(name: str) -> Callable[[NewsRow, Reader], str]:
    """Lead to a page of the review, or to the plan if the reader may not be asked in it."""

    def url(row: NewsRow, reader: Reader) -> str:
        sees_it = reader.roles_by_project[row.project] & SEES_REVIEW
        return reverse(name if sees_it else "committees:plan", args=[row.place])

    return url


def _to_document(row: NewsRow, _reader: Reader) -> str:
    meeting = row.facts[0]
    if meeting:
        return reverse("committees:meeting", args=[meeting])
    return reverse("committees:detail", args=[row.place])


def _to_framework(row: NewsRow, _reader: Reader) -> str:
    return reverse("projects:framework", args=[row.place])


def _nowhere_else(_row: NewsRow) -> str:
    return ""


KINDS = (
    NewsKind(
        sources.proposals,
        lambda n: ngettext("%(count)d proposed change", "%(count)d proposed changes", n),
        _plan,
        _to_review("committees:plan-proposals"),
        frozenset({Role.COORDINATOR}),
    ),
    NewsKind(
        sources.settled,
        lambda n: ngettext(
            "%(count)d proposed change was settled", "%(count)d proposed changes were settled", n
        ),
        _plan,
        _to_review("committees:plan-proposals"),
        frozenset({Role.MEMBER, Role.PARTNER}),
    ),
    NewsKind(
        sources.positions,
        lambda n: ngettext("%(count)d position", "%(count)d positions", n),
        _plan,
        _to_review("committees:plan-positions"),
    ),
    NewsKind(
        sources.remarks,
        lambda n: ngettext("%(count)d remark", "%(count)d remarks", n),
        _plan,
        _to("committees:plan"),
    ),
    NewsKind(
        sources.replies,
        lambda n: ngettext("%(count)d reply to remarks", "%(count)d replies to remarks", n),
        _plan,
        _to("committees:plan"),
        frozenset({Role.COORDINATOR, Role.MEMBER, Role.PARTNER}),
    ),
    NewsKind(
        sources.convened,
        lambda _n: pgettext("of a meeting", "Convened"),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind(
        sources.cancelled,
        lambda _n: pgettext("of a meeting", "Cancelled"),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind(
        sources.agenda_items,
        lambda n: ngettext(
            "%(count)d agenda item is new or changed",
            "%(count)d agenda items are new or changed",
            n,
        ),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind(
        sources.circulated,
        lambda _n: _("Minutes to read"),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind(
        sources.adopted,
        lambda _n: _("Minutes adopted"),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind(
        sources.invitations,
        lambda n: ngettext(
            "%(count)d answer to the invitation", "%(count)d answers to the invitation", n
        ),
        _meeting,
        _to("committees:meeting-invitations"),
    ),
    NewsKind(
        sources.documents,
        lambda n: ngettext("%(count)d new file", "%(count)d new files", n),
        _meeting,
        _to_document,
    ),
    NewsKind(
        sources.minutes_remarks,
        lambda n: ngettext(
            "%(count)d comment on the minutes", "%(count)d comments on the minutes", n
        ),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind(
        sources.minutes_answers,
        lambda n: ngettext(
            "%(count)d answer to comments on the minutes",
            "%(count)d answers to comments on the minutes",
            n,
        ),
        _meeting,
        _to("committees:minutes"),
        frozenset({Role.MEMBER}),
    ),
    NewsKind(
        sources.recommendations,
        lambda _n: _("Answer"),
        _resolution,
        _to("committees:resolution"),
    ),
    NewsKind(
        sources.values,
        lambda n: ngettext("%(count)d value was entered", "%(count)d values were entered", n),
        _nowhere_else,
        _to_framework,
    ),
    NewsKind(
        sources.approved_values,
        lambda n: ngettext("%(count)d value was approved", "%(count)d values were approved", n),
        _nowhere_else,
        _to_framework,
    ),
    NewsKind(
        sources.report_remarks,
        lambda n: ngettext("%(count)d remark", "%(count)d remarks", n),
        _report,
        _to("reports:detail"),
        frozenset({Role.COORDINATOR, Role.MONITORING}),
    ),
    NewsKind(
        sources.report_answers,
        lambda n: ngettext("%(count)d answer to remarks", "%(count)d answers to remarks", n),
        _report,
        _to("reports:detail"),
        frozenset({Role.DONOR}),
    ),
)


def news_lines(reader: Reader, most: int, since: datetime | None = None) -> list[NewsLine]:
    """Return what others recorded since the reader last marked the news as read; `since` is another
    moment for a message. One line for each place, the latest first, at most `most` of each kind."""
    asked = NewsReader(reader, since=since or reader.user.new_since, most=most)
    scope = asked.scope
    found = [
        (kind, NewsRow(row[0], row[1], row[2], row[3], row[4:]))
        for kind in KINDS
        for row in kind.source(asked)
    ]
    published = list(sources.published(scope))
    projects = reader.projects_by_key(
        {row.project for _kind, row in found} | {report.project_id for report in published}
    )
    lines = [_of_row(kind, row, reader, projects[row.project]) for kind, row in found]
    lines += [_of_resolution(resolution) for resolution in sources.resolved(scope)]
    lines += [_of_report(report, projects[report.project_id]) for report in published]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _of_row(kind: NewsKind, row: NewsRow, reader: Reader, project: Project) -> NewsLine:
    what, place = kind.words(row.number) % {"count": row.number}, kind.place(row)
    title = _("%(what)s: %(place)s") % {"what": what, "place": place} if place else what
    is_announced = bool(reader.roles_by_project[row.project] & kind.announced_to)
    url = kind.url(row, reader)
    return NewsLine(title, url, row.at, str(project), is_announced=is_announced)


def _of_report(report: Any, project: Project) -> NewsLine:
    title = _("Published: %(report)s") % {"report": report}
    return NewsLine(title, report.get_absolute_url(), report.moment, str(project))


def _of_resolution(resolution: Any) -> NewsLine:
    url = resolution.get_absolute_url()
    return NewsLine(str(resolution), url, resolution.recorded_at, text=resolution.text)
