"""What has been told of projects, as their readers find it: reports by year with their files in each
language, and the other documents that stand."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from committees.models import Audience
from kernel.lifecycle import StatusChange
from projects.models import Project
from reports.kinds import kind_of
from reports.models import About, Kind, Rendition, Report
from reports.permissions.archives import standing_renditions

# Of several files of one text in one language a reader is shown one: the donor's before others.
ORDER = (
    Audience.DONOR,
    Audience.COMMITTEE,
    Audience.PARTNERS,
    Audience.PUBLIC,
    Audience.VOTING,
    Audience.COORDINATION,
)
# Steps with which a report comes to readers outside the team.
SHOWING = ("presented", "submitted", "published")


@dataclass(frozen=True)
class ReportLine:
    """A report and its files, one for each language; `is_new` to this reader."""

    report: Report
    files: list[Rendition]
    is_new: bool

    @property
    def waits(self) -> bool:
        """For the donor's answer."""
        return self.report.status == Report.Status.SUBMITTED


def lines_of(
    user: User, projects: Collection[Project], reports: QuerySet[Report]
) -> list[ReportLine]:
    """In the order of `reports`, which the person sees and which are of these projects."""
    change = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Report),
        object_id=OuterRef("pk"),
        to_status__in=SHOWING,
    )
    shown_at = Subquery(change.order_by("-recorded_at").values("recorded_at")[:1])
    rows = list(reports.with_related().annotate(shown_at=shown_at))
    if not rows:
        return []
    renditions = standing_renditions(user, projects).select_related("snapshot")
    renditions = renditions.filter(snapshot__report__in=rows).defer("snapshot__data")
    files = one_of_each(renditions, lambda row: row.snapshot.report_id)
    return [
        ReportLine(
            report,
            files.get(report.pk, []),
            is_new=report.shown_at is not None and report.shown_at >= user.new_since,
        )
        for report in rows
    ]


def one_of_each(
    rows: Iterable[Rendition], key: Callable[[Rendition], Any]
) -> dict[Any, list[Rendition]]:
    """By `key`, one file of each kind and language, in the order of the languages' names: the
    newest text, and the first file that was made of it."""

    def rank(row: Rendition) -> tuple[int, int, int]:
        return ORDER.index(row.audience), -row.snapshot_id, row.pk

    chosen: dict[tuple, Rendition] = {}
    for row in sorted(rows, key=rank):
        chosen.setdefault((key(row), row.kind, row.language), row)
    found: dict[Any, list[Rendition]] = defaultdict(list)
    ordered = sorted(
        chosen.items(), key=lambda one: (str(one[1].get_language_display()), one[0][1])
    )
    for (of, _kind, _language), row in ordered:
        found[of].append(row)
    return found


# Other documents


@dataclass(frozen=True)
class Standing:
    """A document that stands, and its files."""

    about: About
    files: list[Rendition]

    @property
    def title(self) -> str:
        return str(self.about.page)


def other_documents(user: User, project: Project) -> list[tuple[str, list[Standing]]]:
    """By kind: minutes, records of decisions, plans, whatever else stands of the project; the
    latest first."""
    rows = standing_renditions(user, [project]).exclude(snapshot__kind=Kind.ANNUAL_REPORT)
    files = one_of_each(rows.with_related(), lambda row: row.snapshot.about)
    kinds: dict[str, list[Standing]] = defaultdict(list)
    for about, found in files.items():
        kinds[about.kind].append(Standing(about, found))
    return [
        (str(kind.label), sorted(kinds[kind], key=_place, reverse=True))
        for kind in Kind
        if kind in kinds
    ]


def _place(standing: Standing) -> tuple[int, int]:
    return kind_of(standing.about).number(standing.about), standing.about.thing.pk
