"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment, AmendmentFile
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result
from projects.models.risk import Risk, RiskRating

__all__ = [
    "Activity",
    "Amendment",
    "AmendmentFile",
    "Assignment",
    "DataPoint",
    "Indicator",
    "Participation",
    "Period",
    "Project",
    "Result",
    "Risk",
    "RiskRating",
]
