"""Decides who sees and edits institutions and their contacts.

The rules are here and not in `partners`, which does not know projects: who sees an institution
follows from the projects in which it takes part.
"""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from partners.models import Institution, InstitutionQuerySet
from projects.models import Participation, Project


def visible_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions of the person's projects and their own; all for administrators."""
    if not user.is_authenticated:
        return Institution.objects.none()
    if user.is_staff:
        return Institution.objects.all()
    own = Institution.objects.spoken_for_by(user).values("pk")
    return Institution.objects.filter(
        Q(pk__in=_taking_part(Project.objects.visible_to(user))) | Q(pk__in=own)
    )


def coordinated_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions of projects that the person coordinates; all for administrators."""
    if user.is_staff:
        return Institution.objects.all()
    coordinated = Project.objects.coordinated_by(user)
    return Institution.objects.filter(pk__in=_taking_part(coordinated))


def _taking_part(projects: QuerySet[Project]) -> QuerySet[Participation, Any]:
    """Return the keys of the institutions, for a subquery."""
    return Participation.objects.filter(project__in=projects).values("institution")


def may_create_institution(user: User) -> bool:
    return Project.objects.coordinated_by(user).exists() or user.is_staff


def may_edit_institution(user: User, institution: Institution) -> bool:
    return coordinated_institutions(user).filter(pk=institution.pk).exists()


def may_correct_institution(user: User, institution: Institution) -> bool:
    """The contacts of an institution edit its names and the date of its safeguarding policy."""
    if may_edit_institution(user, institution):
        return True
    return Institution.objects.spoken_for_by(user).filter(pk=institution.pk).exists()


def may_delete_institution(user: User) -> bool:
    return user.is_staff


def may_see_contacts(user: User, institution: Institution) -> bool:
    """The coordination sees contacts; an institution sees its own."""
    return may_correct_institution(user, institution)


def may_edit_contacts(user: User, institution: Institution) -> bool:
    return may_edit_institution(user, institution)
