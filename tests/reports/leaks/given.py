"""What the rows of a rich project are made with, beside what their columns say."""

from base64 import b64decode
from typing import Any

# Numbers that stand for nothing else, told or not like texts; each is the only one of its sum.
NUMBERS = {
    name: 610_031 + 1_117 * number
    for number, name in enumerate(
        (
            "contribution",
            "amended",
            "budget",
            "spent",
            "promised",
            "received",
            "of an action",
            "target",
            "actual",
            "submitted",
            "draft",
            "of a cell",
            "beside a small cell",
            "beside a small group",
        )
    )
}
PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CITING = "lessons"  # the section that cites
# What `filled` does not know: what a row must hold beside what its columns say.
GIVEN: dict[str, dict[str, Any]] = {
    "projects.Assessment": {"conflict": "x"},
    "projects.AccountingLock": {"lifted_on": ..., "lift_reason": "x"},
    "projects.Lesson": {"noted_on": ...},
    "reports.GlanceChoice": {"consent": "written", "consent_on": ...},
    "reports.ReportFile": {"category": "acceptance"},
    "reports.ReportRemark": {"answer": "x", "answered_at": ..., "answered_by": ...},
}
# Columns that say by being empty what the row is: a secret only where there is something.
SAID_OR_NOT = {"projects.Evidence": {"link"}, "committees.Attendance": {"guest_name"}}
# Made by the migrations or with the first event, for all projects.
SHARED = {
    "accounts.AccessChain",
    "projects.Dimension",
    "projects.Category",
    "reports.ReportPreset",
    "reports.PresetSection",
}
# They are made of what was planted before.
MADE_LATER = {
    "projects.LogicModelVersion",
    "committees.Minutes",
    "committees.MinutesVersion",
    "committees.MinutesTranslation",
    "committees.MinutesRemark",
    "committees.Erratum",
    "reports.Archive",
    "reports.Snapshot",
    "reports.Rendition",
    "reports.RenditionRequest",
    "reports.SharedLink",
    "reports.Citation",
}
