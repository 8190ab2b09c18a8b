"""The register of institutions: those of the projects in which the reader has a role."""

from functools import cached_property
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django_countries import countries

from kernel.cells import Action, Cell, Column, Empty, illustrative
from kernel.formats import number
from kernel.records import RecordPages
from kernel.sorting import by_label, in_letters
from kernel.text import columns_of
from partners.models import Institution, InstitutionQuerySet
from partners.reading import named_institutions
from projects.forms import in_order_of_names
from projects.institutions.forms import InstitutionFilterForm
from projects.models import Participation
from projects.permissions.institutions import may_create_institution, visible_institutions
from projects.permissions.roles import roles_everywhere

PLACES = 4  # in projects, that the register shows of each institution


class InstitutionPages(RecordPages[Institution]):
    """The register. The page of one and its forms are functions, since others than editors have theirs."""

    model, name, names, namespace = Institution, "detail", "list", "partners:"
    title, new_label = gettext_lazy("Partners"), gettext_lazy("New institution")
    filter_class = InstitutionFilterForm

    @cached_property
    def projects(self) -> list[int]:
        return list(roles_everywhere(self.request.user))

    def rows(self) -> InstitutionQuerySet:
        return in_order_of_names(visible_institutions(self.request.user, self.projects))

    def filter_form(self) -> InstitutionFilterForm:
        return InstitutionFilterForm(self.request.GET, projects=self.projects)

    def filtered(self, form: Any, rows: InstitutionQuerySet) -> InstitutionQuerySet:
        if kind := form.cleaned_data.get("kind"):
            rows = rows.filter(kind=kind)
        if (chosen := form.chosen_projects) is not None:
            taking_part = Participation.objects.filter(project__in=chosen).values("institution")
            rows = rows.filter(pk__in=taking_part)
        if text := form.cleaned_data.get("q"):
            rows = rows.named_like(text)
        return rows

    def read(self, lines: list[Institution]) -> list[dict[str, Any]]:
        named = named_institutions(each.pk for each in lines)
        return _with_places([named[each.pk] for each in lines], self.projects)

    def columns(self) -> list[Column]:
        kinds, names = dict(Institution.Kind.choices), dict(countries)
        return [
            Column("name", _("Institution"), _name_cell, lambda: in_letters(F("present_name"))),
            Column(
                "kind",
                _("Kind"),
                lambda row: row["institution"].get_kind_display(),
                lambda: by_label("kind", kinds),
            ),
            Column(
                "country",
                _("Country"),
                lambda row: row["institution"].country.name,
                lambda: by_label("country", names),
            ),
            Column("places", _("Projects and roles"), _places_cell),
        ]

    def place_context(self) -> dict[str, Any]:
        return {}

    def actions(self) -> list[Action]:
        if not may_create_institution(self.request.user):
            return []
        return [Action(self.new_label, self.url("create"), "plus-lg", is_primary=True)]

    def counted(self, total: int) -> str:
        sentence = ngettext("%(total)s institution", "%(total)s institutions", total)
        return sentence % {"total": number(total)}

    def empty(self) -> Empty:
        text = _("Institutions of the projects in which you have a role appear here.")
        return Empty(_("No institution yet."), text, icon="bank")

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all institutions")
        return Empty(_("No institution matches."), text, self.url("list"), action, "search")


def _name_cell(row: dict[str, Any]) -> Cell:
    institution = row["institution"]
    name, short = institution.name, institution.short_name
    notes = [f"({short})"] if short != name else []
    url = institution.get_absolute_url()
    return Cell(name, url=url, chips=illustrative(institution), notes=notes)


def _places_cell(row: dict[str, Any]) -> Cell | None:
    lines = [
        format_html(
            '<div><a href="{}">{}</a> · {}</div>',
            place.project.get_absolute_url(),
            place.project.short_title,
            place.get_role_display(),
        )
        for place in row["places"]
    ]
    if others := row["others"]:
        more = ngettext("and %(others)s more", "and %(others)s more", others) % {"others": others}
        url = row["institution"].get_absolute_url()
        lines.append(format_html('<div><a href="{}">{}</a></div>', url, more))
    return Cell(format_html_join("", "{}", zip(lines))) if lines else None


def _with_places(institutions: list[Institution], projects: list[int]) -> list[dict[str, Any]]:
    """Return each institution with its first roles in the projects that the reader sees, and with
    the number of the others."""
    keys = [each.pk for each in institutions]
    places: dict[int, list[Any]] = {pk: [] for pk in keys}
    for place in _first_places(keys, projects) if keys and projects else ():
        places[place.institution_id].append(place)
    return [
        {
            "institution": each,
            "places": (found := places[each.pk]),
            "others": found[0].number - len(found) if found else 0,
        }
        for each in institutions
    ]


def _first_places(institutions: list[int], projects: list[int]) -> QuerySet[Participation]:
    """Return the first participations of each institution with the `number` of all: many take part
    in hundreds of projects."""
    alike = [F("institution")]
    order = (F("project__code"), F("role"))
    found = Participation.objects.filter(institution__in=institutions, project__in=projects)
    ranked = found.annotate(
        number=Window(Count("pk"), partition_by=alike),
        place=Window(RowNumber(), partition_by=alike, order_by=order),
    )
    shown = ranked.filter(place__lte=PLACES).select_related("project").order_by("place")
    columns = columns_of("project__short_title")
    return shown.only("institution", "role", "project__code", *columns)
