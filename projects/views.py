"""The list of projects, the page of a project, and its forms for facts, periods and
participations."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_countries import countries

from accounts.models import User
from kernel.addresses import addresses
from kernel.pages import (
    READ_OR_SAVE,
    Request,
    ask,
    delete_page,
    form_page,
    locked,
    page_of_keys,
    posted,
    saved,
    trail,
    way_back,
)
from kernel.sorting import RowOrders, SortedRows, by_label, written
from kernel.text import columns_of
from partners.models import Institution
from partners.reading import named_institutions
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
from projects.institutions.services.institutions import record_participation, remove_participation
from projects.models import DataPoint, Participation, Project
from projects.models.project import ProjectQuerySet
from projects.pages import (
    Overview,
    editable_project,
    no_overview,
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

PROJECT_ORDERS: RowOrders = {
    "project": lambda: written("short_title"),
    "country": lambda: by_label("country", dict(countries)),
    "status": lambda: by_label("status", dict(Project.Status.choices)),
}


@require_safe
def project_list(request: Request) -> HttpResponse:
    form = ProjectFilterForm(request.GET)
    form.is_valid()
    projects = Project.objects.visible_to(request.user)
    if text := form.cleaned_data.get("q"):
        projects = projects.matching(text)
    if status := form.cleaned_data.get("status"):
        projects = projects.filter(status=status)
    sorting = SortedRows(request, PROJECT_ORDERS)
    page = page_of_keys(request, sorting.of(projects), _projects_to_list)
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "rows": _with_donors(list(page)),
        "is_filtered": any(form.cleaned_data.values()),
        "may_create": may_create_project(request.user),
    }
    return render(request, "projects/list.html", context)


def _projects_to_list(keys: list[int]) -> ProjectQuerySet:
    columns = ("code", "country", "status", "starts_on", "current_end", "illustrative")
    found = Project.objects.filter(pk__in=keys).with_next_dates().order_by()
    return found.only(*columns, *columns_of("short_title"))


def _with_donors(projects: list[Project]) -> list[tuple[Project, str, list[Institution]]]:
    """Return the projects with their addresses and the institutions that fund them."""
    found: dict[int, list[Institution]] = {project.pk: [] for project in projects}
    rows = list(_funding(list(found)))
    named = named_institutions(institution for _project, institution in rows)
    for project, institution in rows:
        found[project].append(named[institution])
    url = addresses("projects:detail")
    return [(project, url(project.code), found[project.pk]) for project in projects]


def _funding(projects: list[int]) -> QuerySet[Participation, tuple[int, int]]:
    rows = Participation.objects.filter(role=Participation.Role.FUNDING, project__in=projects)
    return rows.values_list("project", "institution")


@require_safe
def detail(
    request: Request,
    code: str,
    *,
    template: str = "projects/detail.html",
    overview: Overview = no_overview,
) -> HttpResponse:
    project = visible_project(request.user, code)
    context = project_facts(request.user, project)
    context |= overview(request.user, project, context)
    context["tabs"] = project_tabs(request.user, project, "detail", context["numbers"])
    return render(request, template, context)


def project_facts(user: User, project: Project) -> dict[str, Any]:
    roles, own = roles_of(user, project), sorted(own_institutions(user, project))
    periods = periods_of(project)
    points = in_periods(figure_rows(project.pk, roles, own), periods)
    small_counts = may_see_small_counts(user, project)
    parts = framework_of_figures(project)
    taking_part = participations_of(project)
    submitted = DataPoint.Status.SUBMITTED
    return {
        "project": project,
        "tree": logic_model(project, points, small_counts=small_counts, parts=parts),
        "periods": periods,
        "numbers": tab_counts(user, project),
        "participations": taking_part,
        "donors": [p for p in taking_part if p.role == Participation.Role.FUNDING],
        "waiting": sum(1 for point in points if point.is_total and point.status == submitted),
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
    back = reverse("projects:list")
    crumbs = trail((_("Projects"), back))
    return form_page(request, form, title=_("New project"), back=back, crumbs=crumbs)


@READ_OR_SAVE
def edit(request: Request, code: str) -> HttpResponse:
    project = editable_project(request.user, code)
    row = locked(request, Project.objects.filter(pk=project.pk)).get()
    form = ProjectForm(posted(request), instance=row)
    if form.is_valid() and form.save_or_explain():
        return saved(request, _("The project was saved."), row)
    return form_page(
        request,
        form,
        title=_("Edit the project"),
        back=project,
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
        back=partners,
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
        done=back,
        crumbs=trail(project),
        intro=_(
            "Everybody who represents it here in this role loses what they can see and "
            "do, and their links. Other projects are not affected."
        ),
        delete=lambda: remove_participation(participation, by=request.user),
    )
