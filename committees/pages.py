"""What pages on committees and meetings share: fetching what the person may see, or answering 404;
tabs, crumbs, the way of the minutes, and the sentence after each step."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from accounts.models import User
from committees.models import (
    AgendaItem,
    Attendance,
    Committee,
    Meeting,
    Minutes,
    Resolution,
    Subject,
)
from committees.models.meeting import MeetingQuerySet
from committees.permissions.meetings import sees_meeting, visible_items
from committees.permissions.resolutions import visible_resolutions
from kernel.cells import Action
from kernel.pages import Crumbs, HasPage, trail
from kernel.text import StrOrPromise
from projects.models import Project
from projects.permissions.roles import note_place, sees_project

# Fetch


def committee_or_404(user: User, pk: int) -> Committee:
    committee = Committee.objects.filter(pk=pk).select_related("project").first()
    if committee is None or not sees_project(user, committee.project):
        raise Http404
    note_place(user, committee.project)
    return committee


def meeting_or_404(user: User, pk: int) -> Meeting:
    """Return the meeting; one that the person may not see is not found, whatever the reason."""
    meeting = meeting_for_page(pk).first()
    if meeting is None or not sees_meeting(user, meeting):
        raise Http404
    note_place(user, meeting.committee.project)
    return meeting


def meeting_for_page(pk: int) -> MeetingQuerySet:
    return Meeting.objects.filter(pk=pk).for_page().order_by()


def item_or_404(user: User, pk: int) -> AgendaItem:
    """Return the item, which is looked for in its own meeting: none can be reached through
    another one that the person may see."""
    meeting = meeting_or_404(user, get_object_or_404(AgendaItem, pk=pk).meeting_id)
    item = get_object_or_404(visible_items(user, meeting), pk=pk)
    item.meeting = meeting
    return item


def resolution_or_404(user: User, pk: int) -> Resolution:
    resolution = get_object_or_404(Resolution.objects.for_page(), pk=pk)
    if resolution.meeting:
        resolution.meeting.committee = resolution.committee
    visible = visible_resolutions(user, resolution.committee.project)
    if not visible.filter(pk=pk).exists():
        raise Http404
    note_place(user, resolution.committee.project)
    return resolution


def attendance_or_404(user: User, pk: int) -> Attendance:
    row = get_object_or_404(Attendance, pk=pk)
    row.meeting = meeting_or_404(user, row.meeting_id)
    return row


def subject_or_404(user: User, pk: int) -> Subject:
    subject = get_object_or_404(Subject.objects.with_things(), pk=pk)
    if subject.agenda_item_id:
        subject.agenda_item = item_or_404(user, subject.agenda_item_id)
    elif subject.resolution_id:
        subject.resolution = resolution_or_404(user, subject.resolution_id)
    else:
        raise Http404
    return subject


# Tabs and tasks


def tabs_shown(
    tabs: Iterable[tuple[str, str, str, int | None]], pk: int, current: str
) -> list[dict[str, Any]]:
    """Return the tabs of a thing for `components/tabs.html`: of each its name, label, view and number."""
    return [
        {
            "label": label,
            "url": reverse(view, args=[pk]),
            "current": name == current,
            "count": number,
        }
        for name, label, view, number in tabs
    ]


def task(label: str, url: str, done: bool) -> dict[str, Any]:
    """Return a line of `components/tasks.html`."""
    return {"label": label, "url": url, "done": done}


# The way of the minutes

MINUTES_PATH = (
    *(Minutes.Status.DRAFT, Minutes.Status.IN_REVIEW, Minutes.Status.FINAL_DRAFT),
    *(Minutes.Status.ADOPTED, Minutes.Status.SEALED),
)


def steps_to_the_seal(
    meeting: Meeting, minutes: Minutes | None, dates: Mapping[str, date]
) -> list[dict[str, Any]]:
    """Return the one bar of a meeting that is over and of its minutes. `minutes`: as far as the
    reader sees them. `dates`: of their states, where they are known."""
    here = MINUTES_PATH.index(Minutes.Status(minutes.status)) if minutes else -1
    labels = {
        Minutes.Status.DRAFT: _("Minutes in draft"),
        Minutes.Status.IN_REVIEW: _("Circulated"),
    }
    over = {
        "label": meeting.get_status_display(),
        "state": "done" if minutes else "now",
        "date": meeting.day,
    }
    return [
        over,
        *(
            {
                "label": labels.get(status, status.label),
                "state": _state_of_step(index, here),
                "date": dates.get(status) if index <= here else None,
            }
            for index, status in enumerate(MINUTES_PATH)
        ),
    ]


def _state_of_step(index: int, here: int) -> str:
    is_sealed = here == len(MINUTES_PATH) - 1
    if index < here or (index == here and is_sealed):
        return "done"
    return "now" if index == here else "next"


# Where a decision is taken


def ways_to_decide(
    project: Project, coming_page: str = "committees:meeting", *, in_writing: str = ""
) -> list[Action]:
    """Return where the committee can decide now, the nearest first: in the meeting that is being
    recorded, in the next one (on its `coming_page`), in writing. `in_writing`: the query of the page
    that asks the seats, with what it proposes to them."""
    committee = Committee.objects.filter(project=project).first()
    if committee is None:
        url = reverse("committees:create", args=[project.code])
        return [Action(_("Set up the committee"), url)]
    meetings, found = committee.meetings.order_by("-starts_at"), []
    recorded = meetings.filter(status__in=[Meeting.Status.IN_SESSION, Meeting.Status.HELD])
    if meeting := recorded.filter(records_stand=False).first():
        label = _("Record the decision: %(meeting)s") % {"meeting": meeting}
        found.append(Action(label, meeting.get_absolute_url()))
    coming = meetings.filter(status__in=Meeting.TO_COME, ends_at__gt=timezone.now())
    if meeting := coming.last():
        label = _("Put it on the agenda: %(meeting)s") % {"meeting": meeting}
        found.append(Action(label, reverse(coming_page, args=[meeting.pk])))
    else:
        url = reverse("committees:meeting-create", args=[committee.pk])
        found.append(Action(_("Plan the next meeting"), url))
    if committee.status == Committee.Status.ACTIVE:
        url = reverse("committees:consultation-create", args=[committee.pk])
        found.append(Action(_("Ask the seats in writing"), f"{url}{in_writing}"))
    return found


# Breadcrumbs, and the way back


def where_to_enter(request: HttpRequest, committee: int | None) -> str:
    """Return the address at which a missing address of a seat is entered, and the way back from it."""
    return f"{reverse('committees:composition', args=[committee])}?back={request.path}"


def session_of(meeting: Meeting, item: AgendaItem | None = None) -> str:
    """Return the address of the meeting's live page, which shows one of its items."""
    page = reverse("committees:meeting-session", args=[meeting.pk])
    return f"{page}?item={item.pk}#item-{item.pk}" if item else page


def invitations_page(meeting: Meeting) -> str:
    return reverse("committees:meeting-invitations", args=[meeting.pk])


def way_back(
    request: HttpRequest, meeting: Meeting, otherwise: str, item: AgendaItem | None = None
) -> str:
    """Return the live page's address if the person came from there (`?back=session`)."""
    return session_of(meeting, item) if request.GET.get("back") == "session" else otherwise


def meeting_trail(meeting: Meeting, *further: HasPage) -> Crumbs:
    """Return the crumbs of a page below a meeting, or below something of it."""
    return trail(meeting.committee.project, meeting.committee, meeting, *further)


COMMITTEE: dict[str, StrOrPromise] = {
    "constitute": gettext_lazy("The committee is constituted. Now plan its first meeting."),
    "suspend": gettext_lazy("The committee is suspended."),
    "resume": gettext_lazy("The committee works again."),
    "dissolve": gettext_lazy("The committee is dissolved."),
}
MEETING: dict[str, StrOrPromise] = {
    "convene": gettext_lazy("The meeting is convened."),
    "freeze": gettext_lazy("The agenda is frozen."),
    "open": gettext_lazy("The meeting is open. Check the seats in first."),
    "close": gettext_lazy("The meeting is closed. Next: its minutes."),
    "reopen": gettext_lazy("The session goes on."),
    "take_back": gettext_lazy("The session was taken back: the meeting is as it was before."),
    "take_back_record": gettext_lazy("The meeting is only planned again."),
    "record_afterwards": gettext_lazy("Now write down who was there, the notes and the decisions."),
    "adjourn": gettext_lazy("The meeting is adjourned for want of a quorum."),
    "reconvene": gettext_lazy("The meeting is convened on second call."),
    "postpone": gettext_lazy("The meeting is postponed."),
    "cancel": gettext_lazy("The meeting is cancelled."),
}
MINUTES: dict[str, StrOrPromise] = {
    "circulate": gettext_lazy("The minutes are with the members."),
    "finalise": gettext_lazy("The final draft is ready."),
    "extend": gettext_lazy("The members have more time."),
    "adopt": gettext_lazy("The minutes are adopted. Now seal them."),
    "silence": gettext_lazy("The minutes are adopted. Now seal them."),
    "seal": gettext_lazy("The minutes are sealed."),
    "revise": gettext_lazy("The minutes are a draft again."),
}
