"""What a page of obligations needs to show them: the projects, institutions and roles of its rows,
each read once."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse

from committees.models import Committee
from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.due import Due, ResponsibleParty, team_label
from ibcr_portal.obligations.role_sets import role_set
from ibcr_portal.reader import Reader
from kernel.addresses import addresses
from kernel.text import columns_of
from partners.models import Institution
from projects.models import Project
from projects.permissions.roles import Role

Row = TypeVar("Row", bound=Model)


def by_key(
    build: Callable[[list[int]], QuerySet[Row]],
) -> Callable[[list[Obligation]], dict[int, Row]]:
    """Make a function that returns the things of rows by their keys."""

    def things(rows: list[Obligation]) -> dict[int, Row]:
        return {thing.pk: thing for thing in build(sorted({row.thing for row in rows}))}

    return things


def _named_committees(keys: list[int]) -> QuerySet[Committee]:
    return Committee.objects.filter(pk__in=keys).only(*columns_of("name", "minutes_name"))


# Kinds whose title names the institution.
OF_INSTITUTIONS = (ObligationKind.SEAT, ObligationKind.AGREEMENT, ObligationKind.SAFEGUARDING)


class DuePage:
    """The rows of a page and its reader. `today` is the day where the projects are."""

    def __init__(
        self, reader: Reader, rows: Collection[Obligation], *, with_owners: bool = True
    ) -> None:
        self.reader = reader
        self.with_owners = with_owners
        self._projects = reader.projects_by_key({row.project_id for row in rows})
        self.today: date = next((one.today for one in self._projects.values()), reader.today)
        self._institutions = {
            row.institution_id
            for row in rows
            if row.institution_id and (with_owners or row.kind in OF_INSTITUTIONS)
        }
        self._institutions |= {row.facts["with"] for row in rows if "with" in row.facts}
        self._addresses: dict[tuple[object, ...], Any] = {}
        self._committee_keys = {row.facts["committee"] for row in rows if "committee" in row.facts}

    @cached_property
    def _committees(self) -> dict[int, Committee]:
        return {row.pk: row for row in _named_committees(sorted(self._committee_keys))}

    def project(self, row: Obligation) -> Project:
        return self._projects[row.project_id]

    def projects_of(self, rows: Iterable[Obligation]) -> list[Project]:
        return [self._projects[pk] for pk in {row.project_id for row in rows}]

    def institution(self, key: int) -> Institution:
        return self.reader.institutions(self._institutions | {key})[key]

    def committee_name(self, row: Obligation) -> str:
        """Return the name of the committee, which is responsible, if the page says who is."""
        return self.committee(row.facts["committee"]).name if self.with_owners else ""

    def committee(self, key: int) -> Committee:
        return self._committees[key]

    def address(self, view: str, *before: object, key: int | None = None) -> str:
        """Return the address of a view; of many rows that differ by the last argument alone it is
        looked up once."""
        if key is None:
            known = self._addresses.get((view, *before))
            if known is None:
                known = self._addresses[view, *before] = reverse(view, args=before)
            return str(known)
        make = self._addresses.get((view, *before, None))
        if make is None:
            make = self._addresses[view, *before, None] = addresses(view, *before)
        return str(make(key))

    def coordinates(self, row: Obligation) -> bool:
        roles = self.reader.roles_by_project.get(row.project_id, frozenset())
        return bool(roles & {Role.ADMINISTRATOR, Role.COORDINATOR})

    def is_theirs(self, row: Obligation) -> bool:
        user = self.reader.user.pk
        if row.user_id == user:
            return True
        if row.entered_by_id == user:
            return False
        roles = self.reader.roles_by_project.get(row.project_id, frozenset())
        if row.owners & role_set(roles):
            return True
        return (row.project_id, row.institution_id) in self.reader.own

    def due(
        self, row: Obligation, title: str, url: str, label: str = "", note: str = "", **more: Any
    ) -> Due:
        """Return the row with its words. `label` says who is responsible, if it is not the
        institution of the row, or the coordination."""
        if not label and self.with_owners:
            key = row.institution_id
            label = self.institution(key).short_name if key else team_label()
        return Due(
            project=self.project(row),
            kind=ObligationKind(row.kind),
            key=row.key,
            title=title,
            url=url,
            on=row.on,
            in_time_until=row.in_time_until,
            owner=ResponsibleParty(
                label,
                institutions=frozenset({row.institution_id} if row.institution_id else ()),
                people=frozenset({row.user_id} if row.user_id else ()),
            ),
            today=self.today,
            is_theirs=self.is_theirs(row),
            note=note,
            done=row.done,
            is_event=row.is_event,
            **more,
        )
