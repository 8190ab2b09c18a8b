"""The pages of kinds of record that a project has (`kernel.records`)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _, pgettext

from accounts.exports import handed_out
from accounts.log_words import WORDS
from kernel.pages import Crumbs, trail
from kernel.records import Record, RecordPages
from projects.models import Project
from projects.pages import project_tabs, reverse_in, visible_project
from projects.permissions.roles import may_edit, works_for


class ProjectRecords(RecordPages[Record]):
    prefix, place_name = "<str:code>/", "project"
    tab = ""  # of the project, if the list has none of its own
    place: Project

    def find_place(self) -> Project:
        return visible_project(self.request.user, self.kwargs["code"])

    def may_edit(self) -> bool:
        return may_edit(self.request.user, self.place)

    def url(self, name: str, *args: Any) -> str:
        return reverse_in(self.place, name, *args)

    def crumbs(self, *more: Any) -> Crumbs:
        return trail(self.place, (str(self.title), self.list_url()), *more)

    def new_record(self) -> Any:
        return self.model(project=self.place)

    def record(self, rows: Any, pk: int) -> Any:
        record = super().record(rows, pk)
        record.project = self.place  # with what was read of it already
        return record

    def page_context(self, record: Any) -> dict[str, Any]:
        """Return what `components/record.html` shows: the columns of the list, of which the first
        heads the page. A template of its own takes what it needs instead."""
        head, *facts = self.columns()
        return {
            "record": record,
            "head": head.shown(record),
            "facts": [(fact, fact.shown(record)) for fact in facts],
            "edit_url": self.url(f"{self.name}-edit", record.pk) if self.edits else "",
            "entries": self.changes(record),
        }

    def changes(self, record: Any) -> list[dict[str, Any]]:
        """Return when the record was entered and changed, and to the team by whom."""
        sees_names = works_for(self.request.user, self.place)
        return [
            {
                "when": row.history_date,
                "text": _("Entered") if row.history_type == "+" else pgettext("history", "Changed"),
                "who": row.history_user if sees_names else "",
            }
            for row in record.history.select_related("history_user")
        ]

    def place_context(self) -> dict[str, Any]:
        return {
            "place_title": self.place.short_title,
            "tabs": project_tabs(self.request.user, self.place, self.tab or self.names),
            "crumbs": trail((_("Projects"), reverse("projects:list")), self.place),
        }

    @classmethod
    def urls(cls, base: str = "") -> list[URLPattern]:
        if cls.export_kinds:  # the access log says whose workbook was taken
            WORDS["what"].setdefault(cls.names, cls.model._meta.verbose_name_plural or "")
        return super().urls(base)

    def hand_out(self, content: bytes, kind: str) -> HttpResponse:
        name = f"{self.place.code}-{self.names}"
        return handed_out(self.request, content, name, kind, thing=self.place, what=self.names)


class PartPages(RecordPages[Record]):
    """The forms of the parts that the page of a record shows, such as the criteria of a call: it calls
    them `names`, and they call it `place_name`. `find_place` asks who may change them."""

    has_list = False

    def may_edit(self) -> bool:
        return True

    def rows(self) -> QuerySet[Any]:
        return getattr(self.place, self.names).all()  # type: ignore[no-any-return]  # by its name

    def new_record(self) -> Any:
        return self.model(**{self.place_name: self.place})

    def url(self, name: str, *args: Any) -> str:
        return reverse_in(self.place.project, name, self.place.pk, *args)

    def list_url(self) -> str:
        return str(self.place.get_absolute_url())
