"""Reports with their sections and remarks, the frozen data of documents, and the files made of
it."""

from reports.models.about import KINDS_OF, THING_OF, About, DocumentKind
from reports.models.archive import ARCHIVES, Archive
from reports.models.certificate import AttendanceCertificate
from reports.models.citation import Citation
from reports.models.filed import FiledDocument, FiledVersion
from reports.models.glance import GlanceChoice
from reports.models.guide import CallGuide
from reports.models.kinds import SectionKind
from reports.models.pack import MeetingPack
from reports.models.place import SectionPlace, home_of
from reports.models.preset import PresetSection, ReportPreset
from reports.models.remark import ReportFile, ReportRemark
from reports.models.rendition import FOLDER, Rendition, RenditionQuerySet, new_file_name
from reports.models.report import Report, ReportQuerySet, Section
from reports.models.request import RenditionRequest
from reports.models.seal import SealCertificate
from reports.models.sharing import SharedLink, SharedLinkQuerySet
from reports.models.snapshot import Snapshot, hash_of
from reports.models.word_template import WordTemplate
from reports.models.writing import SectionWriting

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
