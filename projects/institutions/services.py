"""Institutions that enter the register, and a project with it."""

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
