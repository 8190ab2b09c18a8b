"""What reaches beyond one report or one document, a file per subject."""

from reports.services.errors import ReportError, WrittenMeanwhile
from reports.services.producing import produce
from reports.services.requesting import (
    LANGUAGES,
    RENDER,
    cancel_rendition,
    code_of,
    kept_rendition,
    record_download,
    request_rendition,
    request_renditions,
    retry_rendition,
    snapshot_of,
    text_file,
    text_now,
    text_of_rendition,
    word_file,
    word_now,
)
from reports.services.steps import present_report, publish_report, sign_off, submit_report
from reports.services.sweeping import keep_what_stands, ring_due, sweep_files
from reports.services.telling import tell_all_who_wait, tell_who_waits
from reports.services.writing import create_report, save_section, start_new_version, writers_of

__all__ = [
    "LANGUAGES",
    "RENDER",
    "ReportError",
    "WrittenMeanwhile",
    "cancel_rendition",
    "code_of",
    "create_report",
    "keep_what_stands",
    "kept_rendition",
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
    "tell_all_who_wait",
    "tell_who_waits",
    "text_file",
    "text_now",
    "text_of_rendition",
    "word_file",
    "word_now",
    "writers_of",
]
