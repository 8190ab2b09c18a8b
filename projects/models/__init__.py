"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.budget import (
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetLine,
    BudgetRevision,
)
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.result import DataPoint, Indicator, Result
from projects.models.spending import (
    AccountingLock,
    Contribution,
    ExchangeRate,
    Expenditure,
    ImportBatch,
)
from projects.models.spending_import import ExpenditureUpload, ImportMapping

__all__ = [
    "AccountingLock",
    "Activity",
    "Amendment",
    "Assignment",
    "Budget",
    "BudgetCategory",
    "BudgetComment",
    "BudgetLine",
    "BudgetRevision",
    "Contribution",
    "DataPoint",
    "ExchangeRate",
    "Expenditure",
    "ExpenditureUpload",
    "ImportBatch",
    "ImportMapping",
    "Indicator",
    "Participation",
    "Period",
    "Project",
    "Result",
]
