"""The field of filter bars that narrows a list to one project: a choice of few projects; of many, a
search by code or title."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.choosing import MANY
from kernel.keys import Keys
from kernel.text import StrOrPromise, columns_of
from projects.models import Project
from projects.models.project import ProjectQuerySet
from projects.permissions.roles import keys_of

FIRST = 8  # of many


def links_shown(projects: list[int]) -> str:
    """Return how many links to pages of these projects a list shows, which is
    all of a few, else the first ones, since the filter bar finds the others."""
    return str(MANY if len(projects) <= MANY else FIRST)


class OfProjects(forms.Form):
    """A filter bar with such a field. What is no choice filters nothing."""

    only: Project | None = None
    project = forms.CharField(label=_("Project"), required=False, max_length=100)

    def offer(self, projects: Iterable[Project | int], every: StrOrPromise = "") -> None:
        """Let the reader choose among these projects, which are read if they come by their keys; or
        all, which may be called `every`."""
        given = list(projects)
        keys = keys_of(given)
        self.projects = Project.objects.filter(pk__in=Keys(keys))
        if len(keys) > MANY:
            self.fields["project"].widget = forms.SearchInput()
            return
        known = [project for project in given if isinstance(project, Project)]
        found = (
            known
            if len(known) == len(keys)
            else self.projects.only("code", *columns_of("short_title"))
        )
        choices = [("", every or _("Any")), *((project.code, str(project)) for project in found)]
        self.fields["project"] = forms.ChoiceField(
            label=self.fields["project"].label, required=False, choices=choices
        )

    def stay_in(self, project: Project) -> None:
        """Narrow the list to this project and offer no other: it is a page of the project."""
        self.only = project
        del self.fields["project"]

    @property
    def chosen_projects(self) -> ProjectQuerySet | None:
        """The chosen project, or those that match what was typed; None for all."""
        self.is_valid()
        if self.only:
            return Project.objects.filter(pk=self.only.pk)
        text = self.cleaned_data.get("project")
        if not text:
            return None
        exactly = self.projects.filter(code=text).values_list("pk", flat=True)
        found = list(exactly) or list(self.projects.matching(text).values_list("pk", flat=True))
        return Project.objects.filter(pk__in=found)

    def narrowed(self, projects: list[int]) -> list[int]:
        """Return those of the projects that were chosen."""
        if self.only:
            return [pk for pk in projects if pk == self.only.pk]
        chosen = self.chosen_projects
        if chosen is None:
            return projects
        return sorted(set(projects).intersection(chosen.values_list("pk", flat=True)))
