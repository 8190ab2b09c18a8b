"""The projects of a reader in groups with the same rights. So a statement about hundreds of projects
has few conditions."""

from collections import defaultdict
from typing import NamedTuple

from committees.permissions.roles import projects_by_roles
from ibcr_portal.reader import Reader
from projects.permissions.roles import TEAM, Role, represented_in, spoken_for


class PlaceRights(NamedTuple):
    roles: frozenset[Role]
    audiences: frozenset[str]

    @property
    def is_team(self) -> bool:
        return bool(self.roles & TEAM)


class ReaderPlace(NamedTuple):
    """Projects in which the person has the same rights, and the institutions that they represent
    there, and for which they speak."""

    rights: PlaceRights
    projects: list[int]
    represented: list[int]
    spoken: list[int]


def places_of(reader: Reader) -> list[ReaderPlace]:
    represented = represented_in(reader.user, reader.keys)
    spoken = spoken_for(reader.user, reader.keys)
    groups: dict[tuple[PlaceRights, frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for (roles, audiences), projects in projects_by_roles(reader.user, reader.keys).items():
        for pk in projects if roles else ():
            own = frozenset(row.institution for row in represented.get(pk, ()))
            groups[PlaceRights(roles, audiences), own, spoken.get(pk, frozenset())].append(pk)
    return [
        ReaderPlace(rights, projects, sorted(own), sorted(speaks))
        for (rights, own, speaks), projects in groups.items()
    ]
