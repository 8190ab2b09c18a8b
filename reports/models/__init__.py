"""What is told of a project: reports, the frozen data of documents, and the files made of it."""

from reports.models.archive import ARCHIVES, Archive
from reports.models.document import (
    FOLDER,
    KINDS_OF,
    THING_OF,
    About,
    Kind,
    Rendition,
    Snapshot,
    canonical,
    new_file_name,
)
from reports.models.report import Report, ReportQuerySet, Section

__all__ = [
    "ARCHIVES",
    "FOLDER",
    "KINDS_OF",
    "THING_OF",
    "About",
    "Archive",
    "Kind",
    "Rendition",
    "Report",
    "ReportQuerySet",
    "Section",
    "Snapshot",
    "canonical",
    "new_file_name",
]
