"""Adds institutions to the register, and to a project at once."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AccessEvent, User
from partners.models import Institution, InstitutionName
from projects.models import Participation, Project


@transaction.atomic
def add_institution(
    institution: Institution,
    name: InstitutionName,
    *,
    project: Project | None = None,
    role: str = Participation.Role.PARTNER,
    by: User,
) -> Institution:
    """Add an institution with its present name and, if given, its role in a project.

    Raises ValidationError if the register has an institution of that name in that country already.
    """
    if project:
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
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
        place = Participation.objects.create(project=project, institution=institution, role=role)
        record_participation(place, by=by, change="institution added")
    return institution


@transaction.atomic
def remove_participation(participation: Participation, *, by: User) -> None:
    record_participation(participation, by=by, change="institution removed")
    participation.delete()


def record_participation(participation: Participation, *, by: User | None, change: str) -> None:
    """Log that the institution's contacts got, or lost, what its role lets them see and do."""
    AccessEvent.record(
        AccessEvent.Kind.ROLE,
        user=by,
        thing=participation.project,
        role=participation.role,
        change=change,
        institution=participation.institution_id,
    )
