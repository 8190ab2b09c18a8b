"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.evidence import Deliverable, Evidence
from projects.models.logic_model import LogicModelVersion
from projects.models.participants import ParticipantGroup
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result

__all__ = [
    "Activity",
    "Amendment",
    "Assignment",
    "DataPoint",
    "Deliverable",
    "Evidence",
    "Indicator",
    "LogicModelVersion",
    "ParticipantGroup",
    "Participation",
    "Period",
    "Project",
    "Result",
]
