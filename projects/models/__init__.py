"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.classification import (
    Classification,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)
from projects.models.exchange import IatiImport, IatiPublication, IatiUpload
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result

__all__ = [
    "Activity",
    "Amendment",
    "Assignment",
    "Classification",
    "DataPoint",
    "IatiImport",
    "IatiPublication",
    "IatiUpload",
    "Indicator",
    "Participation",
    "Period",
    "Project",
    "ProjectCountry",
    "ProjectMarker",
    "ProjectSector",
    "ProjectTag",
    "Result",
]
