"""Pages of the cells of a value and of its evidence."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import READ_OR_SAVE, Request, act, ask, saved
from partners.models import Institution
from projects.framework.forms.values import ValuesForm
from projects.framework.services.requests import period_before
from projects.framework.services.values import keep_values, remove_evidence
from projects.framework.views.values import value_crumbs, visible_value
from projects.models import DataPoint, Dimension, Indicator, Period, Project
from projects.pages import reverse_in, visible_project
from projects.permissions.roles import institutions_of, works_for
from projects.permissions.values import may_edit_value, visible_files


@READ_OR_SAVE
def value_cells(request: Request, code: str, pk: int) -> HttpResponse:
    """Edit all cells of one value at once, with their total."""
    project = visible_project(request.user, code)
    point = visible_value(request.user, project, pk)
    ask(may_edit_value(request.user, point))
    page = reverse_in(project, "value", point.pk)
    if point.status != DataPoint.Status.DRAFT:
        messages.error(request, _("Only a draft can be edited: this value was submitted."))
        return redirect(page)
    form = _cells_form(request, point)
    if request.method == "POST" and form.is_valid():
        entry = form.entry(
            by=request.user,
            given_by=_speaks_for(request.user, project, point),
            channel=point.channel,
            received_on=point.received_on,
            evidence=point.evidence,
        )
        keep_values(point.indicator, point.kind, point.period, entry)
        return saved(request, _("The value was saved."), page)
    context = {
        "project": project,
        "form": form,
        "point": point,
        "indicator": point.indicator,
        "crumbs": value_crumbs(point),
        "cancel_url": page,
        "title": _("Breakdown"),
    }
    return render(request, "projects/value_cells.html", context)


def _cells_form(request: Request, point: DataPoint) -> ValuesForm:
    dimensions = Dimension.objects.with_categories().in_bulk(
        [each.pk for each in point.indicator.dimensions]
    )
    indicator = point.indicator
    indicator.dimension = dimensions.get(indicator.dimension_id)
    indicator.second_dimension = dimensions.get(indicator.second_dimension_id)
    before = period_before(point.period) if point.period else None
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return ValuesForm(
        *data,
        indicator=indicator,
        kind=point.kind,
        rows=DataPoint.objects.of_same(point),
        before=_values_of(indicator, point.kind, before) if before else [],
    )


def _values_of(indicator: Indicator, kind: str, period: Period) -> list[DataPoint]:
    return list(DataPoint.objects.filter(indicator=indicator, kind=kind, period=period))


def _speaks_for(user: User, project: Project, point: DataPoint) -> Institution | None:
    """Return the institution whose value it is: the one that gave it, or that the person speaks
    for."""
    if point.given_by_id or works_for(user, project):
        return point.given_by
    own: dict[int | None, Institution] = {one.pk: one for one in institutions_of(user, project)}
    return own.get(point.indicator.responsible_id)


@require_safe
def value_file(request: Request, code: str, pk: int, file_pk: int) -> FileResponse:
    point = visible_value(request.user, visible_project(request.user, code), pk)
    file = get_object_or_404(visible_files(request.user, point), pk=file_pk)
    AccessEvent.record(AccessEvent.Kind.DOWNLOAD, user=request.user, thing=file)
    return serve(file, filename=file.original_name)


@require_POST
def value_file_remove(request: Request, code: str, pk: int, file_pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    point = visible_value(request.user, project, pk)
    ask(may_edit_value(request.user, point))
    file = get_object_or_404(visible_files(request.user, point), pk=file_pk)
    if act(request, lambda: remove_evidence(file)):
        messages.success(request, _("The file was removed."))
    return redirect(reverse_in(project, "value", point.pk))
