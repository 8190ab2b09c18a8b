"""The steering of a project: its committee, meetings, their resolutions, and action plans."""

from committees.models.action import Action, ActionTerms, Shift
from committees.models.agenda import AgendaItem, TemplateItem
from committees.models.answer import Position, Remark
from committees.models.attendance import Attendance, ParticipantsUpload
from committees.models.audience import Audience
from committees.models.committee import Committee, QuorumMinimum
from committees.models.consultation import Ballot, WrittenConsultation
from committees.models.document import Document
from committees.models.feedback import Feedback, FeedbackGiven
from committees.models.invitation import Invitation
from committees.models.meeting import Meeting
from committees.models.minutes import (
    Erratum,
    Minutes,
    MinutesTranslation,
    MinutesVersion,
)
from committees.models.minutes_remark import MinutesRemark
from committees.models.plan import ActionPlan, PlanUpload
from committees.models.progress import DigestChoice, NoteFile, ProgressNote, Reminder
from committees.models.resolution import Resolution
from committees.models.review import ProposedChange, Reply, ReviewExtension, Silence
from committees.models.seat import Seat, SeatTerm
from committees.models.sitting import InterestDeclaration, Sitting
from committees.models.subject import Subject
from kernel.channel import Channel

__all__ = [
    "Action",
    "ActionPlan",
    "ActionTerms",
    "AgendaItem",
    "Attendance",
    "Audience",
    "Ballot",
    "Channel",
    "Committee",
    "DigestChoice",
    "Document",
    "Erratum",
    "Feedback",
    "FeedbackGiven",
    "InterestDeclaration",
    "Invitation",
    "Meeting",
    "Minutes",
    "MinutesRemark",
    "MinutesTranslation",
    "MinutesVersion",
    "NoteFile",
    "ParticipantsUpload",
    "PlanUpload",
    "Position",
    "ProgressNote",
    "ProposedChange",
    "QuorumMinimum",
    "Remark",
    "Reminder",
    "Reply",
    "Resolution",
    "ReviewExtension",
    "Seat",
    "SeatTerm",
    "Shift",
    "Silence",
    "Sitting",
    "Subject",
    "TemplateItem",
    "WrittenConsultation",
]
