"""What a project promised, with whom, and what it measured."""

from projects.models.activity import Activity
from projects.models.amendment import Amendment
from projects.models.call import CallDocument, CallForProposals, Criterion
from projects.models.channel import Channel
from projects.models.grant import Grant, GrantReport, GrantReportFile, Instalment, SupportNote
from projects.models.panel import Assessment, PanelMember, Score
from projects.models.project import Assignment, Participation, Period, Project
from projects.models.proposal import (
    EligibilityCheck,
    Proposal,
    ProposalFile,
    ProposalLine,
    ProposalLink,
)
from projects.models.result import DataPoint, Indicator, Result

__all__ = [
    "Activity",
    "Amendment",
    "Assessment",
    "Assignment",
    "CallDocument",
    "CallForProposals",
    "Channel",
    "Criterion",
    "DataPoint",
    "EligibilityCheck",
    "Grant",
    "GrantReport",
    "GrantReportFile",
    "Indicator",
    "Instalment",
    "PanelMember",
    "Participation",
    "Period",
    "Project",
    "Proposal",
    "ProposalFile",
    "ProposalLine",
    "ProposalLink",
    "Result",
    "Score",
    "SupportNote",
]
