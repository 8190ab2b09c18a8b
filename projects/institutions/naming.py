"""Where an institution may be named, for its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from partners.models import Institution
from projects.models import NamingChoice, NamingPrecaution, Project
from projects.permissions.institutions import (
    instead_of_precaution,
    liftable_projects,
    may_lift_everywhere,
    may_take_precaution,
    open_precautions,
    represents,
)


@dataclass
class Naming:
    """The choices of an institution, as far as they concern the projects that the reader sees."""

    present: list[NamingChoice]
    earlier: list[NamingChoice]
    # Projects whose coordination reads who has files with a wider naming.
    coordinated: list[Project]
    precautions: list[NamingPrecaution]
    may_hide: bool
    # Says what the coordination can do instead if the institution's own choice rules a precaution out.
    instead_of_hiding: str
    may_lift: bool


def naming_of(
    user: User, institution: Institution, *, seen: Iterable[Project], coordinated: list[Project]
) -> Naming | None:
    """Return what the person may read of it, or None if it does not concern them.

    `seen`: the projects of the institution that they see; `coordinated`: that they coordinate.
    """
    if not (user.is_staff or coordinated or represents(user, institution)):
        return None
    rows = institution.naming_choices.filter(Q(project=None) | Q(project__in=list(seen)))
    rows = rows.select_related("project", "recorded_by").prefetch_related("excluded__names")
    present: dict[int, NamingChoice] = {}
    for row in rows:  # the newest first
        present.setdefault(row.project_id or 0, row)
    precautions = open_precautions(institution)
    return Naming(
        precautions=precautions,
        may_hide=may_take_precaution(user, institution),
        instead_of_hiding=instead_of_precaution(user, institution),
        may_lift=bool(precautions)
        and (may_lift_everywhere(user, institution) or bool(liftable_projects(user, institution))),
        present=[present[place] for place in sorted(present)],
        earlier=[row for row in rows if row not in present.values()],
        coordinated=coordinated if present or precautions else [],
    )
