"""What the page of the framework shows beside its indicators."""

from django.db.models import QuerySet

from kernel.prepared import prepared
from kernel.text import columns_of
from partners.models import Institution, InstitutionNameQuerySet
from partners.reading import by_names, names_of
from projects.models import DataPoint, Indicator, Project, Result


def result_choices(project: Project) -> list[Result]:
    """Return the results from which the filter bar lets readers choose."""
    results = _results(project.pk)
    for result in results:
        result.project = project
    return results


@prepared
def _results(project: int) -> QuerySet[Result]:
    return Result.objects.filter(project=project).only(
        "project", "level", "code", *columns_of("statement")
    )


def responsible_institutions(project: Project) -> list[Institution]:
    """Return the institutions that answer for an indicator, by their short names."""
    found = by_names(_names(project.pk), set()).values()
    return sorted(found, key=lambda one: one.short_name)


@prepared
def _names(project: int) -> InstitutionNameQuerySet:
    responsible = Indicator.objects.filter(result__project=project).exclude(responsible=None)
    return names_of(responsible.values("responsible"))


def number_of_waiting_values(project: Project) -> int:
    """Return how many values wait for approval."""
    points = DataPoint.objects.totals().filter(indicator__result__project=project)
    return points.filter(status=DataPoint.Status.SUBMITTED).count()
