"""Lists of what committees have, of all projects at once; each is a page of a project as well."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from kernel.cells import Action, Cell, Empty
from kernel.pages import trail
from kernel.records import Record, RecordPages
from kernel.text import StrOrPromise
from projects.choosing import OfProjects
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.roles import edited_projects, roles_everywhere


class ProjectsList(RecordPages[Record]):
    namespace, place_name = "committees:", "project"
    list_template = "committees/list.html"
    filter_class: Any  # an `OfProjects` that offers these `projects`

    empty_title: StrOrPromise
    empty_text: StrOrPromise
    empty_text_to_begin: StrOrPromise = ""  # for those who may begin one
    no_match_title: StrOrPromise
    no_match_text: StrOrPromise

    place: Project | None

    def find_place(self) -> Project | None:
        code = self.kwargs.get("code")
        return visible_project(self.request.user, code) if code else None

    def url(self, name: str, *args: Any) -> str:
        if self.place and name == self.names:
            return reverse_in(self.place, name)
        return super().url(name, *args)

    @cached_property
    def projects(self) -> list[int]:
        return list(roles_everywhere(self.request.user))

    @cached_property
    def bar(self) -> OfProjects:
        form: OfProjects = self.filter_class(self.request.GET, projects=self.projects)
        if self.place:
            form.stay_in(self.place)
        return form

    def filter_form(self) -> OfProjects:
        return self.bar

    @cached_property
    def edited(self) -> list[int]:
        """The projects that the person edits, of those chosen in the filter bar."""
        return self.bar.narrowed(edited_projects(self.request.user))

    @cached_property
    def beginnings(self) -> Sequence[Cell]:
        """Where the person may begin one, with the address for it: the first ones of many."""
        return ()

    def place_context(self) -> dict[str, Any]:
        if self.place is None:
            return {}
        return {
            "place_title": self.place.short_title,
            "tabs": project_tabs(self.request.user, self.place, self.names),
            "crumbs": trail(self.place),
        }

    def list_context(self, rows: Any) -> dict[str, Any]:
        return {"beginnings": self.beginnings, "new_label": self.new_label}

    def actions(self) -> list[Action]:
        if not (self.place and self.beginnings):
            return []
        return [Action(self.new_label, self.beginnings[0].url, "plus-lg", is_primary=True)]

    def empty(self) -> Empty:
        if not self.beginnings:
            return Empty(self.empty_title, self.empty_text, icon=self.icon)
        if self.place:  # the button is above the list
            return Empty(self.empty_title, self.empty_text_to_begin, icon=self.icon)
        url = self.beginnings[0].url
        return Empty(self.empty_title, self.empty_text_to_begin, url, self.new_label, self.icon)

    def no_match(self) -> Empty:
        return Empty(self.no_match_title, self.no_match_text, icon="search")
