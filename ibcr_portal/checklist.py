"""The checklist with which a project begins. It stays on the project's page, for those who edit the
project, until all of it is done."""

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from committees.models import Committee, Meeting, SeatTerm
from partners.models import Contact
from projects.models import Participation, Project
from projects.pages import reverse_in

if TYPE_CHECKING:
    from ibcr_portal.overview import ProjectView

Step = dict[str, Any]  # as components/tasks.html takes it


def _people_entered(project: int) -> QuerySet[Project, tuple[bool, bool]]:
    """Return whether the institutions of the project have people, and the seats holders."""
    people = Contact.objects.filter(institution__participations__project=OuterRef("pk"))
    holders = SeatTerm.objects.filter(seat__committee__project=OuterRef("pk"))
    found = Project.objects.filter(pk=project)
    return found.values_list(Exists(people), Exists(holders))


def checklist(view: "ProjectView") -> list[Step]:
    """Return the steps, each with the page on which it is done; nothing once all are done."""
    if view.project.status in Project.OVER or not view.facts["may_edit"]:
        return []
    [(has_people, has_holders)] = _people_entered(view.project.pk)
    committee = view.committee
    steps = [
        *_of_project(view, has_people=has_people),
        _of_committee(view.project, committee, has_holders=has_holders),
        {
            "label": _("Enter results and indicators"),
            "note": _("Values, activities and the plan refer to them."),
            "url": _with_way_back(view.project, reverse_in(view.project, "logic-model")),
            "done": bool(view.indicators),
        },
        _of_meeting(committee, view.meetings),
    ]
    return [] if all(step["done"] for step in steps) else steps


def _was_convened(meeting: Meeting) -> bool:
    """Whether people were invited through the portal; older meetings were entered afterwards."""
    never = {Meeting.Status.PLANNED, Meeting.Status.CANCELLED}
    return meeting.status not in never and not meeting.recorded_afterwards


def _with_way_back(project: Project, url: str) -> str:
    """Return the address of a page that leads back to the checklist (`kernel.pages.way_back`)."""
    return f"{url}?{urlencode({'back': project.get_absolute_url()})}"


def _of_project(view: "ProjectView", *, has_people: bool) -> list[Step]:
    project, taking_part = view.project, view.facts["participations"]
    roles = {each.role == Participation.Role.FUNDING for each in taking_part}
    has_periods = bool(view.periods)
    periods = reverse_in(project, "periods" if has_periods else "periods-open")
    add = reverse_in(project, "participation-create")
    partners = reverse_in(project, "participations")
    return [
        {
            "label": _("Open the periods"),
            "note": _("Plans, values and reports belong to project years and other periods."),
            "url": _with_way_back(project, periods),
            "done": has_periods,
        },
        {
            "label": _("Add the donor and the partners"),
            "note": _("Roles and rights depend on this."),
            "url": _with_way_back(project, partners if taking_part else add),
            "done": roles == {True, False},
        },
        {
            "label": _("Enter the people of the partners"),
            "note": _("They receive invitations, hold seats and answer for their institution."),
            "url": _with_way_back(project, partners if taking_part else add),
            "done": has_people,
        },
    ]


def _of_committee(project: Project, committee: Committee | None, *, has_holders: bool) -> Step:
    if committee:
        url = _with_way_back(project, reverse("committees:composition", args=[committee.pk]))
    else:
        # From there the way goes on to the seats.
        url = reverse("committees:create", args=[project.code])
    return {
        "label": _("Set up the committee and fill its seats"),
        "note": _("Each seat belongs to an institution; people hold it for a time."),
        "url": url,
        "done": has_holders,
    }


def _of_meeting(committee: Committee | None, meetings: list[Meeting]) -> Step:
    is_done = any(map(_was_convened, meetings))
    planned = [one for one in meetings if one.status == Meeting.Status.PLANNED]
    url = note = ""
    if is_done:
        url = reverse("committees:meetings")
    elif planned:
        url = planned[0].get_absolute_url()
    elif committee:
        url = reverse("committees:meeting-create", args=[committee.pk])
    if committee is None:
        note = _("Set up the committee first.")
    elif committee.status == Committee.Status.DRAFT:
        note = _("The committee is a draft: constitute it on its page, or in this meeting.")
    return {
        "label": _("Convene the first meeting"),
        "note": note,
        "url": url,
        "done": is_done,
    }
