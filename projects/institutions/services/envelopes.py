"""Who messages about a project come from, and who reads its name in their subject."""

from django.db import models

from accounts.envelopes import Envelope
from accounts.models import User
from projects.institutions.services.links import project_of
from projects.models import Assignment, Project
from projects.permissions.roles import Role, reads_full_names, roles_of


def envelope_in_project(
    reader: User | None, about: models.Model | None, by: User | None
) -> Envelope:
    """A coordinator of the project signs: the one who caused the message, else the one who has
    coordinated it for longest. What is about no project comes from the portal."""
    project = project_of(about)
    if project is None:
        return Envelope(is_named=bool(reader and reader.titles_in_mail))
    is_named = bool(reader and reads_full_names(reader, project))
    person = coordinator_of(project, by)
    return Envelope(
        answers_to=person.full_name if person else "",
        reply_to=(person.email or "") if person else "",
        project=project.short_title if is_named else "",
        is_named=is_named,
    )


def coordinator_of(project: Project, by: User | None = None) -> User | None:
    if by and by.email and Role.COORDINATOR in roles_of(by, project):
        return by
    rows = Assignment.objects.current().filter(project=project, role=Assignment.Role.COORDINATOR)
    rows = rows.filter(user__is_active=True).exclude(user__email=None)
    first = rows.select_related("user").order_by("pk").first()
    return first.user if first else None
