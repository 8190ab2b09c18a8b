"""Pages on which the coordination writes a plan: a new plan or version, and its actions."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from committees.models import Action, ActionPlan, ActionTerms, Resolution
from committees.permissions.plans import may_create_plan, may_edit_plan, plans_visible_in
from committees.permissions.resolutions import visible_resolutions
from committees.plans.forms.plans import ActionForm, PlanForm
from committees.plans.services.beginning import begin_plan
from committees.plans.services.lifecycle import remove_action
from committees.plans.services.writing import left_over
from committees.plans.views.parts import plan_or_404, plan_trail
from kernel.pages import READ_OR_SAVE, Request, act, ask, form_page, posted, saved, trail
from projects.models import Project, Result
from projects.pages import reverse_in
from projects.permissions.roles import roles_everywhere


@READ_OR_SAVE
def plan_create(request: Request, code: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), code=code)
    ask(may_create_plan(request.user, project))

    initial = {"period": request.GET.get("period", "")}
    plans = plans_visible_in(request.user, roles_everywhere(request.user))
    form = PlanForm(posted(request), initial=initial, project=project, plans=plans)
    if form.is_valid():
        period = form.cleaned_data["period"]
        if not (
            begun := act(request, lambda: begin_plan(period, **form.beginning, by=request.user))
        ):
            return redirect(period.plans.order_by("-version").first() or request.path)
        plan = begun.result
        messages.success(request, _("%(plan)s was started.") % {"plan": plan})
        return redirect(f"committees:plan-{'carry-over' if left_over(plan) else 'write'}", plan.pk)
    plans_page = reverse_in(project, "plans")
    return form_page(
        request,
        form,
        title=_("New action plan"),
        back=plans_page,
        crumbs=trail(project, (_("Action plans"), plans_page)),
        submit=_("Start the plan"),
        template="committees/plan_form.html",
        project=project,
        has_years=form.has_years,
    )


@READ_OR_SAVE
def action_create(request: Request, pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    origin = origin_asked(request, plan)
    result = result_asked(request, plan)
    form = ActionForm(
        posted(request),
        instance=ActionTerms(plan=plan),
        initial={"origin": origin.pk if origin else None},
        user=request.user,
        result=result,
    )
    if form.is_valid() and (made := act(form, form.record)):
        sentence = _("Action %(reference)s is in the plan.")
        return action_saved(request, plan, made.result, sentence)
    return action_page(request, plan, form, title=_("New action"), origin=origin)


@READ_OR_SAVE
def action_edit(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    if not plan.terms_are_open:
        return terms_closed(request, plan)
    terms.plan = plan
    form = ActionForm(posted(request), instance=terms, user=request.user)
    if form.is_valid() and (changed := act(form, form.record)):
        sentence = _("Action %(reference)s was changed.")
        return action_saved(request, plan, changed.result, sentence)
    return action_page(request, plan, form, title=str(terms.action))


@READ_OR_SAVE
def action_remove(request: Request, pk: int, terms_pk: int) -> HttpResponse:
    plan = plan_to_write(request.user, pk)
    terms = get_object_or_404(plan.terms.with_related(), pk=terms_pk)
    if request.method != "POST":
        return render(request, "committees/action_remove.html", {"plan": plan, "terms": terms})

    if act(request, lambda: remove_action(terms)):
        sentence = _("Action %(reference)s was removed from this version.")
        messages.success(request, sentence % {"reference": terms.action.reference})
    return redirect(plan)


@require_safe
def action_from_resolution(request: Request, pk: int) -> HttpResponse:
    """Turn a resolution into an action of the one plan that is open to writing, or of the one that
    the coordination chooses."""
    resolution = get_object_or_404(
        Resolution.objects.of_visible_projects(request.user).select_related("committee__project"),
        pk=pk,
    )
    project = resolution.committee.project
    if not visible_resolutions(request.user, project).filter(pk=pk).exists():
        raise Http404
    ask(may_create_plan(request.user, project))

    plans = list(project.plans.open_to_writing().with_related())
    if len(plans) == 1:
        return redirect(f"{reverse('committees:action-create', args=[plans[0].pk])}?origin={pk}")
    context = {"resolution": resolution, "project": project, "plans": plans}
    return render(request, "committees/action_from.html", context)


# The parts of these views


def plan_to_write(user: User, pk: int) -> ActionPlan:
    plan = plan_or_404(user, pk)
    ask(may_edit_plan(user, plan))
    return plan


def action_page(
    request: Request,
    plan: ActionPlan,
    form: ActionForm,
    *,
    title: str,
    origin: Resolution | None = None,
) -> HttpResponse:
    return form_page(
        request,
        form,
        title=title,
        back=plan,
        crumbs=plan_trail(plan),
        template="committees/action_form.html",
        plan=plan,
        origin=origin,
    )


def action_saved(request: Request, plan: ActionPlan, action: Action, sentence: str) -> HttpResponse:
    return saved(request, sentence % {"reference": action.reference}, plan.url_of(action.pk))


def terms_closed(request: Request, plan: ActionPlan) -> HttpResponse:
    messages.error(request, plan.why_terms_are_closed)
    return redirect(plan)


def origin_asked(request: Request, plan: ActionPlan) -> Resolution | None:
    """Return the resolution of `?origin=`, if the person sees it in this project."""
    if "origin" not in request.GET:
        return None
    seen = visible_resolutions(request.user, plan.project).adopted()
    origin: Resolution = get_object_or_404(seen, pk=number_or_404(request.GET["origin"]))
    return origin


def result_asked(request: Request, plan: ActionPlan) -> Result | None:
    if "result" not in request.GET:
        return None
    return get_object_or_404(plan.project.results, pk=number_or_404(request.GET["result"]))


def number_or_404(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
