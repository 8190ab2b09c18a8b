"""What is told of a project: reports, the frozen data of documents, and the files made of it."""

from reports.models.archive import ARCHIVES, Archive
from reports.models.citation import Citation
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
from reports.models.kinds import SectionKind
from reports.models.preset import PresetSection, ReportPreset
from reports.models.remark import ReportFile, ReportRemark
from reports.models.report import Report, ReportQuerySet, Section
from reports.models.request import RenditionRequest
from reports.models.sharing import SharedLink, SharedLinkQuerySet
from reports.models.word_template import WordTemplate
from reports.models.writing import SectionWriting

__all__ = [
    "ARCHIVES",
    "FOLDER",
    "KINDS_OF",
    "THING_OF",
    "About",
    "Archive",
    "Citation",
    "Kind",
    "PresetSection",
    "Rendition",
    "RenditionRequest",
    "Report",
    "ReportFile",
    "ReportPreset",
    "ReportQuerySet",
    "ReportRemark",
    "Section",
    "SectionKind",
    "SectionWriting",
    "SharedLink",
    "SharedLinkQuerySet",
    "Snapshot",
    "WordTemplate",
    "canonical",
    "hash_of",
    "new_file_name",
]
