"""Finds the project of a thing, and ends the access links of a person in that project alone."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import cast

from django.db import models
from django.utils.functional import SimpleLazyObject

from accounts.mail import Envelope
from accounts.models import AccessLink, User
from accounts.models.links import AccessLinkQuerySet
from accounts.reading import Reader
from kernel.languages import present_place, working_in
from partners.naming import read_by
from projects.models import Assignment, Project
from projects.permissions.naming import NamesForPerson
from projects.permissions.roles import Role, reads_full_names, roles_of

# The ways from a thing, such as what a link opens, to its project; apps above this one have the last ones.
WAYS = (
    *("project", "committee", "meeting", "plan", "consultation", "minutes", "action"),
    *("call", "participation", "seat", "note"),
)


def links_in(project: Project, person: User) -> AccessLinkQuerySet:
    """Return the person's valid links to things of the project."""
    links = AccessLink.objects.filter(user=person).valid().prefetch_related("thing")
    mine = [link.pk for link in links if project_of(link.thing) == project]
    return AccessLink.objects.filter(pk__in=mine)


def feeds_of(person: User) -> AccessLinkQuerySet:
    """Return the valid links about the person: calendar feeds, and those that stop summaries. Each
    shows what the person sees at that moment, in all projects."""
    links = AccessLink.objects.filter(user=person).valid().prefetch_related("thing")
    own = [link.pk for link in links if link.thing == person]
    return AccessLink.objects.filter(pk__in=own)


def end_links(person: User, project: Project, *, by: User | None) -> None:
    """End the person's links in the project; their feeds too, once these show no project any
    more."""
    links_in(project, person).revoke(by=by)
    if not Project.objects.visible_to(person).exists():
        feeds_of(person).revoke(by=by)


@contextmanager
def reading_in_project(reader: Reader, about: models.Model | None) -> Iterator[None]:
    """Name only the institutions that the person may know in the project of this thing, and write in
    its working languages. It is looked for once that matters. What is about nothing in particular is
    written in the languages of the page that caused it."""
    place = cast("Project | None", SimpleLazyObject(lambda: project_of(about)))
    languages = nullcontext() if about is None else working_in(place)
    with read_by(NamesForPerson(reader, place)), languages:
        yield


def is_for_training(about: models.Model | None) -> bool:
    """Return whether a message about this thing, or else one that this page causes, is of a project
    for training."""
    place = present_place() if about is None else project_of(about)
    return isinstance(place, Project) and place.training


def project_of(thing: models.Model | None) -> Project | None:
    """Return the project of the thing, or None if it is of none, such as a person."""
    for name in WAYS:
        if hasattr(thing, f"{name}_id"):
            return project_of(getattr(thing, name))
    return thing if isinstance(thing, Project) else None


def envelope_in_project(
    reader: User | None, about: models.Model | None, by: User | None
) -> Envelope:
    """A coordinator of the project signs: the one who caused the message, else the one who has
    coordinated it for longest. What is about no project comes from the portal."""
    project = project_of(about)
    if project is None:
        return Envelope(is_named=bool(reader and reader.titles_in_mail))
    is_named = bool(reader and reads_full_names(reader, project))
    person = coordinator_of(project, by)
    return Envelope(
        answers_to=person.full_name if person else "",
        reply_to=(person.email or "") if person else "",
        project=project.short_title if is_named else "",
        is_named=is_named,
    )


def coordinator_of(project: Project, by: User | None = None) -> User | None:
    if by and by.email and Role.COORDINATOR in roles_of(by, project):
        return by
    rows = Assignment.objects.current().filter(project=project, role=Assignment.Role.COORDINATOR)
    rows = rows.filter(user__is_active=True).exclude(user__email=None)
    first = rows.select_related("user").order_by("pk").first()
    return first.user if first else None
