"""Pages of results and indicators."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.pages import (
    READ_OR_SAVE,
    Crumbs,
    Request,
    delete_page,
    locked,
    posted,
    save_page,
    trail,
)
from projects.framework.figures import by_period
from projects.framework.forms.results import IndicatorForm, ResultForm
from projects.framework.numbering import next_code
from projects.framework.services.workbooks import lock_tree
from projects.framework.tree import IndicatorStanding, indicator_standing, result_order
from projects.framework.views.logic_model import logic_crumbs
from projects.models import DataPoint, Indicator, Project, Result
from projects.pages import Chain, editable_project, no_chain, reverse_in, visible_project
from projects.permissions.roles import may_edit, works_for
from projects.permissions.values import (
    may_edit_values,
    may_enter_actual,
    may_see_small_counts,
    visible_values,
)


@require_safe
def result(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/result.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = visible_project(request.user, code)
    result = get_object_or_404(project.results.select_related("parent"), pk=pk)
    below = project.donor_preset.below(result.level)
    points = list(
        visible_values(request.user, project)
        .filter(indicator__result=result)
        .select_related("period")
    )
    small_counts = may_see_small_counts(request.user, project)
    indicators = [
        _standing(indicator, points, small_counts) for indicator in result.indicators.all()
    ]
    edits = may_edit(request.user, project)
    create_url = f"{reverse_in(project, 'indicator-create')}?result={result.pk}"
    context = {
        "project": project,
        "result": result,
        "create_url": create_url if edits else "",
        "children": sorted(result.children.all(), key=result_order),
        "adds": below[0].name if below else "",
        "indicators": indicators,
        "activities": list(result.activities.select_related("project")),
        "crumbs": logic_crumbs(project),
        "may_edit": edits,
    }
    return render(request, template, context | chain(request.user, result))


def _standing(
    indicator: Indicator, points: list[DataPoint], small_counts: bool
) -> IndicatorStanding:
    own = [point for point in points if point.indicator_id == indicator.pk]
    return indicator_standing(indicator, own, small_counts=small_counts)


@READ_OR_SAVE
def result_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_project(request.user, code)
    if request.method == "POST":
        lock_tree(project)
    if pk is not None:
        result = get_object_or_404(locked(request, project.results.all()), pk=pk)
        crumbs = logic_crumbs(project, (str(result), result.get_absolute_url()))
    else:
        parent = project.results.filter(pk=_primary_key(request.GET.get("parent"))).first()
        result = Result(project=project, parent=parent, level=_level(request, project, parent))
        result.code = next_code(project, result.level, parent)
        crumbs = logic_crumbs(project)
    form = ResultForm(posted(request), instance=result)
    return save_page(
        request,
        form,
        sentence=_("The result was saved."),
        to=result,
        remove=lambda: reverse_in(project, "result-delete", result.pk),
        title=_("Edit the result") if pk else _("New result"),
        crumbs=crumbs,
    )


def _level(request: Request, project: Project, parent: Result | None) -> str:
    """Return the level that was asked for, or else the one below the parent, or else the top
    one."""
    preset, asked = project.donor_preset, request.GET.get("level", "")
    below = preset.below(parent.level if parent else preset.top.key)
    if asked in {level.key for level in preset.results}:
        return asked
    return below[0].key if below else preset.top.key


@READ_OR_SAVE
def result_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    if request.method == "POST":
        lock_tree(project)
    result = get_object_or_404(project.results, pk=pk)
    return delete_page(
        request,
        result,
        back=result.get_absolute_url(),
        done=reverse_in(project, "logic-model"),
        crumbs=logic_crumbs(project),
    )


INDICATOR_SHOWN = ("result", "responsible", "dimension", "second_dimension")


def visible_indicator(project: Project, pk: int) -> Indicator:
    indicators = Indicator.objects.filter(result__project=project)
    indicator = get_object_or_404(indicators.select_related(*INDICATOR_SHOWN), pk=pk)
    indicator.result.project = project
    return indicator


@require_safe
def indicator(
    request: Request,
    code: str,
    pk: int,
    *,
    template: str = "projects/indicator.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    project = visible_project(request.user, code)
    indicator = visible_indicator(project, pk)
    user = request.user
    points = list(
        visible_values(user, project)
        .filter(indicator=indicator)
        .with_cells()
        .select_related("entered_by")
    )
    # Whoever enters the values knows them; for others the rules of small counts apply.
    may_enter = may_enter_actual(user, indicator)
    small_counts = may_enter or may_see_small_counts(user, project)
    approved = [point for point in points if point.status == DataPoint.Status.APPROVED]
    context = {
        "project": project,
        "indicator": indicator,
        "now": indicator_standing(indicator, points, small_counts=small_counts),
        "rows": by_period(indicator, approved, small_counts=small_counts),
        "points": [point for point in points if point.is_total],
        "may_open_values": works_for(user, project) or may_enter,
        "activities": list(indicator.result.activities.all()),
        "crumbs": _result_crumbs(indicator),
        "may_edit": may_edit(user, project),
        "may_enter": may_enter,
        "may_edit_values": may_edit_values(user, project),
    }
    return render(request, template, context | chain(user, indicator))


def _result_crumbs(indicator: Indicator) -> Crumbs:
    result = indicator.result
    return logic_crumbs(result.project, (result.code, result.get_absolute_url()))


@READ_OR_SAVE
def indicator_form(request: Request, code: str, pk: int | None = None) -> HttpResponse:
    project = editable_project(request.user, code)
    if pk is not None:
        rows = locked(request, Indicator.objects.filter(result__project=project))
        indicator = get_object_or_404(rows.select_related("result__project"), pk=pk)
        crumbs = [*_result_crumbs(indicator), *trail(indicator)]
    else:
        chosen = project.results.filter(pk=_primary_key(request.GET.get("result"))).first()
        indicator = Indicator(result=chosen) if chosen else Indicator()
        crumbs = _result_crumbs(indicator) if chosen else trail(project)
    form = IndicatorForm(posted(request), instance=indicator, project=project)
    return save_page(
        request,
        form,
        sentence=_("The indicator was saved."),
        to=indicator,
        title=_("Edit the indicator") if pk else _("New indicator"),
        crumbs=crumbs,
        remove=lambda: reverse_in(project, "indicator-delete", indicator.pk),
    )


@READ_OR_SAVE
def indicator_delete(request: Request, code: str, pk: int) -> HttpResponse:
    project = editable_project(request.user, code)
    indicator = visible_indicator(project, pk)
    return delete_page(
        request,
        indicator,
        back=indicator.get_absolute_url(),
        done=indicator.result.get_absolute_url(),
        crumbs=_result_crumbs(indicator),
    )


def _primary_key(text: str | None) -> int:
    """Read the primary key in an address; anything else gives 0, which no row has."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0
