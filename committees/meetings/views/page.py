"""The common parts of a meeting's pages: its state, tabs, quorum, and the next step."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.reading import AgendaReading
from committees.meetings.services.announcing import pending
from committees.meetings.services.reading import MeetingFrame
from committees.meetings.views.tasks_due import tasks_of
from committees.models import Attendance, Meeting, Seat
from committees.models.seat import SeatsAsked
from committees.pages import meeting_or_404
from committees.permissions.meetings import may_edit_meeting, may_see_invitations
from committees.permissions.minutes import visible_minutes
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_history
from kernel.lifecycle import StatusChange
from kernel.pages import Request, ask
from kernel.prepared import Question
from kernel.related import share
from partners.reading import named_institutions

Status = Meeting.Status
PATH = [Status.PLANNED, Status.CONVENED, Status.FROZEN, Status.IN_SESSION, Status.HELD]


def meeting_context(
    request: Request,
    meeting: Meeting,
    current: str,
    *,
    read: AgendaReading | None = None,
    frame: MeetingFrame | None = None,
) -> dict[str, Any]:
    """The frame of a page of the meeting; `current` is the name of its tab. `read` is its agenda
    and `frame` is its frame, if the caller has read them."""
    user = request.user
    may_edit = may_edit_meeting(user, meeting)
    if frame is None:
        frame = MeetingFrame(user, meeting)
        frame.complete()
    changes, attendances = frame.changes, frame.attendances
    count = len(read.resolutions) if read else resolution_count(user, meeting)
    moment, primary = moment_now(meeting), primary_step(meeting)
    tasks = tasks_of(user, meeting, bool(attendances), read) if may_edit else []
    return {
        "meeting": meeting,
        "committee": meeting.committee,
        "project": meeting.committee.project,
        "changes": changes,
        "may_edit": may_edit,
        "quorum": frame.quorum(moment),
        "is_live": meeting.status == Status.IN_SESSION,
        "people": people_present(meeting, attendances),
        "others": others_present(attendances, frame.voting),
        "pending": pending(frame.notice) if frame.notice else [],
        "own": frame.own,
        "bar": steps_of(meeting, changes),
        "tabs": tabs_of(user, meeting, current, attendances, count),
        "primary": step_link(meeting, primary) if may_edit and primary else None,
        "further": further_steps(meeting) if may_edit else [],
        "tasks": tasks,
    }


def frame_with_seats(
    user: User, meeting: Meeting, *others: Question[Any]
) -> tuple[MeetingFrame, list[Seat]]:
    """Read the frame with the names of those who attended, and the seats of the day with their
    institutions, and when somebody holds them; and ask other questions of the page."""
    frame = MeetingFrame(user, meeting, with_people=True)
    asked = SeatsAsked(meeting.committee_id, meeting.day)
    frame.complete(*asked.questions, *others)
    seats, rows = asked.rows(), frame.attendances
    keys = {seat.institution_id for seat in seats}.union(row.institution_id for row in rows)
    names = named_institutions(keys)
    share(seats, "institution", names)
    share(rows, "institution", names)
    return frame, seats


def resolution_count(user: User, meeting: Meeting) -> int:
    if not meeting.has_resolutions:
        return 0
    visible = visible_resolutions(user, meeting.committee.project)
    return visible.filter(meeting=meeting).count()


def recorded_meeting(request: Request, pk: int) -> Meeting:
    """Return the meeting to somebody who writes its record, and refuse everybody else."""
    meeting = meeting_or_404(request.user, pk)
    ask(may_edit_meeting(request.user, meeting))
    return meeting


def moment_now(meeting: Meeting) -> Any:
    """Return the present moment while the meeting is in session, else None, as `quorum_at` takes
    it."""
    return timezone.now() if meeting.status == Status.IN_SESSION else None


def people_present(meeting: Meeting, attendances: list[Attendance]) -> int:
    if meeting.headcount is not None:
        return meeting.headcount
    return sum(row.presence in Attendance.THERE for row in attendances)


def others_present(attendances: list[Attendance], voting: Collection[int]) -> int:
    """Return the people without a vote: observers and guests. `voting` are the keys of the voting
    seats."""
    return sum(row.is_there(None) and row.seat_id not in voting for row in attendances)


def steps_of(meeting: Meeting, changes: list[StatusChange]) -> list[dict[str, Any]]:
    """The bar of states: those it went through with their day, the present one, those to come."""
    dates = {change.to_status: change.happened_on for change in changes}
    path, present = list(PATH), Status(meeting.status)
    if present not in path:
        path = [*path[:-1], present]
    here = path.index(present)
    bar = []
    for index, status in enumerate(path):
        if 0 < index < here and status not in dates:
            continue  # a state that it was never in
        is_over = index < here or (index == here and status == Status.HELD)
        state = "done" if is_over else "now" if index == here else "next"
        shown = dates.get(status) if index <= here and index > 0 else None
        bar.append({"label": status.label, "state": state, "date": shown})
    return bar


def tabs_of(
    user: User, meeting: Meeting, current: str, attendances: list[Attendance], resolutions: int
) -> list[dict[str, Any]]:
    people = people_present(meeting, attendances) or None
    tabs = [
        ("agenda", _("Agenda and notes"), "committees:meeting", None),
        ("attendance", _("Attendance"), "committees:meeting-attendance", people),
        ("resolutions", _("Decisions"), "committees:meeting-resolutions", resolutions),
    ]
    if may_see_invitations(user, meeting):
        tabs.insert(1, ("invitations", _("Invitations"), "committees:meeting-invitations", None))
    is_live = meeting.status == Status.IN_SESSION
    if is_live or (meeting.is_open_for_records and may_edit_meeting(user, meeting)):
        label = _("In session") if is_live else _("Record")
        tabs.insert(1, ("session", label, "committees:meeting-session", None))
    if has_minutes(user, meeting):
        tabs.append(("minutes", _("Minutes"), "committees:meeting-minutes", None))
    if meeting.status == Status.HELD:
        tabs.append(("feedback", _("Feedback"), "committees:meeting-feedback", None))
    if may_see_history(user, meeting.committee.project):
        tabs.append(("history", _("History"), "committees:meeting-history", None))
    return [
        {
            "label": label,
            "url": reverse(view, args=[meeting.pk]),
            "current": name == current,
            "count": count,
        }
        for name, label, view, count in tabs
    ]


def has_minutes(user: User, meeting: Meeting) -> bool:
    """Whether there are minutes to read, or to begin."""
    if meeting.status not in {Status.HELD, Status.ADJOURNED}:
        return False
    found = visible_minutes(user, meeting.committee.project).filter(meeting=meeting)
    return may_edit_meeting(user, meeting) or found.exists()


# What can be done next


def primary_step(meeting: Meeting) -> str | None:
    """The one thing that brings the meeting further now."""
    today = timezone.localdate(timezone=meeting.zone)
    match meeting.status:
        case Status.PLANNED:
            return "record_afterwards" if meeting.is_past else "convene"
        case Status.CONVENED:
            return "open" if meeting.day <= today else "freeze"
        case Status.FROZEN:
            return "open"
        case Status.IN_SESSION:
            return "close"
        case Status.ADJOURNED:
            return "reconvene"
    return None


def further_steps(meeting: Meeting) -> list[dict[str, Any]]:
    """Return the other steps that the state allows. A coming meeting is not recorded afterwards,
    and a past one not convened."""
    senseless = {"convene"} if meeting.is_past else {"record_afterwards"}
    verbs = [
        verb
        for verb in meeting.open_steps
        if verb != primary_step(meeting) and verb not in senseless
    ]
    links = [step_link(meeting, verb) for verb in verbs]
    edit = {
        "label": _("Edit the meeting"),
        "url": reverse("committees:meeting-edit", args=[meeting.pk]),
    }
    return [edit, *links]


def step_link(meeting: Meeting, verb: str) -> dict[str, Any]:
    return {
        "label": meeting.STEPS[verb].label,
        "url": reverse("committees:meeting-step", args=[meeting.pk, verb]),
    }
