"""How a project is steered: committee, meetings, what they resolve, and action plans."""

from committees.models.committee import Committee, Seat, SeatTerm
from committees.models.meeting import AgendaItem, Attendance, Audience, Meeting
from committees.models.plan import (
    Action,
    ActionPlan,
    ActionTerms,
    Channel,
    Position,
    Remark,
)
from committees.models.resolution import Resolution, Subject

__all__ = [
    "Action",
    "ActionPlan",
    "ActionTerms",
    "AgendaItem",
    "Attendance",
    "Audience",
    "Channel",
    "Committee",
    "Meeting",
    "Position",
    "Remark",
    "Resolution",
    "Seat",
    "SeatTerm",
    "Subject",
]
