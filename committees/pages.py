"""The first step of every page on committees and meetings: fetch what the person may see, or
answer that it is not there; and the ways back from the page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from committees.models import AgendaItem, Attendance, Committee, Meeting, Resolution, Subject
from committees.permissions.meetings import visible_items, visible_meetings
from committees.permissions.resolutions import visible_resolutions
from kernel.lifecycle import TransitionError
from kernel.pages import Crumbs, HasPage, trail
from kernel.refusal import Refusal
from projects.models import Project

REFUSALS = (Refusal, TransitionError, ValidationError)


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


# Ask


def allow(permitted: bool) -> None:
    """What one may see but not do is refused in words."""
    if not permitted:
        raise PermissionDenied(_("This is for the coordination of the project."))


# Do


def typed(request: HttpRequest) -> QueryDict | None:
    """What was posted, an empty form included; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def accepted(form: forms.BaseForm, action: Callable[[], Any]) -> bool:
    """Do it; a refusal becomes an error of the form and the answer is False."""
    try:
        action()
    except ValidationError as refusal:
        for name, sentences in errors_by_field(refusal).items():
            form.add_error(name if name in form.fields else None, sentences)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
    return not form.errors


def errors_by_field(refusal: ValidationError) -> dict[Any, list[str]]:
    return refusal.message_dict if hasattr(refusal, "error_dict") else {None: refusal.messages}


def done(request: HttpRequest, action: Callable[[], Any]) -> bool:
    """Do what a button asks for; a refusal becomes a message and the answer is False."""
    try:
        action()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        return True
    return False


# Say where one is, and the way back


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
