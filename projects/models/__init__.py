"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.duty import DutyDone, DutyFile, ReportingDuty
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result

__all__ = [
    "Activity",
    "Amendment",
    "Assignment",
    "DataPoint",
    "DutyDone",
    "DutyFile",
    "Indicator",
    "Participation",
    "Period",
    "Project",
    "ReportingDuty",
    "Result",
]
