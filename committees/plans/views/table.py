"""The table in which the coordination writes a plan fast: each row is edited in place.

Every part is a page of its own too: without JavaScript the whole table comes back with one row
open; htmx takes that row alone.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from committees.models import ActionPlan, ActionTerms
from committees.permissions.plans import plans_visible_in
from committees.plans.forms.plans import CopyPlanForm
from committees.plans.forms.table import ActionDatesForm, CarryOverForm, RowForm
from committees.plans.services.board import board_of
from committees.plans.services.writing import (
    copy_actions,
    duplicate,
    left_over,
    move,
    plan_before,
    siblings_of,
)
from committees.plans.views.parts import plan_trail
from committees.plans.views.writing import (
    number_or_404,
    plan_to_write,
    result_asked,
    terms_closed,
)
from kernel.pages import READ_OR_SAVE, Request, act, form_page, posted, saved
from kernel.sent_forms import counted_once
from projects.permissions.roles import roles_everywhere


@require_safe
def plan_write(request: Request, pk: int) -> HttpResponse:
    """Show the table; `?edit=` opens a row, `?new` an empty one (of `?result=`)."""
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    if "edit" in request.GET:
        terms = row_or_404(plan, number_or_404(request.GET["edit"]))
        form = RowForm(instance=terms)
        return answer(request, plan, form)
    if "row" in request.GET and request.htmx:  # a row that is left as it was
        terms = row_or_404(plan, number_or_404(request.GET["row"]))
        return row_part(request, terms, focus=True)
    if "new" in request.GET:
        form = RowForm(instance=ActionTerms(plan=plan), result=result_asked(request, plan))
        return answer(request, plan, form)
    return table(request, plan)


@require_POST
@counted_once
def row_create(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    form = RowForm(request.POST, instance=ActionTerms(plan=plan))
    if not (form.is_valid() and act(form, form.record)):
        return answer(request, plan, form)
    terms = form.instance
    if request.htmx:  # the row, and the next empty one below it
        form = RowForm(instance=ActionTerms(plan=plan), result=terms.result)
        return row_part(request, row_or_404(plan, terms.pk), form=form)
    query = f"&result={terms.result_id}" if terms.result_id else ""
    return redirect(f"{reverse('committees:plan-write', args=[plan.pk])}?new=1{query}#row-new")


@require_POST
@counted_once
def row_edit(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = row_or_404(plan, terms_pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    form = RowForm(request.POST, instance=terms)
    if not (form.is_valid() and act(form, form.record)):
        return answer(request, plan, form)
    if request.htmx and "result" not in form.changed_data:
        return row_part(request, row_or_404(plan, terms_pk), focus=True)
    if request.htmx:  # it lies among other actions now: the table is read anew
        return HttpResponse(status=204, headers={"HX-Redirect": row_url(plan, terms_pk)})
    return redirect(row_url(plan, terms_pk))


@require_POST
@counted_once
def row_duplicate(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = row_or_404(plan, terms_pk)
    if not (copy := act(request, lambda: duplicate(terms))):
        return redirect("committees:plan-write", pk)
    url, key = reverse("committees:plan-write", args=[plan.pk]), copy.result.pk
    return redirect(f"{url}?edit={key}#row-{key}")


@require_POST
def row_move(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = row_or_404(plan, terms_pk)
    act(request, lambda: move(terms, -1 if "up" in request.POST else 1))
    return redirect(row_url(plan, terms_pk))


@require_POST
@counted_once
def plan_dates(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    form = ActionDatesForm(
        posted(request), plan=plan, keys=list(plan.terms.values_list("pk", flat=True))
    )
    if not (form.is_valid() and (changed := act(form, form.record))):
        return table(request, plan, dates=form)
    sentence = ngettext(
        "The dates of %(number)s action were changed.",
        "The dates of %(number)s actions were changed.",
        changed.result,
    )
    return saved(request, sentence % {"number": changed.result}, "committees:plan-write", pk)


@READ_OR_SAVE
def plan_carry_over(request: Request, pk: int) -> HttpResponse:
    """Take over what last year left unfinished into this plan, as the same actions."""
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    rows = left_over(plan)
    form = CarryOverForm(posted(request), plan=plan, rows=rows)
    if form.is_valid() and act(form, form.record):
        sentence = _("They are in the plan. Check their dates.")
        return saved(request, sentence, "committees:plan-write", pk)
    return form_page(
        request,
        form,
        title=_("Unfinished actions of last year"),
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("Take over"),
        template="committees/plan_carry_over.html",
        plan=plan,
        rows=rows,
        before=plan_before(plan),
    )


@READ_OR_SAVE
def plan_copy(request: Request, pk: int) -> HttpResponse:
    """Copy the actions of another plan into this one."""
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    plans = plans_visible_in(request.user, roles_everywhere(request.user))
    form = CopyPlanForm(posted(request), plan=plan, plans=plans)
    if form.is_valid() and (copied := act(form, lambda: copy_actions(plan, **form.cleaned_data))):
        sentence = ngettext(
            "%(count)d action was copied. Check its dates and who is responsible.",
            "%(count)d actions were copied. Check their dates and who is responsible.",
            copied.result,
        )
        return saved(request, sentence % {"count": copied.result}, "committees:plan-write", pk)
    return form_page(
        request,
        form,
        title=_("Copy another plan"),
        intro=_(
            "Its actions are added to this plan, with their dates moved into this year. "
            "Results and indicators with the same code are kept; the budget of another "
            "project is not copied."
        ),
        back=plan,
        crumbs=plan_trail(plan),
        submit=_("Copy the actions"),
    )


# The parts of these views


def row_or_404(plan: ActionPlan, pk: int) -> ActionTerms:
    terms = get_object_or_404(plan.terms.with_related(), pk=pk)
    terms.plan = plan
    return terms


def row_url(plan: ActionPlan, pk: int) -> str:
    return f"{reverse('committees:plan-write', args=[plan.pk])}#row-{pk}"


def answer(request: Request, plan: ActionPlan, form: RowForm) -> HttpResponse:
    """Answer with the open row: alone for htmx, else within the whole table."""
    if request.htmx:
        context = {"plan": plan, "form": form, "terms": form.instance}
        return render(request, "committees/plan_row_form.html", context)
    return table(request, plan, form=form)


def row_part(request: Request, terms: ActionTerms, **more: Any) -> HttpResponse:
    siblings = siblings_of(terms)
    context = {
        "plan": terms.plan,
        "terms": terms,
        "is_first": terms == siblings[0],
        "is_last": terms == siblings[-1],
        **more,
    }
    return render(request, "committees/plan_row.html", context)


def table(
    request: Request,
    plan: ActionPlan,
    *,
    form: RowForm | None = None,
    dates: ActionDatesForm | None = None,
) -> HttpResponse:
    board = board_of(plan, [])
    shown = {group.result.pk for group in board.groups if group.result}
    opened = form.instance.pk if form else None
    new_result = str(form["result"].value() or "") if form and opened is None else None
    context = {
        "plan": plan,
        "project": plan.project,
        "board": board,
        "form": form,
        "opened": opened,
        "is_new": form is not None and opened is None,
        "new_result": new_result,
        "new_below": new_result == "" and all(group.result for group in board.groups),
        "dates": dates or ActionDatesForm(plan=plan, keys=[]),
        "chosen": set(dates["rows"].value() or ()) if dates else set(),
        "others": [one for one in plan.project.results.all() if one.pk not in shown],
        "has_left_over": bool(left_over(plan)),
        "title": _("Write the plan"),
        "place_title": plan,
        "crumbs": plan_trail(plan),
    }
    return render(request, "committees/plan_write.html", context)
