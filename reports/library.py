"""The library of a project: its reports with their files in each language, and its other final
documents."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Subquery

from accounts.models import User
from committees.models import Audience
from kernel.languages import language_rank
from kernel.lifecycle import StatusChange
from projects.models import Project
from reports.kinds import kind_of
from reports.models import About, DocumentKind, Rendition, Report, ReportQuerySet
from reports.permissions.archives import final_renditions

# Of several files of one text in one language, a reader sees the first in this order.
ORDER = (
    Audience.DONOR,
    Audience.COMMITTEE,
    Audience.PARTNERS,
    Audience.PUBLIC,
    Audience.VOTING,
    Audience.COORDINATION,
)
# The same for the archive that the organisation keeps: the fullest first.
EDITION_ORDER = (
    Audience.COORDINATION,
    Audience.VOTING,
    Audience.COMMITTEE,
    Audience.DONOR,
    Audience.PARTNERS,
    Audience.PUBLIC,
)
# Statuses with which a report reaches readers outside the team.
SHOWING = ("presented", "submitted", "published")


@dataclass(frozen=True)
class ReportLine:
    """A report and its files, one for each language; `is_new` for the reader of the list."""

    report: Report
    files: list[Rendition]
    is_new: bool

    @property
    def waits(self) -> bool:
        """Whether it waits for the donor's answer."""
        return self.report.status == Report.Status.SUBMITTED


def when_shown() -> Subquery:
    """Return when a report reached readers outside the team last."""
    change = StatusChange.objects.filter(
        content_type=ContentType.objects.get_for_model(Report),
        object_id=OuterRef("pk"),
        to_status__in=SHOWING,
    )
    return Subquery(change.order_by("-recorded_at").values("recorded_at")[:1])


def lines_of(
    user: User,
    projects: Collection[Project],
    reports: ReportQuerySet,
    order: Sequence[Audience] = ORDER,
) -> list[ReportLine]:
    """Return reports of these projects that the person sees, in the given order."""
    rows = list(reports.with_related().annotate(shown_at=when_shown()))
    if not rows:
        return []
    renditions = final_renditions(user, projects).select_related("snapshot")
    renditions = renditions.filter(snapshot__report__in=rows).defer("snapshot__data")
    files = one_of_each(renditions, lambda row: row.snapshot.report_id, order)
    return [
        ReportLine(
            report,
            files.get(report.pk, []),
            is_new=report.shown_at is not None and report.shown_at >= user.new_since,
        )
        for report in rows
    ]


def one_of_each(
    rows: Iterable[Rendition],
    key: Callable[[Rendition], Any],
    order: Sequence[Audience] = ORDER,
) -> dict[Any, list[Rendition]]:
    """Return, by `key`, one file of each kind and language, in the order of the languages.

    It is the file of the newest text that was made first.
    """

    def rank(row: Rendition) -> tuple[int, int, int]:
        return order.index(Audience(row.audience)), -row.snapshot_id, row.pk

    chosen: dict[tuple[Any, str, str], Rendition] = {}
    for row in sorted(rows, key=rank):
        chosen.setdefault((key(row), row.kind, row.language), row)
    found: dict[Any, list[Rendition]] = defaultdict(list)
    ordered = sorted(chosen.items(), key=lambda one: (language_rank(one[1].language), one[0][1]))
    for (of, _kind, _language), row in ordered:
        found[of].append(row)
    return found


# Other documents


@dataclass(frozen=True)
class LibraryDocument:
    """A final document and its files."""

    about: About
    files: list[Rendition]

    @property
    def title(self) -> str:
        return str(self.about.page)

    @property
    def name(self) -> str:
        """Its title with its kind, which the title of a meeting does not say."""
        if self.about.kind == DocumentKind.PLAN:
            return self.title
        return f"{DocumentKind(self.about.kind).label} – {self.title}"


def other_documents(
    user: User, project: Project, order: Sequence[Audience] = ORDER
) -> list[tuple[DocumentKind, list[LibraryDocument]]]:
    """Return the project's other final documents by kind (minutes, records of decisions, plans),
    the latest first."""
    rows = final_renditions(user, [project]).exclude(snapshot__kind=DocumentKind.ANNUAL_REPORT)
    files = one_of_each(rows.with_related(), lambda row: row.snapshot.about, order)
    kinds: dict[str, list[LibraryDocument]] = defaultdict(list)
    for about, found in files.items():
        kinds[about.kind].append(LibraryDocument(about, found))
    return [
        (kind, sorted(kinds[kind], key=_age, reverse=True))
        for kind in DocumentKind
        if kind in kinds
    ]


def _age(document: LibraryDocument) -> tuple[int, int]:
    """Return the number of the meeting or year, then the key, to sort documents by."""
    number = kind_of(document.about).number(document.about)
    return number or 0, document.about.thing.pk
