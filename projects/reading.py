"""What many pages of a project show of it, read once in few columns."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet

from kernel.prepared import Question, keep_related, prepared
from kernel.text import columns_of
from kernel.together import ask_together
from partners.models import InstitutionName, InstitutionNameQuerySet
from partners.naming import shown_place
from partners.reading import by_names, names_of
from projects.models import (
    Classification,
    Participation,
    Period,
    Project,
    ProjectCountry,
    ProjectMarker,
    ProjectSector,
    ProjectTag,
)


@prepared
def period_rows(project: int) -> QuerySet[Period]:
    return Period.objects.filter(project=project).order_by("start", "pk")


def periods_of(project: Project, rows: list[Period] | None = None) -> list[Period]:
    """Return the periods of the project in their order. `rows`: if the caller has read them."""
    periods = period_rows(project.pk) if rows is None else rows
    for period in periods:
        period.project = project
    return periods


@prepared
def participation_rows(project: int) -> QuerySet[Participation]:
    return Participation.objects.filter(project=project)


@prepared
def name_rows(project: int) -> InstitutionNameQuerySet:
    """Return the names of the institutions that take part."""
    return names_of(Participation.objects.filter(project=project).values("institution"))


def with_institutions(
    project: Project, rows: list[Participation], names: Iterable[InstitutionName]
) -> list[Participation]:
    """Return the participations by role, with the names of their institutions."""
    named = by_names(names, {row.institution_id for row in rows})
    for row in rows:
        row.project, row.institution = project, named[row.institution_id]
    return sorted(rows, key=lambda row: (row.role, *shown_place(row.institution)))


def read_classification(project: Project, *beside: Question[Any]) -> None:
    """Read countries, sectors, markers, targets and types of funding of the project, with what else
    a page asks: they are kept on it."""
    kinds: dict[str, type[Model]] = {
        "countries": ProjectCountry,
        "sectors": ProjectSector,
        "markers": ProjectMarker,
        "tags": ProjectTag,
    }
    asked = {name: _classified.question(project.pk, model) for name, model in kinds.items()}
    codes = _codes.question(project.pk)
    ask_together(*asked.values(), codes, *beside)
    for name, question in asked.items():
        keep_related(project, name, question.rows, kinds[name])
    project._state.fields_cache["classification"] = next(iter(codes.rows), None)


@prepared
def _classified(project: int, model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.filter(project=project)


@prepared
def _codes(project: int) -> QuerySet[Classification]:
    return Classification.objects.filter(project=project)


def projects_in_words(keys: set[int]) -> dict[int, str]:
    projects = Project.objects.filter(pk__in=keys).only("code", *columns_of("short_title"))
    return {project.pk: f"{project.code} · {project}" for project in projects}
