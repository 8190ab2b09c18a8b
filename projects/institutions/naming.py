"""Where an institution may be named, for its page."""

from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import User
from partners.models import Institution
from projects.models import NamingChoice, Project
from projects.permissions.institutions import may_see_naming, narrowable_projects


@dataclass
class Naming:
    """The choices of an institution, as far as the reader is concerned with the projects."""

    present: list[NamingChoice]
    earlier: list[NamingChoice]
    # Projects whose coordination reads who has files with a wider naming.
    coordinated: list[Project] = field(default_factory=list)


def naming_of(user: User, institution: Institution) -> Naming | None:
    """Return what the person may read of it, or None if it does not concern them."""
    if not may_see_naming(user, institution):
        return None
    projects = Project.objects.visible_to(user).values("pk")
    rows = institution.naming_choices.filter(Q(project=None) | Q(project__in=projects))
    rows = rows.select_related("project", "recorded_by").prefetch_related("excluded__names")
    counting = set(
        NamingChoice.objects.that_count()
        .filter(institution=institution)
        .values_list("pk", flat=True)
    )
    found = list(rows)
    return Naming(
        present=sorted(
            (row for row in found if row.pk in counting), key=lambda row: row.project_id or 0
        ),
        earlier=[row for row in found if row.pk not in counting],
        coordinated=narrowable_projects(user, institution) if found else [],
    )
