"""What reaches beyond one report or one document, a file per subject."""

from reports.services.composing import joined_by
from reports.services.errors import ReportError, WrittenMeanwhile
from reports.services.producing import code_of, produce
from reports.services.requesting import (
    LANGUAGES,
    RENDER,
    record_download,
    request_rendition,
    request_renditions,
    retry_rendition,
    snapshot_of,
    word_file,
)
from reports.services.steps import present_report, publish_report, sign_off, submit_report
from reports.services.sweeping import keep_what_stands, ring_due, sweep_files
from reports.services.writing import create_report, save_section, start_new_version, writers_of

__all__ = [
    "LANGUAGES",
    "RENDER",
    "ReportError",
    "WrittenMeanwhile",
    "code_of",
    "create_report",
    "joined_by",
    "keep_what_stands",
    "present_report",
    "produce",
    "publish_report",
    "record_download",
    "request_rendition",
    "request_renditions",
    "retry_rendition",
    "ring_due",
    "save_section",
    "sign_off",
    "snapshot_of",
    "start_new_version",
    "submit_report",
    "sweep_files",
    "word_file",
    "writers_of",
]
