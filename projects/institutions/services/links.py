"""Ends the access links of a person in one project, and leaves those of other projects alone."""

from django.db import models

from accounts.models import AccessLink, User
from accounts.models.links import AccessLinkQuerySet
from projects.models import Project

# The ways from what a link opens to its project; apps above this one have the last ones.
WAYS = ("project", "committee", "meeting", "plan", "consultation", "minutes", "action")


def links_in(project: Project, person: User) -> AccessLinkQuerySet:
    """Return the person's valid links to things of the project."""
    links = AccessLink.objects.filter(user=person).valid().prefetch_related("thing")
    mine = [link.pk for link in links if _is_of(link.thing, project)]
    return AccessLink.objects.filter(pk__in=mine)


def feeds_of(person: User) -> AccessLinkQuerySet:
    """Return the valid links about the person: calendar feeds, and those that stop summaries. Each
    shows what the person sees at that moment, in all projects."""
    links = AccessLink.objects.filter(user=person).valid().prefetch_related("thing")
    own = [link.pk for link in links if link.thing == person]
    return AccessLink.objects.filter(pk__in=own)


def end_links(person: User, project: Project, *, by: User) -> None:
    """End the person's links in the project; their feeds too, once these show no project any
    more."""
    links_in(project, person).revoke(by=by)
    if not Project.objects.visible_to(person).exists():
        feeds_of(person).revoke(by=by)


def _is_of(thing: models.Model | None, project: Project) -> bool:
    for name in WAYS:
        if hasattr(thing, f"{name}_id"):
            return _is_of(getattr(thing, name), project)
    return thing == project
