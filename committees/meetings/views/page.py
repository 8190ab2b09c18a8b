"""The common parts of a meeting's pages: its state, tabs, quorum, and the next step."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.reading import Agenda
from committees.meetings.services.convening import pending
from committees.meetings.services.reading import MeetingOverview
from committees.models import AgendaItem, Attendance, Meeting, Minutes, Resolution, Seat, Sitting
from committees.models.quorum import Quorum
from committees.models.seat import seats_on
from committees.pages import meeting_or_404, steps_to_the_seal, tabs_shown, task
from committees.permissions.meetings import may_edit_meeting, may_see_invitations, visible_items
from committees.permissions.minutes import open_consultation
from committees.permissions.resolutions import visible_resolutions
from committees.permissions.roles import may_see_history
from kernel.cells import Action
from kernel.lifecycle import StatusChange
from kernel.pages import Crumbs, Request, ask, trail
from partners.reading import named_institutions

Task = dict[str, Any]


def tasks_of(
    user: User, meeting: Meeting, has_attendance: bool, agenda: Agenda | None
) -> list[Task]:
    """Return, for `components/tasks.html`, what a coming meeting needs or what the record of a
    past one lacks. `agenda` is as the coordination sees it, if the caller has read it."""
    is_coming = meeting.status in Meeting.TO_COME and not meeting.is_past
    if not is_coming and not meeting.is_open_for_records:
        return []
    if agenda:
        items = agenda.items
    else:
        items = list(visible_items(user, meeting).only("meeting", "purpose", "status", "notes"))
    if is_coming:
        return tasks_before(meeting, items)
    return tasks_after(meeting, items, has_attendance, agenda)


def tasks_before(meeting: Meeting, items: list[AgendaItem]) -> list[Task]:
    begin = "item-create" if meeting.agenda_is_frozen else "carry-over"
    tasks = [
        task(
            _("Write the agenda"),
            reverse(f"committees:{begin}", args=[meeting.pk]),
            any(item.is_on_agenda for item in items),
        )
    ]
    if waiting := [item for item in items if item.is_proposed]:
        url = reverse("committees:item-answer", args=[waiting[0].pk])
        tasks.append(task(_("Answer the members' proposals"), url, False))
    convene = reverse("committees:meeting-step", args=[meeting.pk, "convene"])
    is_convened = meeting.status != Meeting.Status.PLANNED
    return [*tasks, task(_("Convene the members"), convene, is_convened)]


def tasks_after(
    meeting: Meeting,
    items: list[AgendaItem],
    has_attendance: bool,
    agenda: Agenda | None,
) -> list[Task]:
    page = meeting.get_absolute_url()
    discussable = {AgendaItem.Status.ACCEPTED, AgendaItem.Status.DISCUSSED}
    items = [item for item in items if item.status in discussable]
    attendance = reverse("committees:attendance-edit", args=[meeting.pk])
    return [
        task(_("Record the attendance"), attendance, has_attendance),
        task(_("Write the notes of every item"), page, all(item.notes for item in items)),
        *decisions_to_record(meeting, items, agenda),
    ]


def decisions_to_record(
    meeting: Meeting, items: list[AgendaItem], agenda: Agenda | None
) -> list[Task]:
    to_decide = [item for item in items if item.purpose == AgendaItem.Purpose.DECIDE]
    if not to_decide:
        return []
    if agenda:
        resolutions = agenda.resolutions
    else:
        found = Resolution.objects.filter(meeting=meeting).only("status", "agenda_item").order_by()
        resolutions = list(found) if meeting.has_resolutions else []
    drafted = Resolution.Status.DRAFTED
    decided = {one.agenda_item_id for one in resolutions if one.status != drafted}
    undecided = [item for item in to_decide if item.pk not in decided]
    page = meeting.get_absolute_url()
    target = f"{page}#item-{undecided[0].pk}" if undecided else page
    return [task(_("Record the decisions"), target, not undecided)]


Status = Meeting.Status
PATH = [Status.PLANNED, Status.CONVENED, Status.FROZEN, Status.IN_SESSION, Status.HELD]


def meeting_context(
    request: Request,
    meeting: Meeting,
    current: str,
    *,
    agenda: Agenda | None = None,
    overview: MeetingOverview | None = None,
) -> dict[str, Any]:
    """The frame of a page, whose tab is `current`; `agenda`, `overview`: as the caller read them."""
    user = request.user
    may_edit = may_edit_meeting(user, meeting)
    overview = overview or MeetingOverview(user, meeting)
    changes, attendances = overview.changes, overview.attendances
    people = meeting.headcount
    if people is None:
        people = sum(row.presence in Attendance.THERE for row in attendances)
    resolutions = len(agenda.resolutions) if agenda else resolution_count(user, meeting)
    quorum, minutes = overview.quorum(moment_now(meeting)), overview.minutes
    return {
        "meeting": meeting,
        "current": current,
        "committee": meeting.committee,
        "project": meeting.committee.project,
        "crumbs": crumbs_of(meeting),
        "changes": changes,
        "may_edit": may_edit,
        "quorum": quorum,
        "is_live": meeting.status == Status.IN_SESSION,
        "people": people,
        "others": others_present(attendances, overview.voting),
        "is_unmarked": is_unmarked(meeting, attendances),
        "consulted": open_consultation(user, minutes),
        "pending": pending(meeting) if may_edit else [],
        "own": overview.own,
        "bar": bar_of(meeting, changes, minutes),
        "tabs": tabs_of(user, meeting, current, minutes, people=people, resolutions=resolutions),
        "primary": primary_link(meeting, minutes) if may_edit else None,
        "further": further_steps(meeting, quorum) if may_edit else [],
        "tasks": tasks_of(user, meeting, bool(attendances), agenda) if may_edit else [],
    }


def crumbs_of(meeting: Meeting) -> Crumbs:
    meetings = (_("Meetings"), reverse("committees:meetings"))
    return trail(meeting.committee.project, meeting.committee, meetings)


def overview_with_seats(user: User, meeting: Meeting) -> tuple[MeetingOverview, list[Seat]]:
    """Read the overview with the names of those who attended, and the seats of the day with their
    institutions and those who hold them."""
    overview = MeetingOverview(user, meeting, with_people=True)
    seats, rows = seats_on(meeting.committee_id, meeting.day), overview.attendances
    keys = {seat.institution_id for seat in seats}.union(row.institution_id for row in rows)
    names = named_institutions(keys)
    for seat in seats:
        seat.institution = names[seat.institution_id]
    for row in rows:
        row.institution = names[row.institution_id] if row.institution_id else None
    return overview, seats


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


def is_unmarked(meeting: Meeting, attendances: Iterable[Attendance]) -> bool:
    """Whether nobody has said yet of any seat whether it is there: then its absence is no alarm."""
    return meeting.is_open_for_records and not any(row.seat_id for row in attendances)


def others_present(attendances: Iterable[Attendance], voting: Collection[int]) -> int:
    """Return the people without a vote: observers and guests. `voting` are the keys of the voting
    seats."""
    return sum(row.is_there(None) and row.seat_id not in voting for row in attendances)


def bar_of(
    meeting: Meeting, changes: list[StatusChange], minutes: Minutes | None
) -> list[dict[str, Any]]:
    """Return the bar of states of the meeting and, once it was held, of its minutes."""
    if meeting.status != Status.HELD:
        return steps_of(meeting, changes)
    known = {}
    if minutes:
        known = {
            Minutes.Status.ADOPTED: minutes.adopted_on,
            Minutes.Status.SEALED: minutes.sealed_on,
        }
    return steps_to_the_seal(meeting, minutes, {key: on for key, on in known.items() if on})


def steps_of(meeting: Meeting, changes: list[StatusChange]) -> list[dict[str, Any]]:
    """The bar of states: those it went through with their day, the present one, those to come."""
    taken = [change for change in changes if not change.is_undoing]
    dates = {change.to_status: change.happened_on for change in taken}
    if Status.CONVENED in dates and Status.IN_SESSION in dates:
        # Opening fixes the agenda where nobody froze it before.
        dates.setdefault(Status.FROZEN, dates[Status.IN_SESSION])
    path, present = list(PATH), Status(meeting.status)
    if present not in path:
        path = [*path[:-1], present]
    here = path.index(present)
    bar = []
    for index, status in enumerate(path):
        if 0 < index < here and status not in dates:
            continue  # a state that it was never in
        state = "done" if index < here else "now" if index == here else "next"
        shown = dates.get(status) if index <= here and index > 0 else None
        bar.append({"label": status.label, "state": state, "date": shown})
    return bar


def tabs_of(
    user: User,
    meeting: Meeting,
    current: str,
    minutes: Minutes | None,
    *,
    people: int,
    resolutions: int,
) -> list[dict[str, Any]]:
    tabs = [
        ("agenda", _("Agenda and notes"), "committees:meeting", None),
        ("attendance", _("Attendance"), "committees:meeting-attendance", people or None),
        ("resolutions", _("Decisions"), "committees:meeting-resolutions", resolutions),
    ]
    if may_see_invitations(user, meeting):
        tabs.insert(1, ("invitations", _("Invitations"), "committees:meeting-invitations", None))
    is_live = meeting.status == Status.IN_SESSION
    if is_live or (meeting.is_open_for_records and may_edit_meeting(user, meeting)):
        label = _("In session") if is_live else _("Record")
        tabs.insert(1, ("session", label, "committees:meeting-session", None))
    if has_minutes(user, meeting, minutes):
        tabs.append(("minutes", _("Minutes"), "committees:meeting-minutes", None))
    if meeting.status == Status.HELD:
        tabs.append(("feedback", _("Feedback"), "committees:meeting-feedback", None))
    if may_see_history(user, meeting.committee.project):
        tabs.append(("history", _("History"), "committees:meeting-history", None))
    return tabs_shown(tabs, meeting.pk, current)


def has_minutes(user: User, meeting: Meeting, minutes: Minutes | None) -> bool:
    """Whether there are minutes to read, or to begin."""
    is_over = meeting.status in {Status.HELD, Status.ADJOURNED}
    return is_over and (minutes is not None or may_edit_meeting(user, meeting))


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


def primary_link(meeting: Meeting, minutes: Minutes | None) -> Action | None:
    """Return the link to what brings the meeting further: after it was held, its minutes."""
    if step := primary_step(meeting):
        return step_link(meeting, step)
    if meeting.status != Status.HELD or (minutes and minutes.is_sealed):
        return None
    label = _("Continue the minutes") if minutes else _("Write the minutes")
    return Action(label, reverse("committees:meeting-minutes", args=[meeting.pk]))


def further_steps(meeting: Meeting, quorum: Quorum | None) -> list[Action]:
    """Return the other steps that the state allows. A coming meeting is not recorded afterwards,
    a past one not convened, and one with a quorum not adjourned for want of it."""
    senseless = {"convene"} if meeting.is_past else {"record_afterwards"}
    if quorum and quorum.is_reached:
        senseless.add("adjourn")
    if meeting.records_stand:
        senseless |= {"reopen", "take_back_record"}
    senseless.add("reopen" if meeting.recorded_afterwards else "take_back_record")
    verbs = [
        verb
        for verb in meeting.open_steps
        if verb != primary_step(meeting) and verb not in senseless
    ]
    links = [step_link(meeting, verb) for verb in verbs]
    edit = reverse("committees:meeting-edit", args=[meeting.pk])
    found = [Action(_("Edit the meeting"), edit), *links]
    if meeting.is_draft:
        found.append(
            Action(_("Delete the meeting"), reverse("committees:meeting-delete", args=[meeting.pk]))
        )
    return found


def step_link(meeting: Meeting, verb: str) -> Action:
    url = reverse("committees:meeting-step", args=[meeting.pk, verb])
    return Action(meeting.STEPS[verb].label, url)


def pulse_of(
    meeting: Meeting,
    seats: list[Seat] | None = None,
    *,
    seen: Collection[int],
) -> dict[str, Any]:
    """The quorum of this moment, for the item that is spoken of. `seats`: as fetched before;
    `seen`: the keys of the items that the reader sees, since a reserved one is not named."""
    rules = meeting.quorum_rules
    if seats is None:
        seats = meeting.seats_to_count(rules)
        prefetch_related_objects([meeting], "attendances")
    sitting = Sitting.of(meeting)
    sitting.meeting = meeting
    item = meeting.current_item
    quorum = None
    if not meeting.states_no_quorum:
        recused = meeting.seats_recused_from(item)
        quorum = meeting.count(seats, rules, moment_now(meeting), recused)
    voting = {seat.pk for seat in seats if seat.is_voting}
    return {
        "meeting": meeting,
        "sitting": sitting,
        "quorum": quorum,
        "current": item if meeting.current_item_id in seen else None,
        "is_unmarked": is_unmarked(meeting, meeting.attendances.all()),
        "others": others_present(meeting.attendances.all(), voting),
        "is_live": meeting.status == Meeting.Status.IN_SESSION,
        "adjourn_url": reverse("committees:meeting-step", args=[meeting.pk, "adjourn"]),
    }
