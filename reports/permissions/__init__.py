"""Who sees and does what with a report and its documents, a file per subject."""

from reports.permissions.documents import (
    audiences_offered,
    every_visible_rendition,
    may_manage_rendition,
    may_request,
    may_request_rendition,
    may_see_downloads,
    visible_renditions,
    visible_things,
)
from reports.permissions.remarks import (
    may_answer,
    may_settle,
    may_withdraw,
    origin_of_own,
    origins_entered,
    origins_seen,
    visible_files,
    visible_remarks,
)
from reports.permissions.reports import (
    every_visible_report,
    may_create_report,
    may_record_outcome,
    may_sign_off,
    may_take,
    may_write,
    sees_versions,
    visible_reports,
)

__all__ = [
    "audiences_offered",
    "every_visible_rendition",
    "every_visible_report",
    "may_answer",
    "may_create_report",
    "may_manage_rendition",
    "may_record_outcome",
    "may_request",
    "may_request_rendition",
    "may_see_downloads",
    "may_settle",
    "may_sign_off",
    "may_take",
    "may_withdraw",
    "may_write",
    "origin_of_own",
    "origins_entered",
    "origins_seen",
    "sees_versions",
    "visible_files",
    "visible_remarks",
    "visible_renditions",
    "visible_reports",
    "visible_things",
]
