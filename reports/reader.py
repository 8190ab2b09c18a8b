"""What the page on which a report is read asks the database: its frozen data in one language, and
everything beside them."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Coalesce

from accounts.models import User
from kernel.prepared import prepared
from projects.models import Translation
from projects.permissions.hidden_names import without_names
from reports.document_types import ReportDocument
from reports.evidence import anchor_of
from reports.frozen import DOCUMENT
from reports.models import Report, Snapshot
from reports.on_page import kinds_linked
from reports.permissions.evidence import evidence_of_project
from reports.reading import ReportRows, version_before


def document_in(report: Report, audience: str, languages: Iterable[str]) -> ReportDocument | None:
    """Return the report as it was signed, for this audience, in the first of these languages in which
    it was; names that the present reader may not know are left out.

    A snapshot holds every audience and language, in hundreds of kilobytes: one document is read.
    """
    if report.snapshot_id is None:
        return None
    texts = [KeyTransform(language, KeyTransform(audience, "data")) for language in languages]
    first = texts[0] if len(texts) == 1 else Coalesce(*texts, output_field=models.JSONField())
    frozen = Snapshot.objects.filter(pk=report.snapshot_id)
    content = frozen.annotate(text=first).values_list("text", flat=True).first()
    if content is None:
        return None
    document = DOCUMENT.read(content)
    return without_names(document) if "chapters" in document else None  # type: ignore[return-value]


@prepared
def _translated(report: int) -> QuerySet[Translation]:
    rows = Translation.objects.confirmed().filter(object_id=report)
    of_reports = rows.filter(content_type__app_label="reports", content_type__model="report")
    return of_reports.only("field", "language", "source_language", "at")


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
        found = _translated(self.report.pk)
        return {row.field: row for row in found if row.language == language}

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
