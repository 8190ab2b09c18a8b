"""The first step of every page on committees and meetings: it fetches what the person may see, or
answers 404. Also the breadcrumbs of these pages."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from committees.models import AgendaItem, Attendance, Committee, Meeting, Resolution, Subject
from committees.permissions.meetings import visible_items, visible_meetings
from committees.permissions.resolutions import visible_resolutions
from kernel.pages import Crumbs, HasPage, trail
from projects.models import Project

# Fetch


def committee_or_404(user: User, pk: int) -> Committee:
    committees = Committee.objects.visible_to(user).select_related("project")
    return get_object_or_404(committees, pk=pk)


def meeting_or_404(user: User, pk: int) -> Meeting:
    """Return the meeting; one that the person may not see is not found, whatever the reason."""
    project = get_object_or_404(Project.objects.visible_to(user), committee__meetings__pk=pk)
    return get_object_or_404(visible_meetings(user, project).with_related(), pk=pk)


def item_or_404(user: User, pk: int) -> AgendaItem:
    """Return the item, which is looked for in its own meeting: none can be reached through
    another one that the person may see."""
    meeting = meeting_or_404(user, get_object_or_404(AgendaItem, pk=pk).meeting_id)
    item = get_object_or_404(visible_items(user, meeting), pk=pk)
    item.meeting = meeting
    return item


def resolution_or_404(user: User, pk: int) -> Resolution:
    project = get_object_or_404(Project.objects.visible_to(user), committee__resolutions__pk=pk)
    found = visible_resolutions(user, project).with_related()
    return get_object_or_404(found, pk=pk)


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


# Breadcrumbs, and the way back


def session_of(meeting: Meeting, item: AgendaItem | None = None) -> str:
    """Return the address of the meeting's live page, at one of its items."""
    page = reverse("committees:meeting-session", args=[meeting.pk])
    return f"{page}#item-{item.pk}" if item else page


def way_back(
    request: HttpRequest, meeting: Meeting, otherwise: str, item: AgendaItem | None = None
) -> str:
    """Return the live page's address if the person came from there (`?back=session`)."""
    return session_of(meeting, item) if request.GET.get("back") == "session" else otherwise


def meeting_trail(meeting: Meeting, *further: HasPage) -> Crumbs:
    """Return the crumbs of a page below a meeting, or below something of it."""
    return trail(meeting.committee.project, meeting.committee, meeting, *further)
