"""The field of filter bars that narrows a list to one project: a choice of few projects; of many, a
search by code or title."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.choosing import MANY
from kernel.text import StrOrPromise, columns_of
from projects.models import Project
from projects.models.project import ProjectQuerySet


class OfProjects(forms.Form):
    """A filter bar with such a field. What is no choice filters nothing."""

    project = forms.CharField(label=_("Project"), required=False, max_length=100)

    def offer(
        self,
        projects: ProjectQuerySet,
        every: StrOrPromise = "",
        known: Sequence[Project] | None = None,
    ) -> None:
        """Let the reader choose among these projects, or all, which may be called `every`. `known`:
        the same, if they are read already."""
        self.projects = projects
        columns = projects.only("code", *columns_of("short_title"))
        found = list(columns[: MANY + 1]) if known is None else known
        if len(found) > MANY:
            self.fields["project"].widget = forms.SearchInput()
            return
        choices = [("", every or _("All")), *((project.code, str(project)) for project in found)]
        self.fields["project"] = forms.ChoiceField(
            label=self.fields["project"].label, required=False, choices=choices
        )

    @property
    def chosen_projects(self) -> ProjectQuerySet | None:
        """The chosen project, or those that match what was typed; None for all."""
        self.is_valid()
        text = self.cleaned_data.get("project")
        if not text:
            return None
        exactly = self.projects.filter(code=text).values_list("pk", flat=True)
        found = list(exactly) or list(self.projects.matching(text).values_list("pk", flat=True))
        return Project.objects.filter(pk__in=found)
