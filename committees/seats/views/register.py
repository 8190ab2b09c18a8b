"""The register of decisions and recommendations: of all projects, or of one."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from committees.models import Resolution
from committees.models.resolution import ResolutionQuerySet
from committees.permissions.resolutions import every_visible_resolution, visible_resolutions
from committees.records import ProjectsList
from committees.seats.forms.committee import RegisterFilterForm
from kernel.addresses import addresses
from kernel.cells import Cell, Chip, Column, illustrative, text_cell
from kernel.formats import day_in_table, number
from kernel.pages import trail
from kernel.sorting import by_label
from partners.reading import named_institutions

PER_PAGE = 20
WORDS = 30  # of each text


def register_columns(*, shows_project: bool) -> list[Column]:
    url, statuses = addresses("committees:resolution"), dict(Resolution.Status.choices)

    def name_cell(one: Resolution) -> Cell:
        return Cell(one.number, url(one.pk), notes=[one.get_kind_display()])

    def words_cell(one: Resolution) -> Cell:
        notes = [where(one, shows_project=shows_project)]
        cell = text_cell(one, "text", notes=notes, chips=illustrative(one))
        return replace(cell, text=Truncator(cell.text).words(WORDS, truncate=" …"))

    return [
        Column("number", _("No."), name_cell, "number", css="nowrap"),
        Column("text", _("Text"), words_cell),
        Column("responsible", _("Responsible"), lambda one: one.addressee or ""),
        Column("due", _("Due"), lambda one: one.due_on or "", "due_on", css="nowrap"),
        Column("state", _("State"), state_cell, lambda: by_label("status", statuses)),
    ]


def state_cell(one: Resolution) -> Cell:
    chips = [Chip(one.get_status_display(), one.status)]
    if one.is_overdue:
        chips.append(Chip(_("Overdue"), "overdue"))
    return Cell(chips=chips, notes=[one.standing] if one.standing else ())


def where(resolution: Resolution, *, shows_project: bool) -> str:
    """Say in which project, where and when it was resolved."""
    on = resolution.meeting.day if resolution.meeting else resolution.resolved_on
    place = f"{resolution.where}, {day_in_table(on)}" if on else resolution.where
    return f"{resolution.committee.project} · {place}" if shows_project else place


def with_addressees(found: list[Resolution]) -> list[Resolution]:
    institutions = named_institutions(one.addressee_id for one in found)
    for one in found:
        one.addressee = institutions[one.addressee_id] if one.addressee_id else None
    return found


class ResolutionPages(ProjectsList[Resolution]):
    """The register of the decisions and recommendations of all projects, or of one."""

    model, name, names = Resolution, "resolution", "resolutions"
    title = gettext_lazy("Decisions and recommendations")
    filter_class, rows_on_a_page = RegisterFilterForm, PER_PAGE
    empty_title = gettext_lazy("No decision or recommendation yet")
    empty_text = gettext_lazy(
        "They are recorded on the page of a meeting, under the agenda item they belong to."
    )
    no_match_title = gettext_lazy("Nothing matches")
    no_match_text = gettext_lazy("Choose another kind, state or year.")

    @cached_property
    def visible(self) -> ResolutionQuerySet:
        if self.place:
            return visible_resolutions(self.request.user, self.place)
        return every_visible_resolution(self.request.user)

    @cached_property
    def bar(self) -> RegisterFilterForm:
        years = self.visible.years()
        form = RegisterFilterForm(self.request.GET, years=years, projects=self.projects)
        if self.place:
            form.stay_in(self.place)
        return form

    def rows(self) -> ResolutionQuerySet:
        found = self.visible.for_register(with_project=self.place is None)
        return found.order_by("-resolved_on", "number", "pk")

    def columns(self) -> list[Column]:
        return register_columns(shows_project=self.place is None)

    def read(self, lines: list[Resolution]) -> list[Resolution]:
        return with_addressees(lines)

    def counted(self, total: int) -> str:
        return ngettext("%(count)s entry", "%(count)s entries", total) % {"count": number(total)}

    def place_context(self) -> dict[str, Any]:
        meetings = trail((_("Meetings"), reverse("committees:meetings")))
        return super().place_context() or {"crumbs": meetings}

    def list_context(self, rows: ResolutionQuerySet) -> dict[str, Any]:
        counts, facts = self.visible.follow_up(), []
        if all_followed := counts["followed"]:
            sentence = _("Recommendations implemented: <b>%(done)s of %(all)s</b>")
            facts.append(
                SafeString(sentence % {"done": counts["implemented"], "all": all_followed})
            )
        if overdue := counts["overdue"]:
            facts.append(SafeString(_("Overdue: <b>%(number)s</b>") % {"number": overdue}))
        return super().list_context(rows) | {"facts": facts}
