"""Who reads what came by e-mail: the coordination reads all of it, members read what its author
released to the committee."""

from accounts.models import User
from projects.models import Project
from projects.models.mail_note import MailNote, MailNoteQuerySet
from projects.permissions.roles import Role, may_edit, roles_of


def visible_mail_notes(user: User, project: Project) -> MailNoteQuerySet:
    notes = project.mail_notes.standing()
    if may_edit(user, project):
        return notes
    if Role.MEMBER in roles_of(user, project):
        return notes.filter(audience=MailNote.Audience.COMMITTEE)
    return notes.none()


def may_see_mail_notes(user: User, project: Project) -> bool:
    return may_edit(user, project) or Role.MEMBER in roles_of(user, project)
