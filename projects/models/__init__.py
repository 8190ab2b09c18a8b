"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.logic_model import LogicModelVersion
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result

__all__ = [
    "Activity",
    "Amendment",
    "Assignment",
    "DataPoint",
    "Indicator",
    "LogicModelVersion",
    "Participation",
    "Period",
    "Project",
    "Result",
]
