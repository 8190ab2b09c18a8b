"""Actions that reach beyond one row: who works for a project, institutions, approvals."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, Pseudonym, User
from accounts.services import invite_person
from partners.models import Institution, InstitutionName
from projects.models import Assignment, DataPoint, Participation, Project


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

    Answers the assignment and whether the person should be written to, once this is committed:
    whoever never signed in. An assignment that had ended begins again. Raises ValidationError.
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
    """Let a role end on a day, or go on. Raises ValidationError."""
    Project.objects.select_for_update().get(pk=assignment.project_id)
    assignment.ends_on = ends_on
    assignment.full_clean()
    if ends_on:
        _refuse_to_take_the_last_coordinator(assignment)
    assignment.save(update_fields=["ends_on"])
    until = ends_on.isoformat() if ends_on else ""
    _record_role(assignment, by=by, change="changed", until=until)


@transaction.atomic
def remove_assignment(assignment: Assignment, *, by: User) -> None:
    """End a role at once; the access log keeps that it was. Raises ValidationError."""
    Project.objects.select_for_update().get(pk=assignment.project_id)
    _refuse_to_take_the_last_coordinator(assignment)
    _record_role(assignment, by=by, change="removed")
    assignment.delete()


def _refuse_to_take_the_last_coordinator(assignment: Assignment) -> None:
    """Without a coordinator nobody but an administrator could let another one in."""
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
    pseudonym, _created = Pseudonym.objects.get_or_create(user=assignment.user)
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=assignment.project,
        role=assignment.role,
        change=change,
        person=str(pseudonym.key),
        **details,
    )


@transaction.atomic
def add_institution(
    institution: Institution,
    name: InstitutionName,
    *,
    project: Project | None = None,
    role: str = Participation.Role.PARTNER,
) -> Institution:
    """Enter a new institution with its present name and, if given, its place in a project.

    Raises ValidationError where the register has one of that name in that country already.
    """
    if project:
        Project.objects.select_for_update().get(pk=project.pk)
    namesakes = InstitutionName.objects.filter(
        name_fr__iexact=name.name_fr.strip(), institution__country=institution.country
    )
    if namesakes.exists():
        raise ValidationError(
            _(
                "The register already has an institution of this name in this country. Add that "
                "one to the project; if you do not find it in the list, ask an administrator."
            )
        )
    institution.save()
    name.institution = institution
    name.save()
    if project:
        Participation.objects.create(project=project, institution=institution, role=role)
    return institution


@transaction.atomic
def approve_value(point: DataPoint, *, by: User, exception: str = "") -> None:
    """Approve a submitted value. Whoever entered it does so only by an exception with a reason.

    Raises ValidationError without that reason, TransitionError where it is not submitted.
    """
    locked = DataPoint.objects.select_for_update().get(pk=point.pk)
    if locked.entered_by_id == by.pk and not exception.strip():
        raise ValidationError(
            _("You entered this value yourself. Say why nobody else can approve it.")
        )
    own = locked.entered_by_id == by.pk
    why = _("Exception to the rule of two people: %(why)s") % {"why": exception.strip()}
    point.take("approve", by=by, why=why if own else exception.strip())
