"""What the page of a report and the page on which it is read ask the database, in few columns."""

import json
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from committees.models import Audience
from committees.permissions.roles import audiences_of
from kernel.lifecycle import StatusChange
from projects.models import Translation
from projects.permissions.institutions import without_names
from projects.permissions.roles import Role, roles_of
from reports.document_types import ReportDocument
from reports.evidence import anchor_of
from reports.frozen import DOCUMENT
from reports.models import (
    DocumentKind,
    Rendition,
    Report,
    ReportFile,
    ReportRemark,
    Section,
    Snapshot,
)
from reports.on_page import kinds_linked
from reports.permissions.documents import meetings_left, renditions_seen
from reports.permissions.evidence import evidence_of_project
from reports.permissions.reports import files_seen, origins_seen, reports_seen


def report_of(pk: int) -> Report | None:
    """Return the report with its project, period, kind and snapshot, but for the frozen data."""
    whole = Report.objects.select_related("project", "period", "preset", "snapshot")
    report = whole.defer("snapshot__data").filter(pk=pk).first()  # of hundreds of kilobytes
    if report is None:
        return None
    report.period.project = report.project
    if report.snapshot:
        report.snapshot.report, report.snapshot.project = report, report.project
    return report


def versions_of(user: User, report: Report) -> list[Report]:
    """Return the versions of the report that the person sees, the latest first."""
    project = report.project
    rows = reports_seen([project], roles_of(user, project)).versions_of(report)
    columns = ("project", "period", "preset", "version", "status", "snapshot")
    versions = list(rows.order_by("-version").only(*columns))
    for row in versions:
        row.project, row.period, row.preset = project, report.period, report.preset
    return versions


def version_before(versions: list[Report], report: Report) -> Report | None:
    """Return the latest of these versions that the report can be compared with."""
    earlier = (one for one in versions if one.version < report.version and one.snapshot_id)
    return next(earlier, None)


def report_documents(user: User, report: Report) -> list[Rendition]:
    """Return the documents of the report that the person sees, the latest first."""
    project, roles = report.project, roles_of(user, report.project)
    left = meetings_left(user, [project], roles)
    audiences = audiences_of(user, project)
    documents = list(_documents(report.pk, project.pk, user.pk, roles, audiences, left))
    for row in documents:
        row.snapshot.report, row.snapshot.project = report, project
    return documents


def _documents(
    report: int,
    project: int,
    person: int,
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
) -> QuerySet[Rendition]:
    rows = renditions_seen(person, [project], roles, audiences, left).current()
    rows = rows.filter(snapshot__report=report, snapshot__kind=DocumentKind.ANNUAL_REPORT)
    rows = rows.select_related("snapshot").order_by("-pk")
    return rows.only(
        *("snapshot", "state", "failure", "language", "audience", "is_draft", "requested_at"),
        *("stage", "progress", "pages", "size", "text_size", "superseded_at", "finished_at"),
        *("snapshot__kind", "snapshot__is_final", "snapshot__report", "snapshot__project"),
        *("snapshot__attendance", "snapshot__seat", "snapshot__addressee", "snapshot__base"),
    )


def read_sections(report: Report) -> None:
    """Read the sections of the report without their texts, and what they cite, for
    `sections.all()` of the report and `citations.all()` of each section."""
    sections = Section.objects.select_related("updated_by").only(
        *("report", "kind", "result", "language", "words", "codes", "version", "updated_at"),
        *("updated_by", "updated_by__full_name", "updated_by__email"),
    )
    prefetch_related_objects([report], Prefetch("sections", sections), "sections__citations")


def donor_has_files(report: Report) -> bool:
    """Return whether the donor has the signed text as files: none is still being made, and there is
    one at least."""
    if report.snapshot_id is None:
        return False
    files = Rendition.objects.filter(
        snapshot=report.snapshot_id, is_draft=False, audience=Audience.DONOR
    )
    states = set(files.current().order_by().values_list("state", flat=True))
    in_hand = {Rendition.State.QUEUED, Rendition.State.WORKING}
    return Rendition.State.READY in states and not states & in_hand


class ReportRows:
    """What the page of a report and the page on which it is read show beside the text. Each is read
    when it is first needed."""

    def __init__(self, user: User, report: Report) -> None:
        self.user, self.report = user, report
        self._origins = origins_seen(user, report)

    @cached_property
    def versions(self) -> list[Report]:
        return versions_of(self.user, self.report)

    @cached_property
    def documents(self) -> list[Rendition]:
        return report_documents(self.user, self.report)

    @cached_property
    def remarks(self) -> list[ReportRemark]:
        rows = self.report.remarks.filter(origin__in=self._origins)
        people = (f"{name}__full_name" for name in ("by", "answered_by"))
        own = (field.name for field in ReportRemark._meta.concrete_fields)
        return list(rows.select_related("by", "answered_by").only(*own, *people))

    @cached_property
    def files(self) -> list[ReportFile]:
        rows = files_seen(self._origins).filter(report=self.report)
        return list(rows.only("report", "remark", "category", "kind", "size"))

    def files_of(self, remark: ReportRemark) -> list[ReportFile]:
        return [file for file in self.files if file.remark_id == remark.pk]

    @cached_property
    def changes(self) -> list[StatusChange]:
        columns = ("content_type", "verb", "to_status", "happened_on", "recorded_at", "why")
        related = ("by__full_name", "content_type__app_label", "content_type__model")
        return list(self.report.status_changes.only(*columns, *related))


# The page on which a report is read


def document_in(report: Report, audience: str, languages: Iterable[str]) -> ReportDocument | None:
    """Return the report as it was signed, for this audience, in the first of these languages in which
    it was; names that the present reader may not know are left out.

    A snapshot holds every audience and language, in hundreds of kilobytes: one document is read.
    """
    keys = [report.snapshot_id] if report.snapshot_id else []
    return documents_in(keys, audience, languages).get(report.snapshot_id or 0)


def documents_in(
    snapshots: Collection[int], audience: str, languages: Iterable[str], *, anchor: str = ""
) -> dict[int, ReportDocument]:
    """Return the same of several snapshots, by their keys: of those that have the anchor, if one is given."""
    if not snapshots:
        return {}
    texts = [KeyTransform(language, KeyTransform(audience, "data")) for language in languages]
    first = texts[0] if len(texts) == 1 else Coalesce(*texts, output_field=models.JSONField())
    frozen = Snapshot.objects.filter(pk__in=snapshots).order_by()
    if anchor:  # whole documents are long: the database leaves out the others
        as_kept = json.dumps(anchor), json.dumps(anchor, ensure_ascii=False)
        is_said = models.Q(said__contains=as_kept[0]) | models.Q(said__contains=as_kept[1])
        frozen = frozen.annotate(said=Cast(first, models.TextField())).filter(is_said)
    rows = frozen.annotate(text=first).values_list("pk", "text")
    found = {key: DOCUMENT.read(content) for key, content in rows if content is not None}
    return {
        key: without_names(document)  # type: ignore[misc]
        for key, document in found.items()
        if "chapters" in document
    }


class ReaderRows(ReportRows):
    """What a reader sees beside the text: also the things that the text is about."""

    def __init__(self, user: User, report: Report, document: ReportDocument) -> None:
        super().__init__(user, report)
        self.document = document

    @property
    def newer(self) -> Report | None:
        """The latest version, if it is not this one."""
        first = self.versions[0] if self.versions else None
        return first if first and first.version > self.report.version else None

    @property
    def earlier(self) -> Report | None:
        return version_before(self.versions, self.report)

    def translated_into(self, language: str) -> dict[str, Translation]:
        """The sections whose text in this language is a confirmed translation, by their kind."""
        rows = Translation.objects.confirmed().filter(
            content_type__app_label="reports",
            content_type__model="report",
            object_id=self.report.pk,
            language=language,
        )
        return {row.field: row for row in rows.only("field", "source_language", "at")}

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """The things that the text may be about and that the reader may see, by their anchors in
        it."""
        kinds = kinds_linked(self.document)
        found = evidence_of_project(self.user, self.report.project, kinds)
        return {anchor_of(one): one for one in found}

    @property
    def records(self) -> dict[str, str]:
        """The addresses of these things by their anchors."""
        return {anchor: one.get_absolute_url() for anchor, one in self.evidence.items()}

    def things_at(self, anchors: Iterable[str]) -> list[Any]:
        """Return the things at these anchors, as far as the reader may see them, in their order."""
        found = self.evidence
        return [found[anchor] for anchor in dict.fromkeys(anchors) if anchor in found]
