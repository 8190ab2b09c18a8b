"""What many pages of a project show of it."""

from django.db.models import QuerySet

from kernel.prepared import prepared
from kernel.text import columns_of
from partners.naming import shown_place
from partners.reading import named_institutions
from projects.models import Participation, Period, Project


@prepared
def period_rows(project: int) -> QuerySet[Period]:
    return Period.objects.filter(project=project).order_by("start", "pk")


def periods_of(project: Project) -> list[Period]:
    """Return the periods of the project in their order."""
    periods = period_rows(project.pk)
    for period in periods:
        period.project = project
    return periods


def participations_of(project: Project) -> list[Participation]:
    """Return the participations by role, with the names of their institutions."""
    rows = _participations(project.pk)
    named = named_institutions(row.institution_id for row in rows)
    for row in rows:
        row.project, row.institution = project, named[row.institution_id]
    return sorted(rows, key=lambda row: (row.role, *shown_place(row.institution)))


@prepared
def _participations(project: int) -> QuerySet[Participation]:
    return Participation.objects.filter(project=project)


def projects_in_words(keys: set[int]) -> dict[int, str]:
    projects = Project.objects.filter(pk__in=keys).only("code", *columns_of("short_title"))
    return {project.pk: f"{project.code} · {project}" for project in projects}
