"""Adds institutions to the register, and to a project at once."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Institution, InstitutionName
from projects.models import Participation, Project


@transaction.atomic
def add_institution(
    institution: Institution,
    name: InstitutionName,
    *,
    project: Project | None = None,
    role: str = Participation.Role.PARTNER,
) -> Institution:
    """Add an institution with its present name and, if given, its role in a project.

    Raises ValidationError if the register has an institution of that name in that country already.
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
