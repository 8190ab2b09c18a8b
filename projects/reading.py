"""What many pages of a project show of it."""

from kernel.text import columns_of
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.models import Participation, Period, Project


def periods_of(project: Project) -> list[Period]:
    """Return the periods of the project in their order."""
    return list(project.periods.order_by("start", "pk"))


def participations_of(project: Project) -> list[Participation]:
    """Return the participations by role, with the names of their institutions."""
    rows = list(project.participations.all())
    named = named_institutions(row.institution_id for row in rows)
    for row in rows:
        row.institution = named[row.institution_id]
    return sorted(rows, key=lambda row: (row.role, *shown_place(row.institution)))


def projects_in_words(keys: set[int]) -> dict[int, str]:
    projects = Project.objects.filter(pk__in=keys).only("code", *columns_of("short_title"))
    return {project.pk: f"{project.code} · {project}" for project in projects}
