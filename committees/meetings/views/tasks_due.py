"""The open tasks of the coordination for a meeting."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from committees.agenda.services.reading import Agenda
from committees.models import AgendaItem, Meeting, Resolution
from committees.permissions.meetings import visible_items

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


def task(label: str, url: str, done: bool) -> Task:
    return {"label": label, "url": url, "done": done}


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
