"""The list of projects, the page of a project, and its forms for facts, periods and
participations."""

from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.models import User
from kernel.cells import NOTHING, Action, Cell, Chip, Column, Empty, illustrative, text_cell
from kernel.formats import day_in_table, number
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    ask,
    delete_page,
    form_page,
    locked,
    posted,
    save_page,
    saved,
    trail,
    way_back,
)
from kernel.records import RecordPages
from kernel.sorting import by_label, written
from kernel.text import columns_of
from projects.forms import (
    NewProjectForm,
    ParticipationForm,
    ProjectFilterForm,
    ProjectForm,
)
from projects.framework.tree import (
    figure_rows,
    framework_of_figures,
    in_periods,
    logic_model,
)
from projects.institutions.services.register import record_participation, remove_participation
from projects.models import Participation, Project
from projects.models.project import ProjectQuerySet
from projects.pages import (
    ALL_SUBJECTS,
    Overview,
    editable_project,
    no_overview,
    project_page,
    project_subjects,
    project_tabs,
    reverse_in,
    tab_counts,
    visible_project,
)
from projects.permissions.institutions import attachable_institutions
from projects.permissions.representations import loses_people
from projects.permissions.roles import may_create_project, may_edit, own_institutions, roles_of
from projects.permissions.values import may_see_small_counts
from projects.reading import participations_of, periods_of
from projects.team.services import coordinate


class ProjectPages(RecordPages[Project]):
    model, name, names, icon = Project, "detail", "list", "folder2-open"
    namespace = "projects:"
    title, filter_class = gettext_lazy("Projects"), ProjectFilterForm

    def rows(self) -> ProjectQuerySet:
        return Project.objects.visible_to(self.request.user)

    def read(self, lines: list[Project]) -> list[Project]:
        columns = ("code", "country", "status", "starts_on", "current_end", "illustrative")
        funding = Participation.objects.filter(role=Participation.Role.FUNDING)
        donors = Prefetch("participations", queryset=funding.with_institutions())
        rows = Project.objects.with_next_dates().only(*columns, *columns_of("short_title"))
        found = rows.prefetch_related(donors).in_bulk([project.pk for project in lines])
        return [found[project.pk] for project in lines]

    def filtered(self, form: forms.Form, rows: ProjectQuerySet) -> ProjectQuerySet:
        if text := form.cleaned_data.get("q"):
            rows = rows.matching(text)
        if status := form.cleaned_data.get("status"):
            rows = rows.filter(status=status)
        return rows

    def may_edit(self) -> bool:
        return may_create_project(self.request.user)

    def columns(self) -> list[Column]:
        names, states = dict(countries), dict(Project.Status.choices)
        return [
            Column("project", _("Project"), title_cell, order=lambda: written("short_title")),
            Column("donor", _("Donor"), donors_of),
            Column(
                "country",
                _("Country"),
                lambda project: project.country.name,
                order=lambda: by_label("country", names),
            ),
            Column("status", _("Status"), status_cell, order=lambda: by_label("status", states)),
            Column("elapsed", _("Time elapsed"), elapsed_cell),
            Column("next", _("Next date"), next_date_cell),
        ]

    def counted(self, total: int) -> str:
        return ngettext("%(total)s project", "%(total)s projects", total) % {"total": number(total)}

    def actions(self) -> list[Action]:
        several = Project.objects.visible_to(self.request.user).values_list("pk")[:2]
        actions = []
        if len(several) > 1:
            actions.append(Action(_("Portfolio"), reverse("portfolio"), "list-ul"))
        if self.edits:
            actions += [
                Action(_("Import from IATI"), self.url("iati-import"), "upload"),
                Action(_("New project"), self.url("create"), "plus-lg", is_primary=True),
            ]
        return actions

    def empty(self) -> Empty:
        if self.edits:
            text = _("Create the first one with “New project”.")
        else:
            text = _(
                "Projects in which you have a role appear here. If one is missing, ask its "
                "coordinator."
            )
        return Empty(_("No project yet."), text, icon=self.icon)

    def no_match(self) -> Empty:
        text, action = _("Choose other filters or clear them."), _("Show all projects")
        return Empty(_("No project matches."), text, self.url("list"), action, "search")


def title_cell(project: Project) -> Cell:
    url, chips = project.get_absolute_url(), illustrative(project)
    return text_cell(project, "short_title", url=url, chips=chips, notes=[project.code])


def donors_of(project: Project) -> str:
    names = [each.institution.short_name for each in project.participations.all()]
    return ", ".join(names) or NOTHING


def status_cell(project: Project) -> Cell:
    return Cell(chips=[Chip(project.get_status_display(), project.status)])


def elapsed_cell(project: Project) -> Cell:
    return Cell(bar=project.percent_elapsed, key=project.percent_elapsed)


def next_date_cell(project: Project) -> Cell | None:
    if project.next_date is None:
        return None
    day, what = project.next_date
    return Cell(day_in_table(day), notes=[what], key=day.isoformat())


@require_safe
def detail(request: Request, code: str, *, overview: Overview = no_overview) -> HttpResponse:
    project = visible_project(request.user, code)
    context = project_facts(request.user, project)
    context |= overview(request.user, project, context)
    context["tabs"] = project_tabs(request.user, project, "detail", context["numbers"])
    return render(request, "projects/detail.html", context)


@require_safe
def subjects(request: Request, code: str) -> HttpResponse:
    """Show all pages of a project that the person sees, by subject."""
    project = visible_project(request.user, code)
    found = project_subjects(request.user, project, tab_counts(request.user, project))
    *subjects, rest = [one for one in found if one.pages]
    settings = rest._replace(label=_("Settings"), pages=rest.pages[1:])
    context = {"title": rest.label, "subjects": [*subjects, settings]}
    return project_page(request, "projects/subjects.html", project, context, tab=ALL_SUBJECTS)


def project_facts(user: User, project: Project) -> dict[str, Any]:
    roles, own = roles_of(user, project), sorted(own_institutions(user, project))
    periods = periods_of(project)
    points = in_periods(figure_rows(project.pk, roles, own), periods)
    small_counts = may_see_small_counts(user, project)
    parts = framework_of_figures(project)
    taking_part = participations_of(project)
    return {
        "project": project,
        "tree": logic_model(project, points, small_counts=small_counts, parts=parts),
        "periods": periods,
        "numbers": tab_counts(user, project),
        "participations": taking_part,
        "donors": [p for p in taking_part if p.role == Participation.Role.FUNDING],
        "may_edit": may_edit(user, project),
    }


@READ_OR_SAVE
def create(request: Request) -> HttpResponse:
    ask(
        may_create_project(request.user),
        _("Only administrators can create projects. Ask one of them."),
    )
    # Nobody else can, as long as nobody else has an account.
    is_alone = not User.objects.exclude(pk=request.user.pk).exists()
    form = NewProjectForm(posted(request), initial={"coordinates": is_alone})
    if form.is_valid() and form.save_or_explain():
        if form.cleaned_data["coordinates"]:
            coordinate(form.instance, by=request.user)
        return saved(request, _("The project was created."), form.instance)
    crumbs = trail((_("Projects"), reverse("projects:list")))
    return form_page(request, form, title=_("New project"), crumbs=crumbs)


@READ_OR_SAVE
def edit(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    row = locked(request, Project.objects.filter(pk=project.pk)).get()
    form = ProjectForm(posted(request), instance=row)
    return save_page(
        request,
        form,
        sentence=_("The project was saved."),
        to=row,
        title=_("Edit the project"),
        crumbs=trail(project),
        delete_url=reverse_in(project, "delete"),
    )


def _address_of_new_institution(request: Request, project: Project) -> str:
    """Return the page for one that the register lacks; from there too the way leads back to where
    somebody came from."""
    there = {"project": project.code} | ({"back": back} if (back := way_back(request)) else {})
    return f"{reverse('partners:create')}?{urlencode(there)}"


@READ_OR_SAVE
def participation_create(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    partners = reverse_in(project, "participations")
    form = ParticipationForm(
        posted(request),
        instance=Participation(project=project),
        institutions=attachable_institutions(request.user),
    )
    if form.is_valid() and form.save_or_explain():
        record_participation(form.instance, by=request.user, change="institution added")
        return saved(request, _("The institution takes part in the project."), partners)
    return form_page(
        request,
        form,
        title=_("Add an institution to the project"),
        crumbs=trail(project, (_("Partners"), partners)),
        new_institution_url=_address_of_new_institution(request, project),
    )


@READ_OR_SAVE
def participation_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    participation = get_object_or_404(project.participations, pk=pk)
    back = reverse_in(project, "participations")
    ask(
        not loses_people(request.user, participation, None),
        _(
            "People still represent this institution here. First end the access of each: everybody "
            "concerned is notified, and it can take 72 hours. An administrator can remove the "
            "institution at once."
        ),
    )
    return delete_page(
        request,
        participation,
        back=back,
        crumbs=trail(project),
        intro=_(
            "Everybody who represents it here in this role loses what they can see and "
            "do, and their links. Other projects are not affected, and it stays in the register."
        ),
        delete=lambda: remove_participation(participation, by=request.user),
    )
