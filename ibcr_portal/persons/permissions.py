"""Who deals with the data of other people."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import AccessLink, User
from accounts.models.links import AccessLinkQuerySet
from ibcr_portal.persons.searching import DataSubject
from partners.models import Contact
from projects.institutions.services.links import links_in
from projects.models import Assignment, Project
from projects.permissions.representations import contacts_placed_today, may_edit_contact
from projects.permissions.roles import learn_roles, may_edit, roles_of


def may_administer_persons(user: User) -> bool:
    return user.is_staff


@dataclass(frozen=True)
class Reach:
    """What somebody may protect of a person: administrators all of it, the coordination what lies
    in its own projects."""

    known: DataSubject
    """The person as the protector knows them, without names and addresses that they do not see."""
    account: User | None
    hidden: tuple[Contact, ...]
    """The entries whose name is hidden."""
    projects: list[Project] | None
    """Those whose links end and whose documents are listed; None: all."""
    is_whole: bool
    """Whether all sessions, links and feeds end."""

    @cached_property
    def links(self) -> AccessLinkQuerySet:
        if self.account is None:
            return AccessLink.objects.none()
        if self.is_whole:
            return AccessLink.objects.filter(user=self.account)
        links = [link for each in self.projects or [] for link in links_in(each, self.account)]
        return AccessLink.objects.filter(pk__in=[link.pk for link in links])


def reach_of(user: User, subject: DataSubject) -> Reach | None:
    """Return what the person may protect of the other one, or None if it is nothing.

    The coordination of a project in which they have a place today may protect them there. It ends
    sessions only if the person has no role in a project of others, and hides entries that it may
    edit: whoever enters somebody as a contact of their own project gets no power over them in
    other projects, and does not learn the name of their account.
    """
    if user.is_staff:
        return Reach(subject, subject.user, subject.contacts, None, is_whole=True)
    own = Project.objects.coordinated_by(user)
    person = subject.user
    assigned = Assignment.objects.current().filter(user=person, project__in=own)
    placed = contacts_placed_today(own).filter(pk__in=subject.people.contacts, user=person)
    known = DataSubject(person if person and assigned.exists() else None, tuple(placed))
    if not known.rows:
        return None
    hidden = tuple(contact for contact in known.contacts if may_edit_contact(user, contact))
    is_alone = person is None or not _has_role_outside(person, own)
    return Reach(
        known,
        person,
        hidden,
        projects=[project for project in subject.projects if may_edit(user, project)],
        is_whole=is_alone and hidden == known.contacts,
    )


def _has_role_outside(person: User, projects: QuerySet[Project]) -> bool:
    others = list(Project.objects.exclude(pk__in=projects.values("pk")))
    learn_roles(person, others)
    return person.is_staff or any(roles_of(person, project) for project in others)
