"""What all messages that give access to a project say of it."""

from django.utils.translation import gettext as _

from accounts.letters import Detail
from accounts.models import User
from projects.institutions.services.links import coordinator_of
from projects.models import Project


def access_facts(project: Project | None, *, what: object, by: User | None) -> list[Detail]:
    """Say who gives which access, in which project, and whom to ask."""
    asked = coordinator_of(project, by) if project else by
    return [
        Detail(_("Access as"), what),
        Detail(_("Project"), project.title if project else ""),
        Detail(_("Access given by"), by or ""),
        Detail(_("Questions to"), f"{asked} ({asked.email})" if asked else ""),
    ]
