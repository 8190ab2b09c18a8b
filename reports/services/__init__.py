"""What reaches beyond one report or one document, a file per subject."""

from reports.services.citing import (
    RELATED,
    code_in,
    resolve,
    text_today,
    warning,
)
from reports.services.errors import ReportError, WrittenMeanwhile
from reports.services.producing import code_of, produce
from reports.services.remarks import (
    Given,
    answer_remark,
    give_remark,
    record_file_download,
    why_not_taken,
)
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
from reports.services.steps import (
    accept_report,
    decisions_for,
    meetings_for,
    present_report,
    publish_report,
    record_outcome,
    return_report,
    sign_off,
    submit_report,
    superseding,
)
from reports.services.sweeping import keep_what_stands, ring_due, sweep_files
from reports.services.writing import (
    create_report,
    note_writing,
    others_writing,
    save_section,
    start_new_version,
    writers_of,
)

__all__ = [
    "LANGUAGES",
    "RELATED",
    "RENDER",
    "Given",
    "ReportError",
    "WrittenMeanwhile",
    "accept_report",
    "answer_remark",
    "code_in",
    "code_of",
    "create_report",
    "decisions_for",
    "give_remark",
    "keep_what_stands",
    "meetings_for",
    "note_writing",
    "others_writing",
    "present_report",
    "produce",
    "publish_report",
    "record_download",
    "record_file_download",
    "record_outcome",
    "request_rendition",
    "request_renditions",
    "resolve",
    "retry_rendition",
    "return_report",
    "ring_due",
    "save_section",
    "sign_off",
    "snapshot_of",
    "start_new_version",
    "submit_report",
    "superseding",
    "sweep_files",
    "text_today",
    "warning",
    "why_not_taken",
    "word_file",
    "writers_of",
]
