"""Pages on which plans are read: the list, and a plan with its actions, positions and history."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from committees.models import ActionPlan
from committees.models.plan import ActionPlanQuerySet
from committees.permissions.amounts import amounts_read
from committees.permissions.plans import answers_read, plans_visible_in
from committees.permissions.roles import may_see_history, may_see_names
from committees.plans.chain import mentions_of
from committees.plans.forms.plans import PlanFilterForm
from committees.plans.services.board import board_of, counted
from committees.plans.services.comparison import compare_versions
from committees.plans.services.history import plan_history_entries
from committees.plans.services.proposals import by_field
from committees.plans.services.reading import read_plan, shifted_terms, terms_shown
from committees.plans.services.sheet import WIDTHS, sheet_head, sheet_rows
from committees.plans.views.board import BoardReader, shown_board
from committees.plans.views.parts import asked_of, name_of, plan_context, plan_or_404
from kernel.addresses import addresses
from kernel.pages import Request, page_of_keys
from kernel.prepared import prepared
from kernel.sheets import excel_sheet
from kernel.sorting import RowOrders, SortedRows, by_label, written
from kernel.text import columns_of
from projects.choosing import links_shown
from projects.models import Project
from projects.models.project import ProjectQuerySet
from projects.pages import Chain, in_project, no_chain, visible_project
from projects.permissions.roles import edited_projects, reads_full_names, roles_everywhere

IN_ORDER = ("project__code", "-period__start", "-version")
ORDERS: RowOrders = {
    "plan": "period__start",
    "project": lambda: written("project__short_title"),
    "status": lambda: by_label("status", dict(ActionPlan.Status.choices)),
}


@require_safe
def plan_list(request: Request, code: str = "") -> HttpResponse:
    """List the plans of all projects, or of one."""
    project = visible_project(request.user, code) if code else None
    projects = roles_everywhere(request.user)
    form = PlanFilterForm(request.GET, projects=projects)
    if project:
        form.stay_in(project)
    plans = form.narrow(plans_visible_in(request.user, projects))
    sorting = SortedRows(request, ORDERS)
    page = page_of_keys(request, sorting.of(plans.order_by(*IN_ORDER)), _plans_to_list)
    edited = form.narrowed(edited_projects(request.user))
    writable = _writable(edited, links_shown(edited))
    plan_url, new_url = addresses("committees:plan"), addresses("committees:plan-create")
    context = {
        "form": form,
        "page": page,
        "sorting": sorting,
        "rows": [(plan, plan_url(plan.pk)) for plan in page],
        "writable": [(one, new_url(one.code)) for one in writable],
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        **in_project(request.user, project, "plans"),
    }
    return render(request, "committees/plan_list.html", context)


@prepared
def _plans_to_list(keys: list[int]) -> ActionPlanQuerySet:
    return ActionPlan.objects.filter(pk__in=keys).to_list()


@prepared
def _writable(projects: list[int], number: str) -> ProjectQuerySet:
    """Return the first of the projects in which a plan may be begun."""
    running = Project.objects.filter(pk__in=projects).exclude(status__in=Project.OVER)
    return running.only("code", *columns_of("short_title"))[: int(number)]


@require_safe
def plan_detail(
    request: Request,
    pk: int,
    *,
    template: str = "committees/plan_detail.html",
    chain: Chain = no_chain,
) -> HttpResponse:
    user, plan = request.user, plan_or_404(request.user, pk)
    overview = read_plan(plan, to_compare=True, reads=answers_read(user, plan))
    amounts = amounts_read(user, plan.project)
    changes = compare_versions(plan, overview.terms, amounts=amounts)
    board = board_of(
        plan,
        overview.answers.remarks,
        own={institution.pk for institution in asked_of(user, overview)},
        terms=overview.terms,
        changes=changes.by_action if changes else None,
        proposals=by_field(overview.answers.proposals, overview.terms, overview.institutions),
    )
    context = plan_context(request, overview, "actions", count=board.count)
    mentions = mentions_of(user, plan.project, plan=plan) if plan.has_subjects else []
    context |= {"board": board, "mentions": mentions}
    shifted = shifted_terms(plan) if plan.is_validated else frozenset()
    reader = BoardReader(
        context["may_review"], context["may_edit"], shifted=shifted, amounts=amounts
    )
    context |= shown_board(request, plan, board, reader)
    return render(request, template, context | chain(request.user, plan))


@require_safe
def plan_sheet(request: Request, pk: int) -> HttpResponse:
    """Hand out the plan as a sheet to read."""
    plan = plan_or_404(request.user, pk)
    groups = board_of(plan, [], terms=terms_shown(plan)).groups
    rows = sheet_rows(groups, amounts_read(request.user, plan.project))
    content = excel_sheet(plan.title, sheet_head(plan), rows, WIDTHS)
    full = reads_full_names(request.user, plan.project)
    name = name_of(plan, "plan") if full else f"plan-{plan.period.number}"
    return handed_out(request, content, name, thing=plan, what="sheet")


@require_safe
def plan_changes(request: Request, pk: int) -> HttpResponse:
    """Show the differences from the version before; the first version has no such page."""
    plan = plan_or_404(request.user, pk)
    overview = read_plan(plan, to_compare=True)
    amounts = amounts_read(request.user, plan.project)
    changes = compare_versions(plan, overview.terms, amounts=amounts)
    if changes is None:
        raise Http404
    context = plan_context(request, overview, "changes", count=len(overview.terms))
    return render(request, "committees/plan_changes.html", context | {"changes": changes})


@require_safe
def plan_positions(request: Request, pk: int) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    overview = read_plan(plan, with_terms=False)
    context = plan_context(request, overview, "positions", count=plan.terms.count())
    if not context["asked"] and not context["sees_all"]:
        raise Http404
    context["counted"] = counted(context["review_statuses"], is_open=plan.review_is_open)
    return render(request, "committees/plan_positions.html", context)


@require_safe
def plan_history(request: Request, pk: int) -> HttpResponse:
    plan = plan_or_404(request.user, pk)
    if not may_see_history(request.user, plan.project):
        raise Http404
    entries = plan_history_entries(plan, show_names=may_see_names(request.user, plan.project))
    overview = read_plan(plan, with_terms=False)
    context = plan_context(request, overview, "history", count=plan.terms.count())
    return render(request, "committees/plan_history.html", context | {"entries": entries})
