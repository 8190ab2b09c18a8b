"""Permissions to see, edit and answer resolutions of the committee."""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import User
from committees.models import (
    Audience,
    Resolution,
)
from committees.models.resolution import ResolutionQuerySet
from committees.permissions.roles import (
    audiences_of,
    items_left,
    projects_by_roles,
)
from projects.models import Amendment, Project
from projects.permissions.roles import TEAM, Role, may_edit, roles_of, speaks_for


def may_answer_recommendation(user: User, resolution: Resolution) -> bool:
    """The addressee answers; the coordination enters what came otherwise."""
    project = resolution.committee.project
    if may_edit(user, project):
        return True
    return resolution.addressee_id in speaks_for(user, project)


def visible_resolutions(user: User, project: Project) -> ResolutionQuerySet:
    """Return the register for members and the team, and adopted resolutions for partners and the
    donor.

    Resolutions on a reserved item are for the item's audience.
    """
    return _resolutions(user, [project], roles_of(user, project), audiences_of(user, project))


def every_visible_resolution(
    user: User, projects: Iterable[Project] | None = None
) -> ResolutionQuerySet:
    """Return the visible resolutions of all projects at once, or of the given ones (see
    `visible_resolutions`)."""
    found = Resolution.objects.none()
    for (roles, audiences), group in projects_by_roles(user, projects).items():
        found |= _resolutions(user, group, roles, audiences)
    return found


def _resolutions(
    user: User, projects: list[Project], roles: frozenset[Role], audiences: frozenset[str]
) -> ResolutionQuerySet:
    resolutions = Resolution.objects.filter(committee__project__in=projects)
    if not roles:
        return resolutions.none()
    if roles & TEAM or Role.MEMBER in roles:
        found = resolutions.for_audiences(audiences)
        # What somebody sees as one of the team stays.
        left = [] if roles & TEAM else items_left(user, projects)
        if not left:
            return found
        # What was adopted on an item that is not reserved is in the register, for its readers.
        reserved = [item.pk for item in left if item.audience == Audience.VOTING]
        others = [item.pk for item in left if item.audience == Audience.COMMITTEE]
        is_left = Q(agenda_item__in=reserved) | Q(
            status__in=Resolution.NOT_ADOPTED, agenda_item__in=others
        )
        return found.exclude(is_left)
    return resolutions.adopted().for_audiences(audiences | {Audience.COMMITTEE})


def may_edit_resolution(user: User, resolution: Resolution) -> bool:
    return may_edit(user, resolution.committee.project)


def may_put_into_effect(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)
