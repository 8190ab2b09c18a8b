"""Pages on which plans are read: the list, and a plan with its actions, positions and history."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.exports import handed_out
from committees.models import Action, ActionPlan, ActionTerms
from committees.models.plan import ActionPlanQuerySet
from committees.permissions.amounts import NO_AMOUNT, AmountsRead, amounts_read
from committees.permissions.plans import answers_read, plans_visible_in
from committees.permissions.roles import may_see_history, may_see_names
from committees.plans.chain import mentions_of
from committees.plans.forms.plans import PlanFilterForm
from committees.plans.services.board import (
    WIDTHS,
    BoardGroup,
    BoardRow,
    PlanBoard,
    board_of,
    counted,
    plan_history_entries,
    sheet_head,
    sheet_rows,
)
from committees.plans.services.comparison import compare_versions
from committees.plans.services.proposals import by_field
from committees.plans.services.reading import read_plan, shifted_terms, terms_shown
from committees.plans.views.parts import asked_of, name_of, plan_context, plan_or_404
from committees.records import ProjectsList
from kernel.addresses import addresses
from kernel.cells import Action as Button, Cell, Chip, Column
from kernel.formats import day_in_table, number
from kernel.pages import Request
from kernel.sheets import excel_sheet
from kernel.sorting import SortedLines, by_label, written
from kernel.templatetags.kernel_tags import lang_of
from kernel.text import columns_of
from projects.choosing import links_shown
from projects.models import Project
from projects.pages import Chain
from projects.permissions.roles import reads_full_names

PER_PAGE = 150
ACTION_ORDERS = {
    "responsible": lambda each: str(each[1].terms.responsible),
    "end": lambda each: each[1].terms.ends_on,
    "progress": lambda each: each[1].terms.action.share_done,
}
# In a longer plan the rarer links are only on the pages of the actions.
LONG = 40
Status = ActionPlan.Status
# The label of a link, and its address for an action.
Tool = tuple[str, Callable[[ActionTerms], str]]
STOPPED = frozenset({Action.Status.BLOCKED, Action.Status.CANCELLED})
TONE_OF_CHANGE = {"added": "ok", "removed": "bad"}


@dataclass(frozen=True)
class BoardReader:
    """What the reader of a board may do; `token` is that of the link by which they came, if any.

    `shifted` are the keys of the terms whose dates were shifted.
    """

    may_review: bool
    may_edit: bool = False
    token: str = ""
    shifted: Collection[int] = frozenset()
    amounts: AmountsRead = NO_AMOUNT


def shown_board(
    request: HttpRequest, plan: ActionPlan, board: PlanBoard, reader: BoardReader
) -> dict[str, Any]:
    """Return `groups` for `committees/plan_board.html`, the `page` of a long plan that the address
    names, by its number or by an action (`?action=`), and the amounts that the reader may know.
    Sorted, the actions are one group; `orders` are the ways to sort them."""
    sorting = SortedLines(request, ACTION_ORDERS)
    all_rows = [(group, row) for group in board.groups for row in group.rows]
    terms, amounts = [row.terms for _, row in all_rows], reader.amounts
    all_rows = sorting.of(all_rows)
    paginator = Paginator(all_rows, PER_PAGE)
    page = paginator.get_page(request.GET.get("page") or _page_of(request, all_rows))
    rows = _Rows(plan, board, reader)
    groups: dict[int, dict[str, Any]] = {}
    for group, row in page.object_list:
        key = 0 if sorting.name else id(group)
        if key not in groups:
            groups[key] = {"rows": []} if sorting.name else _head(group, amounts)
        shown = groups[key]
        shown["rows"].append(rows.row(row))
    return {
        "groups": list(groups.values()),
        "orders": _orders(sorting) if len(all_rows) > 1 else [],
        "page": page,
        "shows_amounts": amounts.reads_any(terms),
        "total": amounts.total(terms),
        "without_amount": sum(one.budget is None for one in terms),
    }


def _head(group: BoardGroup, amounts: AmountsRead) -> dict[str, Any]:
    return {
        "is_result": True,
        "result": group.result,
        "total": amounts.total(row.terms for row in group.rows),
        "lang": lang_of(group.result, "statement") if group.result else "",
        "rows": [],
    }


def _orders(sorting: SortedLines[tuple[BoardGroup, BoardRow]]) -> list[tuple[str, str, bool]]:
    """Return the label and the address of each way to sort the actions, and whether it is chosen."""
    labels = {"": _("Result"), "responsible": _("Responsible"), "end": _("End")}
    labels["progress"] = _("Progress")
    found = []
    for name, label in labels.items():
        is_chosen = sorting.name == name
        turned = name and is_chosen and not sorting.descends
        found.append((label, f"?sort={'-' * bool(turned)}{name}", is_chosen))
    return found


def _page_of(request: HttpRequest, rows: list[tuple[BoardGroup, BoardRow]]) -> int:
    """Return the number of the page with the action that the address names, or else the first."""
    action = request.GET.get("action", "")
    place = next((n for n, (_, row) in enumerate(rows) if str(row.terms.action_id) == action), 0)
    return 1 + place // PER_PAGE


class _Rows:
    """Makes the rows of one board."""

    def __init__(self, plan: ActionPlan, board: PlanBoard, reader: BoardReader) -> None:
        self.reader, self.today = reader, timezone.localdate()
        self.tools = _tools_in_review(plan, board, reader)
        self.follow_up = [] if reader.token else _tools_in_execution(plan, board, reader)

    def row(self, row: BoardRow) -> dict[str, Any]:
        terms = row.terms
        late = terms.late_on(self.today)
        tools = self.tools
        if self.reader.may_edit or row.is_responsible:
            tools = [*tools, *self.follow_up]
        return {
            "terms": terms,
            "chips": _chips(row, late),
            "more": row if row.change or row.proposals or row.remarks else None,
            "tools": [(label, address(terms)) for label, address in tools],
            "budget": terms.budget if self.reader.amounts.reads(terms) else None,
            "is_shifted": terms.pk in self.reader.shifted,
            "late": late,
        }


def _chips(row: BoardRow, late: int) -> list[tuple[str, str]]:
    """Return the tone, or the status that has one, and the label of each chip."""
    action, found = row.terms.action, []
    if late:
        label = ngettext("%(days)s day late", "%(days)s days late", late)
        found.append(("bad", label % {"days": late}))
    if row.is_mine:
        found.append(("info", _("Your institution")))
    if action.status in STOPPED:
        found.append((action.status, action.get_status_display()))
    if row.change:
        found.append((TONE_OF_CHANGE.get(row.change.kind, "warn"), row.change.label))
    return found


def _tools_in_review(plan: ActionPlan, board: PlanBoard, reader: BoardReader) -> list[Tool]:
    """Return what institutions say of an action, and what the coordination changes."""
    tools: list[Tool] = []
    if reader.may_review:
        kind, of = ("plan-link", reader.token) if reader.token else ("plan", plan.pk)
        remark = reverse(f"committees:{kind}-remark", args=[of])
        tools.append((pgettext("verb", "Comment"), lambda one: f"{remark}?action={one.action_id}"))
        tools.append((_("Propose a change"), _of_action(f"{kind}-propose", of)))
    if not reader.may_edit:
        return tools
    if plan.status == Status.IN_REVIEW:
        tools.append((_("Enter a proposal"), _of_action("plan-enter-proposal", plan.pk)))
    if plan.terms_are_open:
        tools.append((_("Edit"), _of_terms("action-edit", plan.pk)))
        if board.count <= LONG:
            tools.append((_("Remove"), _of_terms("action-remove", plan.pk)))
    return tools


def _tools_in_execution(plan: ActionPlan, board: PlanBoard, reader: BoardReader) -> list[Tool]:
    """Return what is noted of an action that is under way."""
    if plan.status != Status.IN_EXECUTION:
        return []
    tools = [(_("Note the progress"), _of_action("action-progress"))]
    if reader.may_edit and board.count <= LONG:
        tools.append((pgettext("verb", "Shift"), _of_terms("action-shift", plan.pk)))
    return tools


def _of_action(view: str, *before: object) -> Callable[[ActionTerms], str]:
    address = addresses(f"committees:{view}", *before)
    return lambda terms: address(terms.action_id)


def _of_terms(view: str, *before: object) -> Callable[[ActionTerms], str]:
    address = addresses(f"committees:{view}", *before)
    return lambda terms: address(terms.pk)


class PlanPages(ProjectsList[ActionPlan]):
    """The list of the plans of all projects, or of one."""

    model, name, names = ActionPlan, "plan", "plans"
    title, new_label = gettext_lazy("Action plans"), gettext_lazy("Start a plan")
    filter_class = PlanFilterForm
    empty_title = gettext_lazy("No action plan yet")
    empty_text = gettext_lazy("A plan appears here as soon as it is open to your institution.")
    empty_text_to_begin = gettext_lazy(
        "Start the plan of a project year: add its actions, then open it to the institutions."
    )
    no_match_title = gettext_lazy("No plan matches")
    no_match_text = gettext_lazy("Choose another project or status.")

    def rows(self) -> ActionPlanQuerySet:
        found = plans_visible_in(self.request.user, self.projects)
        return found.to_list().order_by("project__code", "-period__start", "-version", "pk")

    def columns(self) -> list[Column]:
        url, statuses = addresses("committees:plan"), dict(ActionPlan.Status.choices)
        columns = [
            Column("plan", _("Plan"), lambda plan: name_cell(plan, url(plan.pk)), "period__start"),
            Column(
                "project",
                _("Project"),
                lambda plan: plan.project,
                lambda: written("project__short_title"),
            ),
            Column("status", _("Status"), status_cell, lambda: by_label("status", statuses)),
            Column("actions", _("Actions"), lambda plan: plan.actions_count, css="num"),
            Column("answers", _("Answers"), lambda plan: plan.answers_count, css="num"),
        ]
        return [each for each in columns if each.name != "project" or not self.place]

    @cached_property
    def beginnings(self) -> list[Cell]:
        running = Project.objects.filter(pk__in=self.edited).exclude(status__in=Project.OVER)
        shown = running.only("code", *columns_of("short_title"))[: int(links_shown(self.edited))]
        url = addresses("committees:plan-create")
        return [Cell(one, url(one.code)) for one in shown]

    def counted(self, total: int) -> str:
        return ngettext("%(number)s plan", "%(number)s plans", total) % {"number": number(total)}

    def actions(self) -> list[Button]:
        if self.place:
            return super().actions()
        return [Button(_("To do"), reverse("committees:actions"))]


def name_cell(plan: ActionPlan, url: str) -> Cell:
    version = _("version %(version)s") % {"version": plan.version}
    return Cell(plan.title, url, notes=[version], key=plan.period.start.isoformat())


def status_cell(plan: ActionPlan) -> Cell:
    notes = []
    if plan.review_is_open:
        notes = [_("until %(day)s") % {"day": day_in_table(plan.review_until)}]
    elif plan.review_is_over:
        notes = [_("ended on %(day)s") % {"day": day_in_table(plan.review_until)}]
    return Cell(chips=[Chip(plan.get_status_display(), plan.status)], notes=notes)


@require_safe
def plan_detail(request: Request, pk: int, template: str, chain: Chain) -> HttpResponse:
    """`template` and `chain` come with the address, from an app above this one."""
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
