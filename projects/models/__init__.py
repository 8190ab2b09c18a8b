"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.dimension import Category, Dimension
from projects.models.evidence import Deliverable, Evidence
from projects.models.logic_model import LogicModelVersion
from projects.models.participants import ParticipantGroup
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import Indicator, Result
from projects.models.value import Cell, DataPoint, ValueFile, ValueRequest

__all__ = [
    "Activity",
    "Amendment",
    "Assignment",
    "Category",
    "Cell",
    "DataPoint",
    "Deliverable",
    "Dimension",
    "Evidence",
    "Indicator",
    "LogicModelVersion",
    "ParticipantGroup",
    "Participation",
    "Period",
    "Project",
    "Result",
    "ValueFile",
    "ValueRequest",
]
