"""What obligations of one project are made of, read once for all sources, whoever reads them."""

import math
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from ibcr_portal.models import Obligation, ObligationKind
from ibcr_portal.obligations.role_sets import role_set
from kernel.entering import in_time_until
from projects.models import Participation, Period, Project, ReportingDuty
from projects.permissions.roles import TEAM, Role
from projects.reading import periods_of

COORDINATION = frozenset({Role.COORDINATOR})


def moment(time: datetime) -> int:
    """Return a moment as obligations keep it: in seconds since 1970, the next whole one."""
    return math.ceil(time.timestamp())


class ProjectFacts:
    """A project, its periods, duties and participations. Sources make rows of it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.today = project.today
        self.is_running = not project.is_over  # things still fall due

    @cached_property
    def periods(self) -> list[Period]:
        return periods_of(self.project)

    @cached_property
    def duties(self) -> list[ReportingDuty]:
        duties = ReportingDuty.objects.filter(project=self.project)
        return list(duties.select_related("participation").order_by("kind", "pk"))

    @cached_property
    def participations(self) -> list[Participation]:
        rows = Participation.objects.filter(project=self.project)
        return list(rows.select_related("institution", "agreement"))

    @cached_property
    def accountable(self) -> set[int]:
        """The institutions that answer for the project: its coordination does what is theirs."""
        role = Participation.Role.ACCOUNTABLE
        return {row.institution_id for row in self.participations if row.role == role}

    def start_of(self, day: date) -> int:
        return moment(datetime.combine(day, time.min, tzinfo=self.project.zone))

    def end_of(self, day: date) -> int:
        return self.start_of(day + timedelta(days=1))

    def _in_time_until(self, on: date, entered: Iterable[date]) -> date:
        return in_time_until(on, self.project.entered_on, *entered)

    def row(
        self,
        kind: ObligationKind,
        key: str,
        on: date | None,
        *,
        owners: Iterable[Role] = (),
        readers: Collection[Role] = TEAM,
        institution: int | None = None,
        entered: Iterable[date] = (),
        is_event: bool = False,
        **more: Any,
    ) -> Obligation:
        """Return a row for the roles and the institution that have to do it, and for those that
        see it as well. What the accountable institution has to do, the coordination has.

        `entered`: the days on which what it follows from was entered, besides the project itself.
        """
        owning = set(owners) | (COORDINATION if institution in self.accountable else set())
        return Obligation(
            project_id=self.project.pk,
            kind=kind.value,
            key=key,
            on=on,
            in_time_until=on if is_event or on is None else self._in_time_until(on, entered),
            is_event=is_event,
            owners=role_set(owning),
            readers=role_set(readers),
            institution_id=institution,
            **more,
        )
