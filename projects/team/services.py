"""Gives people roles in a project, changes and ends them."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from accounts.services import invite_person
from projects.models import Assignment, Project


@transaction.atomic
def assign_person(
    project: Project,
    *,
    email: str,
    full_name: str,
    language: str,
    role: str,
    ends_on: date | None,
    by: User,
) -> tuple[Assignment, bool]:
    """Give a person a role in the project, and an account if they have none.

    Returns the assignment and whether to invite the person after the commit: they never signed in.
    An assignment that had ended begins again. Raises ValidationError.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    known = User.objects.filter(email__iexact=User.objects.normalize_email(email)).first()
    if not known and not full_name.strip():
        message = _("Nobody here has this address. Enter the full name, and they will be invited.")
        raise ValidationError({"full_name": message})
    person = known or invite_person(full_name=full_name, email=email, language=language, by=by)
    if not person.is_active:
        raise ValidationError(_("This person's account was closed. Ask an administrator."))
    own = Assignment.objects.filter(project=project, user=person, role=role)
    if own.current().exists():
        raise ValidationError(_("This person already has this role in the project."))
    assignment = own.first() or Assignment(project=project, user=person, role=role)
    assignment.ends_on = ends_on
    assignment.full_clean()
    assignment.save()
    _record_role(assignment, by=by, change="added")
    return assignment, person.last_login is None


@transaction.atomic
def change_end(assignment: Assignment, *, ends_on: date | None, by: User) -> None:
    """Change the last day of a role, or remove it. Raises ValidationError."""
    Project.objects.select_for_update().get(pk=assignment.project_id)
    assignment.ends_on = ends_on
    assignment.full_clean()
    if ends_on:
        _keep_one_coordinator(assignment)
    assignment.save(update_fields=["ends_on"])
    until = ends_on.isoformat() if ends_on else ""
    _record_role(assignment, by=by, change="changed", until=until)


@transaction.atomic
def remove_assignment(assignment: Assignment, *, by: User) -> None:
    """End a role at once; the access log keeps a record. Raises ValidationError."""
    Project.objects.select_for_update().get(pk=assignment.project_id)
    _keep_one_coordinator(assignment)
    _record_role(assignment, by=by, change="removed")
    assignment.delete()


def _keep_one_coordinator(assignment: Assignment) -> None:
    """Raise ValidationError for the only coordinator: nobody but an administrator could add one
    then."""
    if assignment.role != Assignment.Role.COORDINATOR:
        return
    others = Assignment.objects.exclude(pk=assignment.pk).filter(
        project=assignment.project_id, role=Assignment.Role.COORDINATOR, ends_on=None
    )
    if not others.exists():
        raise ValidationError(
            _("This is the project's only coordinator. Add another one first, without an end date.")
        )


def _record_role(assignment: Assignment, *, by: User, change: str, **details: str) -> None:
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=assignment.project,
        role=assignment.role,
        change=change,
        person=assignment.user,
        **details,
    )
