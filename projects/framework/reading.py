"""What the page of the framework asks beside its indicators, in one statement."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from kernel.prepared import prepared
from kernel.text import columns_of
from kernel.together import ask_together
from partners.models import Institution, InstitutionNameQuerySet
from partners.reading import by_names, names_of
from projects.models import DataPoint, Indicator, Period, Project, Result, ValueRequest
from projects.pages import TabCounts, tab_counts_to_ask
from projects.permissions.roles import own_institutions, works_for
from projects.reading import period_rows, periods_of


class FrameworkAsked:
    """The choices of the filter bar, and the numbers that its tabs and buttons show."""

    def __init__(self, user: User, project: Project) -> None:
        own = sorted(own_institutions(user, project))
        periods, results = period_rows.question(project.pk), _results.question(project.pk)
        names = _names.question(project.pk)
        numbers = _numbers.question(project.pk, works_for(user, project), own)
        tabs = tab_counts_to_ask(user, project)
        ask_together(periods, results, names, numbers, tabs)
        self.periods: list[Period] = periods_of(project, periods.rows)
        self.results: list[Result] = results.rows
        for result in self.results:
            result.project = project
        found = by_names(names.rows, set()).values()
        self.institutions: list[Institution] = sorted(found, key=lambda one: one.short_name)
        self.tabs = TabCounts(*tabs.rows[0])
        self.waiting, self.requests = numbers.rows[0]


@prepared
def _results(project: int) -> QuerySet[Result]:
    return Result.objects.filter(project=project).only(
        "project", "level", "code", *columns_of("statement")
    )


@prepared
def _names(project: int) -> InstitutionNameQuerySet:
    responsible = Indicator.objects.filter(result__project=project).exclude(responsible=None)
    return names_of(responsible.values("responsible"))


@prepared
def _numbers(project: int, works: bool, own: list[int]) -> QuerySet[Project, tuple[Any, ...]]:
    """Count the values that wait for approval, and the requests that the reader sees."""
    waiting = DataPoint.objects.totals().filter(
        indicator__result__project=OuterRef("pk"), status=DataPoint.Status.SUBMITTED
    )
    requests = ValueRequest.objects.filter(project=OuterRef("pk"))
    if not works:
        requests = requests.filter(institution__in=own)
    shown = _number(requests) if works or own else Value(0)
    return Project.objects.filter(pk=project).values_list(_number(waiting), shown)


def _number(rows: QuerySet[Any]) -> Coalesce:
    as_one = rows.order_by().annotate(together=Value(1)).values("together")
    return Coalesce(Subquery(as_one.annotate(number=Count("pk")).values("number")), 0)
