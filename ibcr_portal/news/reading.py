"""Gives the news of a person their words, and the pages to which they lead."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext, pgettext

from committees.models import ActionPlan, Meeting, Resolution
from ibcr_portal.models import NewsKind
from ibcr_portal.news.rights import news_items
from ibcr_portal.reader import Reader
from kernel.formats import day
from kernel.text import columns_of
from projects.models import Period, Project
from projects.permissions.roles import TEAM, Role
from reports.models import Report, ReportPreset

SEES_REVIEW = TEAM | {Role.MEMBER}
TITLE_OF_PRESET = columns_of("report__preset__title")
# What makes a place: its keys, and the numbers and titles that name it.
PLACE = (
    *("kind", "project", "place", "meeting"),
    *("plan__period__number", "plan__version", "meeting__number"),
    *("resolution__kind", "resolution__number"),
    *("report__period__number", "report__period__kind", "report__preset__type"),
    *TITLE_OF_PRESET,
)

NewsRow = dict[str, Any]
"""What is new at one place: `PLACE`, `number` of things and the moment of the `last` one."""


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


class NewsWords(NamedTuple):
    """How news of a kind are shown. `place` names where they are; it is empty if the line says
    enough with the project."""

    words: Callable[[int], str]
    place: Callable[[NewsRow], str]
    url: Callable[[NewsRow, Reader], str]
    # The roles in a project to which a message is sent about it; others find it when they look.
    announced_to: frozenset[Role] = frozenset()


def _plan(row: NewsRow) -> str:
    period = Period(number=row["plan__period__number"])
    return str(ActionPlan(period=period, version=row["plan__version"]))


def _meeting(row: NewsRow) -> str:
    number = row["meeting__number"]
    return str(Meeting(number=number)) if number else ""


def _report(row: NewsRow) -> str:
    period = Period(number=row["report__period__number"], kind=row["report__period__kind"])
    titles = (row[name] for name in TITLE_OF_PRESET)
    named = dict(zip(columns_of("title"), titles, strict=True))
    preset = ReportPreset(type=row["report__preset__type"], **named)
    return str(Report(period=period, preset=preset))


def _resolution(row: NewsRow) -> str:
    return str(Resolution(kind=row["resolution__kind"], number=row["resolution__number"]))


def _to(name: str) -> Callable[[NewsRow, Reader], str]:
    return lambda row, _reader: reverse(name, args=[row["place"]])


def _to_review(name: str) -> Callable[[NewsRow, Reader], str]:
    """Lead to a page of the review, or to the plan if the reader may not be asked in it."""

    def url(row: NewsRow, reader: Reader) -> str:
        sees_it = reader.roles_by_project[row["project"]] & SEES_REVIEW
        return reverse(name if sees_it else "committees:plan", args=[row["place"]])

    return url


def _to_document(row: NewsRow, _reader: Reader) -> str:
    if row["meeting"]:
        return reverse("committees:meeting", args=[row["meeting"]])
    return reverse("committees:detail", args=[row["place"]])


def _to_framework(row: NewsRow, reader: Reader) -> str:
    [project] = reader.projects_by_key([row["project"]]).values()
    return reverse("projects:framework", args=[project.code])


def _nowhere_else(_row: NewsRow) -> str:
    return ""


KINDS = {
    NewsKind.PROPOSAL: NewsWords(
        lambda n: ngettext("%(count)d proposed change", "%(count)d proposed changes", n),
        _plan,
        _to_review("committees:plan-proposals"),
        frozenset({Role.COORDINATOR}),
    ),
    NewsKind.SETTLED_PROPOSAL: NewsWords(
        lambda n: ngettext(
            "%(count)d proposed change was settled", "%(count)d proposed changes were settled", n
        ),
        _plan,
        _to_review("committees:plan-proposals"),
        frozenset({Role.MEMBER, Role.PARTNER}),
    ),
    NewsKind.POSITION: NewsWords(
        lambda n: ngettext("%(count)d position", "%(count)d positions", n),
        _plan,
        _to_review("committees:plan-positions"),
    ),
    NewsKind.REMARK: NewsWords(
        lambda n: ngettext("%(count)d remark", "%(count)d remarks", n),
        _plan,
        _to("committees:plan"),
    ),
    NewsKind.REPLY: NewsWords(
        lambda n: ngettext("%(count)d reply to remarks", "%(count)d replies to remarks", n),
        _plan,
        _to("committees:plan"),
        frozenset({Role.COORDINATOR, Role.MEMBER, Role.PARTNER}),
    ),
    NewsKind.CONVENED: NewsWords(
        lambda _n: pgettext("of a meeting", "Convened"),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind.CANCELLED: NewsWords(
        lambda _n: pgettext("of a meeting", "Cancelled"),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind.AGENDA_ITEM: NewsWords(
        lambda n: ngettext(
            "%(count)d agenda item is new or changed",
            "%(count)d agenda items are new or changed",
            n,
        ),
        _meeting,
        _to("committees:meeting"),
    ),
    NewsKind.CIRCULATED: NewsWords(
        lambda _n: _("Minutes to read"),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind.ADOPTED: NewsWords(
        lambda _n: _("Minutes adopted"),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind.INVITATION: NewsWords(
        lambda n: ngettext(
            "%(count)d answer to the invitation", "%(count)d answers to the invitation", n
        ),
        _meeting,
        _to("committees:meeting-invitations"),
    ),
    NewsKind.DOCUMENT: NewsWords(
        lambda n: ngettext("%(count)d new file", "%(count)d new files", n),
        _meeting,
        _to_document,
    ),
    NewsKind.COMMENT: NewsWords(
        lambda n: ngettext(
            "%(count)d comment on the minutes", "%(count)d comments on the minutes", n
        ),
        _meeting,
        _to("committees:minutes"),
    ),
    NewsKind.COMMENT_ANSWERED: NewsWords(
        lambda n: ngettext(
            "%(count)d answer to comments on the minutes",
            "%(count)d answers to comments on the minutes",
            n,
        ),
        _meeting,
        _to("committees:minutes"),
        frozenset({Role.MEMBER}),
    ),
    NewsKind.RECOMMENDATION: NewsWords(
        lambda _n: _("Answer"),
        _resolution,
        _to("committees:resolution"),
    ),
    NewsKind.VALUE: NewsWords(
        lambda n: ngettext("%(count)d value was entered", "%(count)d values were entered", n),
        _nowhere_else,
        _to_framework,
    ),
    NewsKind.APPROVED_VALUE: NewsWords(
        lambda n: ngettext("%(count)d value was approved", "%(count)d values were approved", n),
        _nowhere_else,
        _to_framework,
    ),
    NewsKind.REPORT_REMARK: NewsWords(
        lambda n: ngettext("%(count)d remark", "%(count)d remarks", n),
        _report,
        _to("reports:detail"),
        frozenset({Role.COORDINATOR, Role.MONITORING}),
    ),
    NewsKind.REPORT_REMARK_ANSWERED: NewsWords(
        lambda n: ngettext("%(count)d answer to remarks", "%(count)d answers to remarks", n),
        _report,
        _to("reports:detail"),
        frozenset({Role.DONOR}),
    ),
    NewsKind.ACCEPTED: NewsWords(
        lambda _n: _("The donor accepted"),
        _report,
        _to("reports:detail"),
    ),
}


def news_lines(reader: Reader, most: int, since: datetime | None = None) -> list[NewsLine]:
    """Return what others recorded since the reader last marked the news as read; `since` is another
    moment for a message. One line for each place, the latest first, at most `most` of each kind."""
    found: Counter[int] = Counter()
    rows = []
    for row in _places(reader, since):
        found[row["kind"]] += 1
        if found[row["kind"]] <= most:
            rows.append(row)
    return _lines(rows, reader)


def latest_news(reader: Reader, most: int) -> list[NewsLine]:
    """Return the latest of `news_lines`, of whatever kind."""
    return _lines(_places(reader)[:most], reader)


def _places(reader: Reader, since: datetime | None = None) -> QuerySet[Any, NewsRow]:
    items = news_items(reader, since or reader.user.new_since).values(*PLACE)
    places: QuerySet[Any, NewsRow] = items.annotate(
        number=Count("thing", distinct=True), last=Max("at")
    ).order_by("-last", "kind", "place", "meeting")
    return places


def _lines(rows: Iterable[NewsRow], reader: Reader) -> list[NewsLine]:
    rows = list(rows)
    projects = reader.projects_by_key({row["project"] for row in rows})
    resolved = [row["place"] for row in rows if row["kind"] == NewsKind.RESOLVED]
    columns = ("kind", "number", "resolved_on", *columns_of("text"))
    resolutions = Resolution.objects.only(*columns).in_bulk(resolved) if resolved else {}
    lines = []
    for row in rows:
        project = projects[row["project"]]
        if row["kind"] == NewsKind.RESOLVED:
            lines.append(_of_resolution(row, resolutions[row["place"]]))
        elif row["kind"] == NewsKind.PUBLISHED:
            lines.append(_of_report(row, project))
        else:
            lines.append(_of_row(row, reader, project))
    return lines


def _of_row(row: NewsRow, reader: Reader, project: Project) -> NewsLine:
    kind = KINDS[row["kind"]]
    what, place = kind.words(row["number"]) % {"count": row["number"]}, kind.place(row)
    title = _("%(what)s: %(place)s") % {"what": what, "place": place} if place else what
    is_announced = bool(reader.roles_by_project[row["project"]] & kind.announced_to)
    url = kind.url(row, reader)
    return NewsLine(title, url, row["last"], str(project), is_announced=is_announced)


def _of_report(row: NewsRow, project: Project) -> NewsLine:
    title = _("Published: %(report)s") % {"report": _report(row)}
    url = reverse("reports:detail", args=[row["place"]])
    return NewsLine(title, url, row["last"], str(project))


def _of_resolution(row: NewsRow, resolution: Resolution) -> NewsLine:
    url = resolution.get_absolute_url()
    return NewsLine(str(resolution), url, row["last"], text=resolution.text)
