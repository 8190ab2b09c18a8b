"""What reaches beyond one report or one document, a file per subject."""

from reports.services.archiving import (
    MAKE,
    enqueue_archives,
    make_archive,
    record_archive_download,
    request_archive,
    retry_archive,
)
from reports.services.at_once import (
    code_of,
    text_file,
    text_now,
    text_of_rendition,
    word_file,
    word_now,
)
from reports.services.citing import (
    RELATED,
    code_in,
    resolve,
    text_today,
    warning,
)
from reports.services.composing import joined_by
from reports.services.data_book import data_book
from reports.services.errors import WrittenMeanwhile
from reports.services.filling import FillFailed, check_template, filled_template
from reports.services.producing import produce
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
    cancel_rendition,
    kept_of,
    record_download,
    request_rendition,
    request_renditions,
    retry_rendition,
    snapshot_of,
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
from reports.services.sweeping import (
    enqueue_due,
    keep_what_stands,
    retry_for_libraries,
    sweep_files,
)
from reports.services.waiting import tell_all_who_wait, tell_who_waits
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
    "MAKE",
    "RELATED",
    "RENDER",
    "FillFailed",
    "Given",
    "WrittenMeanwhile",
    "accept_report",
    "answer_remark",
    "cancel_rendition",
    "check_template",
    "code_in",
    "code_of",
    "create_report",
    "data_book",
    "decisions_for",
    "enqueue_archives",
    "enqueue_due",
    "filled_template",
    "give_remark",
    "joined_by",
    "keep_what_stands",
    "kept_of",
    "make_archive",
    "meetings_for",
    "note_writing",
    "others_writing",
    "present_report",
    "produce",
    "publish_report",
    "record_archive_download",
    "record_download",
    "record_file_download",
    "record_outcome",
    "request_archive",
    "request_rendition",
    "request_renditions",
    "resolve",
    "retry_archive",
    "retry_for_libraries",
    "retry_rendition",
    "return_report",
    "save_section",
    "sign_off",
    "snapshot_of",
    "start_new_version",
    "submit_report",
    "superseding",
    "sweep_files",
    "tell_all_who_wait",
    "tell_who_waits",
    "text_file",
    "text_now",
    "text_of_rendition",
    "text_today",
    "warning",
    "why_not_taken",
    "word_file",
    "word_now",
    "writers_of",
]
