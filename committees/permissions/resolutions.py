"""Permissions to see, edit and answer resolutions of the committee."""

from collections.abc import Iterable, Sequence

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
from kernel.keys import Keys
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
    roles = roles_of(user, project)
    left = resolutions_left(user, [project], roles)
    return resolutions_seen([project], roles, audiences_of(user, project), *left)


def every_visible_resolution(
    user: User, projects: Iterable[Project | int] | None = None
) -> ResolutionQuerySet:
    """Return the visible resolutions of all projects at once, or of the given ones (see
    `visible_resolutions`)."""
    found = Resolution.objects.none()
    for (roles, audiences), group in projects_by_roles(user, projects).items():
        left = resolutions_left(user, group, roles)
        found |= resolutions_seen(Keys(group), roles, audiences, *left)
    return found


def resolutions_left(
    user: User, projects: Sequence[Project | int], roles: frozenset[Role]
) -> tuple[list[int], list[int]]:
    """Return the keys of the items that a recused seat left, of which it reads no resolution:
    reserved ones, and those of the committee, of which it reads what was adopted.

    What somebody sees as one of the team stays.
    """
    left = [] if roles & TEAM or Role.MEMBER not in roles else items_left(user, projects)
    return (
        [item.pk for item in left if item.audience == Audience.VOTING],
        [item.pk for item in left if item.audience == Audience.COMMITTEE],
    )


def resolutions_seen(
    projects: Sequence[Project | int] | Keys,
    roles: frozenset[Role],
    audiences: frozenset[str],
    left: list[int],
    left_unless_adopted: list[int],
) -> ResolutionQuerySet:
    """Return the resolutions that people with these roles may see (see `visible_resolutions`)."""
    resolutions = Resolution.objects.filter(committee__project__in=projects)
    if not roles:
        return resolutions.none()
    if not (roles & TEAM or Role.MEMBER in roles):
        return resolutions.adopted().for_audiences(audiences | {Audience.COMMITTEE})
    found = resolutions.for_audiences(audiences)
    if not (left or left_unless_adopted):
        return found
    # What was adopted on an item that is not reserved is in the register, for its readers.
    return found.exclude(
        Q(agenda_item__in=left)
        | Q(status__in=Resolution.NOT_ADOPTED, agenda_item__in=left_unless_adopted)
    )


def may_edit_resolution(user: User, resolution: Resolution) -> bool:
    return may_edit(user, resolution.committee.project)


def may_put_into_effect(user: User, amendment: Amendment) -> bool:
    return may_edit(user, amendment.project)
