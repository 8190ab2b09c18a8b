"""Pages and actions that the field of the search offers beside what it finds."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.models import User
from committees.models import Committee
from ibcr_portal.search.words import folded
from kernel.text import StrOrPromise
from projects.models import Project
from projects.permissions.roles import edited_projects, may_create_project

MOST = 4


class PageOffered(NamedTuple):
    label: str
    url: str


# Label and address of what everybody may open.
PAGES: tuple[tuple[StrOrPromise, str], ...] = (
    (_("Home"), "home"),
    (_("What is due"), "due"),
    (_("New"), "news"),
    (_("Projects"), "projects:list"),
    (_("Meetings"), "committees:meetings"),
    (_("Action plans"), "committees:plans"),
    (_("Decisions and recommendations"), "committees:resolutions"),
    (_("Reports"), "reports:list"),
    (_("Partner institutions"), "partners:list"),
    (_("My account"), "accounts:profile"),
    (_("Help"), "help"),
    (_("Glossary"), "help-glossary"),
    (_("Keyboard shortcuts"), "help-keys"),
)
# What one may begin in each project that one coordinates.
NEW_MEETING = pgettext_lazy("command", "New meeting")
NEW_PLAN = pgettext_lazy("command", "New action plan")
NEW_REPORT = pgettext_lazy("command", "New report")
NEW_PROJECT = pgettext_lazy("command", "New project")


def pages_like(text: str, user: User) -> list[PageOffered]:
    """Return the pages and actions whose words begin as those of the text do."""
    wanted = folded(text).split()
    if not wanted:
        return []
    found = [
        PageOffered(str(label), reverse(name)) for label, name in PAGES if _fits(label, wanted)
    ]
    return [*found, *_actions(wanted, user)][:MOST]


def _fits(label: StrOrPromise, wanted: list[str]) -> bool:
    words = folded(str(label)).split()
    return all(any(word.startswith(each) for word in words) for each in wanted)


def _actions(wanted: list[str], user: User) -> Iterator[PageOffered]:
    if _fits(NEW_PROJECT, wanted) and may_create_project(user):
        yield PageOffered(str(NEW_PROJECT), reverse("projects:create"))
    in_projects = [
        (label, name)
        for label, name in ((NEW_PLAN, "committees:plan-create"), (NEW_REPORT, "reports:create"))
        if _fits(label, wanted)
    ]
    begins_meetings = _fits(NEW_MEETING, wanted)
    if not (in_projects or begins_meetings) or not (edited := edited_projects(user)[:MOST]):
        return
    if begins_meetings:
        for committee in Committee.objects.filter(project__in=edited).select_related("project"):
            url = reverse("committees:meeting-create", args=[committee.pk])
            yield PageOffered(f"{NEW_MEETING} · {committee} · {committee.project}", url)
    for project in Project.objects.filter(pk__in=edited) if in_projects else ():
        for label, name in in_projects:
            yield PageOffered(f"{label} · {project}", reverse(name, args=[project.code]))
