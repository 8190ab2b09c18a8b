"""Decides who sees and edits institutions.

The rules are here and not in `partners`, which does not know projects: who sees an institution
follows from the projects in which it takes part. What one project's coordination does never affects
another project.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, QuerySet

from accounts.models import User
from kernel.keys import Keys
from partners.models import Institution, InstitutionQuerySet
from partners.naming import present_readers
from projects.models import InstitutionChange, Participation, Project, Representation
from projects.models.representation import RepresentationQuerySet
from projects.permissions.naming import NamesForPerson
from projects.permissions.roles import edited_projects, may_edit


def visible_institutions(user: User, projects: Iterable[int] | None = None) -> InstitutionQuerySet:
    """Return the institutions of the person's projects, apart from those that they may not know by
    name; all for administrators. `projects`: the keys of their projects, if these are known."""
    if not user.is_authenticated:
        return Institution.objects.none()
    if user.is_staff:
        return Institution.objects.all()
    seen = Project.objects.visible_to(user) if projects is None else Keys(projects)
    found = Institution.objects.filter(pk__in=taking_part(seen))
    return found.exclude(pk__in=_hidden(user, found))


def _hidden(user: User, institutions: QuerySet[Institution]) -> set[int]:
    if not (guarded := list(institutions.filter(is_guarded=True))):
        return set()
    names = names_for(user)
    return {each.pk for each in guarded if names.is_hidden(each)}


def names_for(user: User) -> NamesForPerson:
    """Return what the person may read in all their projects: what the page was asked for, if it is
    of no single project, so that nothing is read twice."""
    present = present_readers()
    if isinstance(present, NamesForPerson) and present.user == user and not present.place:
        return present
    return NamesForPerson(user)


def coordinated_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions of projects that the person coordinates; all for administrators."""
    if user.is_staff:
        return Institution.objects.all()
    coordinated = Project.objects.coordinated_by(user)
    return Institution.objects.filter(pk__in=taking_part(coordinated))


def attachable_institutions(user: User) -> InstitutionQuerySet:
    """Return the institutions that the coordination may find and add to its project: of those of
    other projects it learns the name and the country alone, and none that hides from it."""
    return Institution.objects.exclude(pk__in=_hidden(user, Institution.objects.all()))


def taking_part(
    projects: QuerySet[Project] | Keys | list[int],
) -> QuerySet[Participation, Any]:
    """Return the keys of the institutions, for a subquery."""
    return Participation.objects.filter(project__in=projects).values("institution")


def may_create_institution(user: User) -> bool:
    return user.is_staff or bool(edited_projects(user))


def may_coordinate_with(user: User, institution: Institution) -> bool:
    """Whether the institution takes part in a project that the person coordinates."""
    return coordinated_institutions(user).filter(pk=institution.pk).exists()


def may_edit_institution(user: User, institution: Institution) -> bool:
    """Administrators edit the facts, and the coordination those of an institution that takes part
    in its own projects alone."""
    if user.is_staff:
        return True
    coordinated = Project.objects.coordinated_by(user).values("pk")
    others = Participation.objects.filter(institution=institution).exclude(project__in=coordinated)
    known = coordinated_institutions(user).filter(~Exists(others), pk=institution.pk)
    return known.exists()


def may_correct_institution(user: User, institution: Institution) -> bool:
    """Whether the person changes the name, country, kind and safeguarding policy.

    Those who represent the institution do; if it serves several projects, only those whom an
    administrator or a colleague confirmed: whom one coordinator entered speaks in that project.
    """
    if may_edit_institution(user, institution):
        return True
    own = _representations(user, institution).filter(ends_at=None)
    if own.filter(confirmed_at__isnull=False).exists():
        return True
    projects = Participation.objects.filter(institution=institution).values("project")
    return own.exists() and projects.distinct().count() == 1


def may_propose_facts(user: User, institution: Institution) -> bool:
    """The coordination proposes what it may not change, since it holds in other projects too."""
    return may_coordinate_with(user, institution) and not may_correct_institution(user, institution)


def changes_to_settle(is_staff: bool, institutions: Collection[int]) -> QuerySet[InstitutionChange]:
    """Return the proposed changes that wait for the person: all for administrators, for others
    those of the institutions that they represent, if they were confirmed."""
    changes = InstitutionChange.objects.open()
    return changes if is_staff else changes.filter(institution__in=institutions)


def may_delete_institution(user: User) -> bool:
    return user.is_staff


# Where an institution may be named


def may_see_naming(user: User, institution: Institution) -> bool:
    """The coordination of its projects, whoever represents it, and administrators."""
    return may_widen_naming(user, institution) or bool(narrowable_projects(user, institution))


def may_widen_naming(user: User, institution: Institution) -> bool:
    """Only the institution itself says that it may be named to more, or an administrator to whom
    it wrote so: the coordination never does, even in its own project alone.

    Whom the coordination entered as representative could be anybody, so they speak for the
    institution in this once somebody else confirmed them.
    """
    if user.is_staff:
        return True
    own = _representations(user, institution).filter(ends_at=None)
    confirmed = own.filter(confirmed_at__isnull=False)
    return confirmed.exists() and not narrowable_projects(user, institution)


def represents(user: User, institution: Institution) -> bool:
    """Whether the person represents the institution in any project today."""
    return _representations(user, institution).exists()


def _representations(user: User, institution: Institution) -> RepresentationQuerySet:
    rows = Representation.objects.in_force()
    return rows.filter(contact__user=user, participation__institution=institution)


def narrowable_projects(user: User, institution: Institution) -> list[Project]:
    """Return the projects of the institution for which the person records what it said."""
    places = Participation.objects.filter(institution=institution).values("project")
    return [
        project
        for project in Project.objects.visible_to(user).filter(pk__in=places).order_by("code")
        if may_edit(user, project)
    ]
