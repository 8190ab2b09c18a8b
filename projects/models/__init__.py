"""The models of projects: results and values, activities, money, risks, calls and grants."""

from projects.models.activity import Activity, ParticipantGroup
from projects.models.advance import Advance, AdvanceReturn, AdvanceVoucher, AdvanceVoucherFile
from projects.models.amendment import Amendment, AmendmentFile
from projects.models.assignment import Assignment
from projects.models.budget import (
    Budget,
    BudgetCategory,
    BudgetComment,
    BudgetLine,
    BudgetRevision,
)
from projects.models.call import CallDocument, CallForProposals, CallQuestion, Criterion
from projects.models.classification import (
    Classification,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)
from projects.models.dimension import Category, Dimension
from projects.models.donor_form import DonorForm
from projects.models.duty import DutyDone, DutyFile, ReportingDuty
from projects.models.evidence import Deliverable, Evidence
from projects.models.exchange import IatiImport, IatiPublication, IatiUpload
from projects.models.expenditure import Expenditure, VoucherScan
from projects.models.grant import Grant, GrantReport, GrantReportFile, Instalment, SupportNote
from projects.models.handover import HandoverNote
from projects.models.held_text import HeldText
from projects.models.institution_change import InstitutionChange
from projects.models.lesson import Lesson
from projects.models.logic_model import LogicModelVersion
from projects.models.mail_note import MailNote, MailPhoto
from projects.models.naming import (
    NamedTo,
    NamingChoice,
    NamingPrecaution,
    NeutralNumber,
    PrecautionLift,
)
from projects.models.panel import Assessment, PanelMember, Score
from projects.models.period import Period
from projects.models.project import Participation, Project
from projects.models.proposal import (
    EligibilityCheck,
    Proposal,
    ProposalFile,
    ProposalLine,
    ProposalLink,
)
from projects.models.representation import Direction, Representation
from projects.models.result import Indicator, Result
from projects.models.risk import Risk, RiskRating
from projects.models.sample import SampledVoucher, VoucherSample
from projects.models.spending import (
    AccountingLock,
    Contribution,
    ExchangeRate,
    ImportBatch,
)
from projects.models.spending_import import ImportMapping
from projects.models.team_invitation import TeamInvitation
from projects.models.translation import Translation
from projects.models.uploads import ExpenditureUpload, FrameworkUpload
from projects.models.value import Cell, DataPoint, ValueFile, ValueRequest

__all__ = [
    "AccountingLock",
    "Activity",
    "Advance",
    "AdvanceReturn",
    "AdvanceVoucher",
    "AdvanceVoucherFile",
    "Amendment",
    "AmendmentFile",
    "Assessment",
    "Assignment",
    "Budget",
    "BudgetCategory",
    "BudgetComment",
    "BudgetLine",
    "BudgetRevision",
    "CallDocument",
    "CallForProposals",
    "CallQuestion",
    "Category",
    "Cell",
    "Classification",
    "Contribution",
    "Criterion",
    "DataPoint",
    "Deliverable",
    "Dimension",
    "Direction",
    "DonorForm",
    "DutyDone",
    "DutyFile",
    "EligibilityCheck",
    "Evidence",
    "ExchangeRate",
    "Expenditure",
    "ExpenditureUpload",
    "FrameworkUpload",
    "Grant",
    "GrantReport",
    "GrantReportFile",
    "HandoverNote",
    "HeldText",
    "IatiImport",
    "IatiPublication",
    "IatiUpload",
    "ImportBatch",
    "ImportMapping",
    "Indicator",
    "Instalment",
    "InstitutionChange",
    "Lesson",
    "LogicModelVersion",
    "MailNote",
    "MailPhoto",
    "NamedTo",
    "NamingChoice",
    "NamingPrecaution",
    "NeutralNumber",
    "PanelMember",
    "ParticipantGroup",
    "Participation",
    "Period",
    "PrecautionLift",
    "Project",
    "ProjectCountry",
    "ProjectMarker",
    "ProjectSector",
    "ProjectTag",
    "Proposal",
    "ProposalFile",
    "ProposalLine",
    "ProposalLink",
    "ReportingDuty",
    "Representation",
    "Result",
    "Risk",
    "RiskRating",
    "SampledVoucher",
    "Score",
    "SupportNote",
    "TeamInvitation",
    "Translation",
    "ValueFile",
    "ValueRequest",
    "VoucherSample",
    "VoucherScan",
]
