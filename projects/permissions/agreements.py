"""Decides who sees agreements with institutions, and who reads their files.

An agreement is visible to everybody who works for a project that names it, and to those who
represent the institution in it; while no project names it, to everybody who works with the
institution anywhere. The file holds amounts and names: of the team, only coordination, finance and auditors read it.
"""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from accounts.models import User
from partners.models import Agreement
from projects.models import Assignment, Participation, Project
from projects.permissions.roles import Role

READS_FILES = (Role.COORDINATOR, Role.FINANCE, Role.AUDITOR)


def visible_agreements(user: User) -> QuerySet[Agreement]:
    return _agreements(user, Assignment.Role.values)


def agreements_with_files(user: User) -> QuerySet[Agreement]:
    """Return the agreements whose files the person may read."""
    return _agreements(user, READS_FILES)


def may_edit_agreement(user: User, agreement: Agreement) -> bool:
    """The coordination edits it. Once all projects that name it are closed, it is their record."""
    naming = Participation.objects.filter(project__closed_on=None).exclude(agreement=None)
    is_open = Q(participations=None) | Q(pk__in=naming.values("agreement"))
    rows = _agreements(user, (Role.COORDINATOR,), own=False).filter(is_open)
    return rows.filter(pk=agreement.pk).exists()


def _agreements(user: User, roles: Collection[str], *, own: bool = True) -> QuerySet[Agreement]:
    if not user.is_authenticated:
        return Agreement.objects.none()
    if user.is_staff:
        return Agreement.objects.all()
    working = Assignment.objects.current().filter(user=user, role__in=roles).values("project")
    projects = Project.objects.filter(pk__in=working)
    named = Participation.objects.filter(project__in=projects).exclude(agreement=None)
    partners = Participation.objects.filter(project__in=projects).values("institution")
    seen = Q(pk__in=named.values("agreement")) | Q(participations=None, institution__in=partners)
    if own:
        represented = Participation.objects.represented_by(user).values("pk")
        seen |= Q(participations__in=represented)
    return Agreement.objects.filter(pk__in=Agreement.objects.filter(seen).values("pk"))
