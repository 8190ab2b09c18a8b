"""What is told of a project: reports, the frozen data of documents, and the files made of it."""

from reports.models.document import (
    FOLDER,
    KINDS_OF,
    THING_OF,
    About,
    Kind,
    Rendition,
    Snapshot,
    canonical,
    hash_of,
    new_file_name,
)
from reports.models.report import Report, ReportQuerySet, Section
from reports.models.request import RenditionRequest

__all__ = [
    "FOLDER",
    "KINDS_OF",
    "THING_OF",
    "About",
    "Kind",
    "Rendition",
    "RenditionRequest",
    "Report",
    "ReportQuerySet",
    "Section",
    "Snapshot",
    "canonical",
    "hash_of",
    "new_file_name",
]
