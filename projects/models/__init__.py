"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment, AmendmentFile
from projects.models.budget import (
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetLine,
    BudgetRevision,
)
from projects.models.classification import (
    Classification,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)
from projects.models.dimension import Category, Dimension
from projects.models.duty import DutyDone, DutyFile, ReportingDuty
from projects.models.evidence import Deliverable, Evidence
from projects.models.exchange import IatiImport, IatiPublication, IatiUpload
from projects.models.logic_model import LogicModelVersion
from projects.models.participants import ParticipantGroup
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import Indicator, Result
from projects.models.risk import Risk, RiskRating
from projects.models.spending import (
    AccountingLock,
    Contribution,
    ExchangeRate,
    Expenditure,
    ImportBatch,
)
from projects.models.spending_import import ExpenditureUpload, ImportMapping
from projects.models.value import Cell, DataPoint, ValueFile, ValueRequest

__all__ = [
    "AccountingLock",
    "Activity",
    "Amendment",
    "AmendmentFile",
    "Assignment",
    "Budget",
    "BudgetCategory",
    "BudgetComment",
    "BudgetLine",
    "BudgetRevision",
    "Category",
    "Cell",
    "Classification",
    "Contribution",
    "DataPoint",
    "Deliverable",
    "Dimension",
    "DutyDone",
    "DutyFile",
    "Evidence",
    "ExchangeRate",
    "Expenditure",
    "ExpenditureUpload",
    "IatiImport",
    "IatiPublication",
    "IatiUpload",
    "ImportBatch",
    "ImportMapping",
    "Indicator",
    "LogicModelVersion",
    "ParticipantGroup",
    "Participation",
    "Period",
    "Project",
    "ProjectCountry",
    "ProjectMarker",
    "ProjectSector",
    "ProjectTag",
    "ReportingDuty",
    "Result",
    "Risk",
    "RiskRating",
    "ValueFile",
    "ValueRequest",
]
