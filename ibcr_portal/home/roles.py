"""What people may do here who read more than they act: auditors, readers, and whoever has no role."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from ibcr_portal.reader import Reader
from projects.models import Project
from projects.pages import reverse_in
from projects.permissions.calls import visible_calls
from projects.permissions.roles import Role


@dataclass
class RoleNote:
    """A sentence or two on a role, and the pages where one begins."""

    title: str
    text: str
    links: list[tuple[str, str]] = field(default_factory=list)  # label and address


def role_note(reader: Reader) -> RoleNote | None:
    """Return the note for somebody who has one of these roles in all of their projects."""
    if reader.user.is_staff:
        return None
    roles = frozenset(role for held in reader.roles_by_project.values() for role in held)
    if not roles:
        return _panel(reader) or _outsider()
    if roles == {Role.AUDITOR}:
        return RoleNote(
            _("You are here as an auditor"),
            _(
                "You read everything in your projects, with the names and amounts in it, and change "
                "nothing; samples that you draw are kept. What you download or export is in the access "
                "log, as it is for everybody."
            ),
            [
                *_audits(reader),
                (_("Projects with budget and vouchers"), reverse("projects:list")),
                (_("Reports and data"), reverse("reports:list")),
                (_("Meetings and minutes"), reverse("committees:meetings")),
            ],
        )
    if roles == {Role.READER}:
        return RoleNote(
            _("You are here to read"),
            _(
                "You read the plans, meetings, values and reports of your projects, and change "
                "nothing. If you are to enter something, ask the coordination for another role."
            ),
            [
                (_("Projects"), reverse("projects:list")),
                (_("Action plans"), reverse("committees:plans")),
                (_("Reports and data"), reverse("reports:list")),
            ],
        )
    return None


# More projects than that are found in the list of projects, and hardly anybody is on more panels.
MOST_AUDITS = 6
MOST_CALLS = 6


def _audits(reader: Reader) -> list[tuple[str, str]]:
    """Return the audit pages of the projects that somebody audits."""
    audited = [pk for pk, roles in reader.roles_by_project.items() if Role.AUDITOR in roles]
    projects = Project.objects.filter(pk__in=audited).order_by("code")[:MOST_AUDITS]
    return [
        (_("Audit of %(project)s") % {"project": project}, reverse_in(project, "audit"))
        for project in projects
    ]


def _panel(reader: Reader) -> RoleNote | None:
    """Return the note for a member of panels, who has no role in the projects of their calls."""
    calls = list(visible_calls(reader.user)[:MOST_CALLS])
    if not calls:
        return None
    return RoleNote(
        _("You are on the panel of a call"),
        _(
            "After its deadline you read its proposals, say of each whether you have a conflict of "
            "interest, and score it. Of the project itself you read what is for everybody."
        ),
        [(str(call), call.get_absolute_url()) for call in calls],
    )


def _outsider() -> RoleNote:
    return RoleNote(
        _("You have no role in a project yet"),
        _(
            "The coordination of a project gives roles. If you expect one, write to the person who "
            "invited you, and name the address with which you signed in. Until then you read what is "
            "for everybody."
        ),
        [
            (_("Calls for projects"), reverse("calls:open")),
            (_("Check a document"), reverse("reports:verify")),
            (_("My account"), reverse("accounts:profile")),
        ],
    )
