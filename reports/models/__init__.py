"""Reports with their sections and remarks, the frozen data of documents, and the files made of
it."""

from reports.models.archive import ARCHIVES, Archive, SharedLink, SharedLinkQuerySet
from reports.models.filed import FiledDocument, FiledVersion
from reports.models.preset import PresetSection, ReportPreset, SectionKind, WordTemplate
from reports.models.remark import ReportFile, ReportRemark
from reports.models.rendition import (
    FOLDER,
    CallGuide,
    MeetingPack,
    Rendition,
    RenditionQuerySet,
    RenditionRequest,
    new_file_name,
)
from reports.models.report import Report, ReportQuerySet, Section, SectionPlace, home_of
from reports.models.seal import AttendanceCertificate, SealCertificate
from reports.models.snapshot import KINDS_OF, THING_OF, About, DocumentKind, Snapshot, hash_of
from reports.models.writing import Citation, GlanceChoice, SectionWriting

__all__ = [
    "ARCHIVES",
    "FOLDER",
    "KINDS_OF",
    "THING_OF",
    "About",
    "Archive",
    "AttendanceCertificate",
    "CallGuide",
    "Citation",
    "DocumentKind",
    "FiledDocument",
    "FiledVersion",
    "GlanceChoice",
    "MeetingPack",
    "PresetSection",
    "Rendition",
    "RenditionQuerySet",
    "RenditionRequest",
    "Report",
    "ReportFile",
    "ReportPreset",
    "ReportQuerySet",
    "ReportRemark",
    "SealCertificate",
    "Section",
    "SectionKind",
    "SectionPlace",
    "SectionWriting",
    "SharedLink",
    "SharedLinkQuerySet",
    "Snapshot",
    "WordTemplate",
    "hash_of",
    "home_of",
    "new_file_name",
]
