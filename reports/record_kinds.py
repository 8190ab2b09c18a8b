"""The kinds of records of reports and documents. (`reports/kinds.py` has the kinds of documents.)"""

from collections.abc import Iterator
from functools import cache, partial
from operator import attrgetter

from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from kernel.contents import Content, Texts, names_of, typed
from kernel.kinds import Kind, for_report
from projects.models import Project
from projects.permissions.roles import roles_of
from reports.evidence import with_citations
from reports.models import FiledDocument, Rendition, Report, ReportRemark, Section
from reports.models.preset import SectionKind
from reports.on_page import place_of_section
from reports.permissions.documents import PERSONAL, WITH_NAMES
from reports.permissions.reports import filed_seen, origins_for, report_seen, visible_reports


def _remarks_seen(user: User, project: Project) -> QuerySet[ReportRemark]:
    seen = ReportRemark.objects.filter(
        report__in=visible_reports(user, project),
        origin__in=origins_for(roles_of(user, project)),
    )
    return seen.exclude(status=ReportRemark.Status.WITHDRAWN)


def _sections(row: Report) -> Iterator[Content]:
    """A section, or a text on a result in it, is one part, in all languages in which it is written:
    the part is the key of the first. What its readers may not know is left out, and the codes of
    what a text cites with it; so are sections that the report does not print."""
    printed = {section.kind for section in row.preset.sections.all()}
    written: dict[tuple[str, int | None], list[Section]] = {}
    for section in row.sections.all():
        if section.text and section.kind in printed:
            written.setdefault((section.kind, section.result_id), []).append(section)
    for (kind, _result), rows in written.items():
        texts = {one.language: with_citations(one.text, lambda code: None) for one in rows}
        part = min(one.pk for one in rows)
        yield Content(_titles(kind), texts, part, address=partial(place_of_section, row, kind))


@cache
def _titles(section: str) -> Texts:
    return names_of(SectionKind(section).label)


def _file_of_document(row: Rendition) -> FieldFile | None:
    """The pages of a final document. Others are made by the day and hold what is in the portal, and
    what names persons is read as a whole, which is logged."""
    is_final = row.snapshot.is_final and not row.is_draft and row.superseded_at is None
    is_open = row.snapshot.kind not in (*PERSONAL, *WITH_NAMES)
    return row.file if row.state == Rendition.State.READY and is_final and is_open else None


def _filed(row: FiledDocument) -> Iterator[Content]:
    if not row.is_withdrawn:
        title, words = {row.language: row.title}, (row.email_from, row.email_to)
        texts = typed(row.their_reference, *words, language=row.language)
        yield Content(title, texts, code=row.reference)


def _filed_file(row: FiledDocument) -> FieldFile | None:
    return row.current.file if row.current and not row.is_withdrawn else None


KINDS = (
    Kind(
        model=Report,
        read_by=report_seen,
        related=("preset", "period"),
        prefetched=("sections", "preset__sections"),
        place=lambda row: [row],
        day=attrgetter("published_on"),
        search="section",
        found_as=gettext_lazy("Section of a report"),
        words=_sections,
        need=for_report,
    ),
    Kind(
        model=ReportRemark,
        visible=_remarks_seen,
        related=("report__preset", "report__period"),
        typed=("text", "answer"),
        written_in={"text": "language"},
        label=lambda row: f"{row.report} · {_('Remark')}",
        page="report",
        need=for_report,
    ),
    Kind(
        model=Rendition,
        read=Rendition.objects.with_related,
        # Copies for several readers differ in nothing else.
        file_title=lambda row: f"{row.name} · {row.get_audience_display()}",
        place=lambda row: [row.snapshot.about],
        day=attrgetter("requested_at"),
        search="document",
        words=lambda row: (),
        file=_file_of_document,
    ),
    Kind(
        model=FiledDocument,
        read_by=filed_seen,
        day=attrgetter("on"),
        search="filed",
        found_as=gettext_lazy("Letter or other document of a project"),
        words=_filed,
        file=_filed_file,
    ),
)
