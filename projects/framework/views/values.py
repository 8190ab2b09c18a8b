"""Pages on which values of an indicator are entered, submitted, approved and returned."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccessEvent, User
from kernel.files import serve
from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    act,
    ask,
    delete_page,
    form_page,
    locked,
    saved,
    trail,
)
from kernel.sent_forms import counted_once
from partners.models import Institution
from projects.framework.forms.results import ValueForm, ValueReasonForm
from projects.framework.forms.values import ValuesForm
from projects.framework.services.requests import period_before
from projects.framework.services.returning import return_value
from projects.framework.services.values import (
    add_evidence,
    approve_value,
    cells_of,
    empty_value,
    keep_values,
    remove_evidence,
    take_step,
)
from projects.framework.views.results import visible_indicator
from projects.models import DataPoint, Dimension, Indicator, Period, Project
from projects.pages import reverse_in, visible_project
from projects.permissions.roles import institutions_of, works_for
from projects.permissions.values import (
    may_approve_value,
    may_edit_value,
    may_edit_values,
    may_enter_actual,
    may_open_value,
    visible_files,
    visible_values,
)
from projects.sending.page import say_sent
from projects.sending.recipients import NoticeReceipt

# Who may take each step.
PERMISSIONS = {
    "submit": may_edit_value,
    "withdraw": may_edit_value,
    "return": may_approve_value,
    "approve": may_approve_value,
    "reopen": may_approve_value,
}
# Steps that always need a reason.
WITH_REASON = {"return", "reopen"}


def visible_value(user: User, project: Project, pk: int) -> DataPoint:
    """Fetch the total of a value, or answer 404.

    The page is for the team and the responsible institution. Everybody else reads the figures,
    where small counts of persons are withheld.
    """
    points = visible_values(user, project).totals().select_related("indicator__result", "period")
    points = points.select_related("indicator__dimension", "indicator__second_dimension")
    point = get_object_or_404(points.select_related("entered_by", "given_by"), pk=pk)
    point.indicator.result.project = project
    if not may_open_value(user, point):
        raise Http404
    return point


def value_crumbs(point: DataPoint) -> Crumbs:
    indicator = point.indicator
    return trail(
        indicator.result.project,
        (indicator.result.code, indicator.result.get_absolute_url()),
        (indicator.code, indicator.get_absolute_url()),
    )


@require_safe
def value(request: Request, code: str, pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    return _value_page(request, visible_value(request.user, project, pk))


def _value_page(
    request: Request, point: DataPoint, refused: dict[str, ValueReasonForm] | None = None
) -> HttpResponse:
    """Show the value with a button or a form for each step that the reader may take."""
    user = request.user
    steps = [verb for verb in point.open_steps if PERMISSIONS[verb](user, point)]
    asking = [verb for verb in steps if _needs_reason(user, point, verb)]
    forms = {verb: ValueReasonForm(prefix=verb) for verb in asking} | (refused or {})
    project = point.indicator.result.project
    cells = cells_of(point)
    context = {
        "project": project,
        "point": point,
        "cells": cells,
        "differs": _differs_from_cells(point, cells),
        "files": list(visible_files(user, point)),
        "crumbs": value_crumbs(point),
        "steps": [
            {
                "verb": verb,
                "label": point.STEPS[verb].label,
                "url": reverse_in(project, "value-step", point.pk, verb),
                "form": forms.get(verb),
            }
            for verb in steps
        ],
        "is_own": user.pk in {each.entered_by_id for each in (point, *cells)},
        "may_edit": point.status == DataPoint.Status.DRAFT and may_edit_value(user, point),
        "shows_names": works_for(user, project),
        "history": list(point.status_changes),
    }
    return render(request, "projects/value.html", context)


def _differs_from_cells(point: DataPoint, cells: list[DataPoint]) -> bool:
    """Whether a total that somebody typed differs from the sum of its cells."""
    counts = [cell.numerator for cell in cells if cell.numerator is not None]
    return bool(counts) and point.numerator is not None and sum(counts) != point.numerator


def _needs_reason(user: User, point: DataPoint, verb: str) -> bool:
    if verb in WITH_REASON:
        return True
    entered = DataPoint.objects.of_same(point).filter(entered_by=user)
    return verb == "approve" and entered.exists()


@require_POST
@counted_once
def value_step(request: Request, code: str, pk: int, verb: str) -> HttpResponse:
    if verb not in PERMISSIONS:
        raise Http404
    point = visible_value(request.user, visible_project(request.user, code), pk)
    ask(
        PERMISSIONS[verb](request.user, point),
        _("Only coordination and monitoring can approve values."),
    )
    form = ValueReasonForm(request.POST, prefix=verb)
    wants_reason = bool(form["why"].data) or _needs_reason(request.user, point, verb)
    if not form.is_valid() and wants_reason:
        return _value_page(request, point, {verb: form})
    why = form.cleaned_data.get("why", "")
    if taken := act(request, lambda: _take(point, verb, by=request.user, why=why)):
        sentence = _("The value is now: %(status)s.") % {"status": point.get_status_display()}
        say_sent(request, sentence, taken.result)
    return redirect("projects:value", code, pk)


def _take(point: DataPoint, verb: str, *, by: User, why: str) -> NoticeReceipt:
    if verb == "return":
        return return_value(point, by=by, why=why)
    if verb == "approve":
        approve_value(point, by=by, exception=why)
    else:
        take_step(point, verb, by=by, why=why)
    return NoticeReceipt()


def value_form(request: Request, point: DataPoint, kinds: list[str]) -> ValueForm:
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    enters_for_others = may_edit_values(request.user, point.indicator.result.project)
    return ValueForm(*data, instance=point, kinds=kinds, enters_for_others=enters_for_others)


def _keep_file(request: Request, form: ValueForm) -> None:
    if checked := form.cleaned_data.get("file"):
        add_evidence(form.instance, checked, by=request.user)


@READ_OR_SAVE
def value_create(request: Request, code: str, pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    indicator = visible_indicator(project, pk)
    ask(
        may_enter_actual(request.user, indicator),
        _("Only coordination, monitoring and the responsible institution can enter values."),
    )
    kinds = DataPoint.Kind.values
    if not may_edit_values(request.user, project):
        kinds = [DataPoint.Kind.ACTUAL]
    kind = request.GET.get("kind")
    point = DataPoint(indicator=indicator, kind=kind if kind in kinds else DataPoint.Kind.ACTUAL)
    if not works_for(request.user, project):
        point.given_by_id = indicator.responsible_id
    form = value_form(request, point, kinds)
    if request.method == "POST" and form.is_valid() and form.save_entry(by=request.user):
        _keep_file(request, form)
        sentence = _("The value was saved as a draft. Submit it once it is right.")
        page = "value-cells" if indicator.dimension_id else "value"
        undo = reverse_in(project, "value-delete", point.pk)
        page = reverse_in(project, page, point.pk)
        return saved(request, sentence, page, undo=undo, made_at=indicator)
    return form_page(
        request,
        form,
        title=_("New value"),
        intro=str(indicator),
        crumbs=value_crumbs(point),
    )


@READ_OR_SAVE
def value_edit(request: Request, code: str, pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    point = visible_value(request.user, project, pk)
    ask(may_edit_value(request.user, point))
    row = locked(request, DataPoint.objects.filter(pk=point.pk)).get()
    row.indicator, row.period = point.indicator, point.period
    page = reverse_in(project, "value", point.pk)
    if row.status != DataPoint.Status.DRAFT:
        messages.error(request, _("Only a draft can be edited: this value was submitted."))
        return redirect(page)
    form = value_form(request, row, [row.kind])
    if request.method == "POST" and form.is_valid() and form.save_entry(by=request.user):
        _keep_file(request, form)
        return saved(request, _("The value was saved."), page)
    return form_page(
        request,
        form,
        title=_("Edit the value"),
        intro=str(point),
        back=page,
        crumbs=value_crumbs(point),
        delete_url=reverse_in(project, "value-delete", point.pk),
    )


@READ_OR_SAVE
def value_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = visible_project(request.user, code)
    point = visible_value(request.user, project, pk)
    ask(may_edit_value(request.user, point))
    row = locked(request, DataPoint.objects.filter(pk=point.pk)).get()
    page = reverse_in(project, "value", point.pk)
    if row.status != DataPoint.Status.DRAFT:
        messages.error(request, _("Only a draft can be deleted: this value was submitted."))
        return redirect(page)
    row.indicator = point.indicator
    if request.method == "POST":
        empty_value(row)
    return delete_page(
        request,
        row,
        back=page,
        done=point.indicator.get_absolute_url(),
        crumbs=value_crumbs(point),
    )


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
